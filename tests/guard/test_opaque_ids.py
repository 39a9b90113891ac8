from __future__ import annotations

import os

import pytest

from cautery.guard.opaque_ids import OpaqueIds


def test_no_identifier_comes_twice() -> None:
    """Over several draws of random bytes, and in no order."""
    ids = OpaqueIds(os.urandom)
    drawn = [ids.draw() for _ in range(2_000)]
    assert len(set(drawn)) == 2_000
    assert sorted(drawn) != drawn


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs os.fork")
def test_a_forked_process_draws_its_own() -> None:
    """What was drawn before a fork is not given by both."""
    ids = OpaqueIds(os.urandom)
    ids.draw()
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        os.write(writing, ids.draw().encode())
        os._exit(0)
    os.waitpid(child, 0)
    other = os.read(reading, 100).decode()
    os.close(reading)
    os.close(writing)
    assert len(other) == 34
    assert other not in {ids.draw() for _ in range(255)}
