from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.watermark.hf_reference import permutation

from cautery.watermark import green_lists
from cautery.watermark.green_lists import GreenLists
from cautery.watermark.torch_random import permutation_head


@given(
    seed=st.integers(0, 2**32 - 1),
    vocabulary=st.integers(2, 300),
    share=st.floats(0.01, 0.99),
)
def test_green_tokens_are_the_head_of_the_shuffle(seed: int, vocabulary: int, share: float) -> None:
    """Every token of a small vocabulary, beside the shuffle swap by swap."""
    size = max(1, int(vocabulary * share))
    tokens = np.arange(vocabulary)
    green = GreenLists(vocabulary, size).are_green(np.full(vocabulary, seed, np.uint32), tokens)
    assert np.flatnonzero(green).tolist() == sorted(permutation(seed, vocabulary, size))


def test_what_was_asked_before_is_remembered_right() -> None:
    """Answers mix known and new pairs, in any order and with repetitions."""
    lists = GreenLists(1000, 250)
    generator = np.random.default_rng(0)
    heads = {seed: set(permutation_head(seed, 1000, 250).tolist()) for seed in range(5)}
    for _ in range(20):
        seeds, tokens = generator.integers(0, 5, 40), generator.integers(0, 1000, 40)
        green = lists.are_green(seeds.astype(np.uint32), tokens)
        expected = [int(t) in heads[int(s)] for s, t in zip(seeds, tokens, strict=True)]
        assert green.tolist() == expected


def test_memory_of_pairs_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    """A long text with many pairs does not grow what is remembered."""
    monkeypatch.setattr(green_lists, "MOST_KNOWN", 50)
    lists = GreenLists(100, 25)
    for start in range(0, 400, 40):
        lists.are_green(np.full(40, start, np.uint32), np.arange(40))
        assert len(lists._known) <= 50
    lists.are_green(np.full(100, 1, np.uint32), np.arange(100))
    assert len(lists._known) <= 50


def test_no_tokens_have_no_answers() -> None:
    """An empty text."""
    nothing = GreenLists(100, 25).are_green(np.zeros(0, np.uint32), np.zeros(0, np.int64))
    assert nothing.shape == (0,)


@pytest.mark.parametrize(
    ("vocabulary", "size"),
    [(2, 1), (8, 7), (1025, 1), (2048, 1024), (5003, 3979), (50_257, 12_564), (262_144, 65_536)],
)
def test_compiled_code_gives_the_same(vocabulary: int, size: int) -> None:
    """Random seeds with several tokens each, common ones with low numbers among them."""
    compiled = pytest.importorskip("cautery.watermark.compiled_green_lists")
    generator = np.random.default_rng(vocabulary)
    count = 17 if vocabulary > 60_000 else 100
    seeds = np.unique(generator.integers(0, 2**32, count, dtype=np.uint32))
    tokens = np.minimum(generator.zipf(1.2, (len(seeds), 6)), vocabulary) - 1
    tokens[:, 0] = [permutation_head(int(seed), vocabulary, size)[-1] for seed in seeds]
    green = compiled.are_green(seeds.repeat(6), tokens.ravel(), vocabulary, size)
    plain = GreenLists(vocabulary, size).are_green(seeds.repeat(6), tokens.ravel())
    assert np.array_equal(green, plain)
    assert green.reshape(-1, 6)[:, 0].all()


def test_long_texts_take_compiled_code(monkeypatch: pytest.MonkeyPatch) -> None:
    """Above the threshold the compiled path answers, below it or without Numba NumPy does."""
    pytest.importorskip("numba")
    seeds, tokens = np.arange(40, dtype=np.uint32), np.arange(40)
    plain = GreenLists(5000, 1250).are_green(seeds, tokens)
    monkeypatch.setattr(green_lists, "COMPILED_FROM", 0)
    monkeypatch.setattr(green_lists, "swaps", None)
    assert np.array_equal(GreenLists(5000, 1250).are_green(seeds, tokens), plain)
    assert np.array_equal(GreenLists(5000, 1250).are_green_once(seeds, tokens), plain)
