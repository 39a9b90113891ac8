from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from tests.watermark.hf_reference import self_hash_seed

from cautery.watermark.kgw_seeds import TABLE_SIZE, left_hash_seeds, self_hash_seeds
from cautery.watermark.torch_random import permutation_head

MASK_32 = 0xFFFFFFFF


@given(
    key=st.integers(0, 2**64 - 1) | st.sampled_from([2**64 - 1, 2**32 - 1, 2**32]),
    tokens=st.lists(st.integers(0, 2**32 - 1), min_size=1, max_size=20),
)
def test_left_hash_is_a_product_modulo_all_ones(key: int, tokens: list[int]) -> None:
    """Beside whole numbers of any length, up to the largest key and token."""
    seeds = left_hash_seeds(key, np.array(tokens))
    assert seeds.tolist() == [key * token % (2**64 - 1) & MASK_32 for token in tokens]


@given(
    key=st.integers(0, 2**63 - 1),
    window=st.lists(st.integers(0, 499), min_size=1, max_size=6),
)
def test_self_hash_is_the_smallest_product(key: int, window: list[int]) -> None:
    """Beside whole numbers cut to 64 bits, with seeds below zero among them."""
    table = permutation_head(key, TABLE_SIZE, 500).tolist()
    seeds = self_hash_seeds(key, np.array([window[:-1]], int), np.array(window[-1:]), 500)
    assert seeds.tolist() == [self_hash_seed(key, window, table) & MASK_32]
