from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from tests.watermark.hf_reference import fresh_contexts as plain_fresh
from tests.watermark.hf_reference import synthid_bits, synthid_hash

from cautery.watermark.synthid_hash import fresh_contexts, hashes, layer_bits
from cautery.watermark.torch_random import random_bits

NUMBERS = st.lists(st.integers(0, 2**63 - 1), min_size=1, max_size=8)


@given(numbers=NUMBERS)
def test_hash_wraps_around(numbers: list[int]) -> None:
    """Beside whole numbers cut to 64 bits."""
    assert int(hashes(np.array([numbers]))[0]) == synthid_hash(numbers)


@given(
    numbers=NUMBERS,
    keys=st.lists(st.integers(0, 2**63 - 1), min_size=1, max_size=5),
    size=st.sampled_from([2, 256, 1000, 65_536, 3**7]),
)
def test_bits_come_from_the_table(numbers: list[int], keys: list[int], size: int) -> None:
    """Powers of two, which take the short way, and other sizes, where the sign counts."""
    table = random_bits(1, size)
    bits = layer_bits(hashes(np.array([numbers])), np.array(keys, dtype=np.uint64), table)
    assert bits[:, 0].tolist() == synthid_bits(numbers, keys, table)


@given(
    contexts=st.lists(st.integers(0, 5), max_size=40),
    history=st.integers(0, 8),
)
def test_history_forgets_as_the_engine_does(contexts: list[int], history: int) -> None:
    """A list that new contexts push old ones out of, zeros at the start."""
    fresh = fresh_contexts(np.array(contexts, dtype=np.uint64), history)
    assert fresh.tolist() == plain_fresh(contexts, history)
