from __future__ import annotations

import random

from hypothesis import given
from hypothesis import strategies as st

from cautery.guard.state_seen import SeenLately


@given(hashes=st.lists(st.integers(0, 2**64 - 1), max_size=90))
def test_what_was_seen_is_never_new(hashes: list[int]) -> None:
    """Among the last things of a generation there is no false *new*."""
    seen = SeenLately(100)
    for one in hashes:
        seen.add(one)
    assert not any(seen.add(one) for one in hashes)


def test_few_new_things_are_taken_for_seen() -> None:
    """At most one in forty in two full generations."""
    seen = SeenLately(20_000)
    draw = random.Random(3)
    new = [seen.add(draw.getrandbits(64)) for _ in range(80_000)]
    assert sum(new) > 80_000 * 39 / 40


def test_memory_is_fixed_and_old_things_are_forgotten() -> None:
    """After two generations a thing is new again."""
    seen = SeenLately(1_000)
    before = seen.memory_bytes
    seen.add(7)
    draw = random.Random(4)
    for _ in range(5_000):
        seen.add(draw.getrandbits(64))
    assert seen.add(7)
    assert seen.memory_bytes == before
