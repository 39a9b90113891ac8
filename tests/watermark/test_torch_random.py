from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from tests.watermark.hf_reference import drawn, permutation

from cautery.watermark.torch_random import permutation_head, random_bits, random_words


def test_words_are_the_mersenne_twisters() -> None:
    """Across two renewals of the state, after seeds whose upper bits do not count."""
    for seed in (0, 1, 2**32 - 1, 2**40 + 7):
        assert random_words(seed, 1500).tolist() == drawn(seed, 1500)


def test_bits_are_torchs() -> None:
    """torch.manual_seed(2026); torch.randint(0, 2, (16,)), written down from torch 2.13.0."""
    assert random_bits(2026, 16).tolist() == [1, 0, 0, 0, 1, 1, 1, 0, 0, 1, 1, 1, 0, 0, 0, 0]


def test_permutation_is_torchs() -> None:
    """torch.randperm(1000003) after the seed 15485863, first ones, written down likewise."""
    assert permutation_head(15485863, 1_000_003, 5).tolist() == [
        138280,
        994103,
        467886,
        915329,
        149437,
    ]


@given(
    seed=st.integers(0, 2**64 - 1),
    size=st.integers(1, 400),
    share=st.floats(0.0, 1.0),
)
def test_head_is_the_shuffles(seed: int, size: int, share: float) -> None:
    """Links between steps give what swapping gives, also for whole small permutations."""
    count = min(max(1, int(size * share)), size)
    assert permutation_head(seed, size, count).tolist() == permutation(seed, size, count)


def test_whole_permutation_has_every_entry() -> None:
    """Nothing is lost or doubled when all entries are asked for."""
    assert np.array_equal(np.sort(permutation_head(3, 5000, 5000)), np.arange(5000))
