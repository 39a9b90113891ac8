from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.watermark import scalar_reference

from cautery.watermark import murmur
from cautery.watermark.murmur import context_hashes, keyed_hashes

TOKEN = st.integers(0, 2**32 - 1)


@given(st.lists(TOKEN, min_size=1, max_size=12), TOKEN, st.integers(0, 2**64 - 1))
def test_arrays_equal_plain_numbers(context: list[int], token: int, key: int) -> None:
    """Any context, token and key give the hash that plain whole numbers give."""
    hashed = context_hashes(np.array([context]))
    assert int(hashed[0]) == scalar_reference.murmur(context)
    found = keyed_hashes(hashed, np.array([token]), np.array([key], dtype=np.uint64))
    assert int(found[0, 0]) == scalar_reference.sglang_hash(context, token, key)


def test_blocks_do_not_show(monkeypatch: pytest.MonkeyPatch) -> None:
    """How keys are cut into blocks changes nothing."""
    generator = np.random.default_rng(0)
    hashed = context_hashes(generator.integers(0, 9, (20, 3)))
    token = generator.integers(0, 9, 20)
    keys = generator.integers(0, 2**64, size=15, dtype=np.uint64)
    whole = keyed_hashes(hashed, token, keys)
    monkeypatch.setattr(murmur, "PAIRS_AT_ONCE", 60)
    assert np.array_equal(keyed_hashes(hashed, token, keys), whole)
