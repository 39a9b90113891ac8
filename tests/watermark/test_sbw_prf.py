from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.watermark import scalar_reference

from cautery.watermark import sbw_prf
from cautery.watermark.sbw_prf import left_hash_seeds, self_hash_seeds, token_hashes, words

TOKEN = st.integers(0, 2**31 - 1)
CONTEXT = st.lists(st.integers(-1, 2**31 - 1), min_size=1, max_size=9)
KEY = st.integers(1, 2**63 - 1)


@given(st.lists(st.integers(-1, 2**31 - 1), min_size=1, max_size=50))
def test_token_hash_equals_plain_numbers(tokens: list[int]) -> None:
    """The hash of a token wraps around as the engine's signed 32-bit numbers do."""
    expected = [scalar_reference.jenkins(token) for token in tokens]
    assert token_hashes(np.array(tokens)).tolist() == expected


@given(CONTEXT, TOKEN, KEY)
def test_arrays_equal_plain_numbers(context: list[int], token: int, key: int) -> None:
    """Seeds of both schemes and the word drawn are those of plain whole numbers."""
    rows, tokens, keys = np.array([context]), np.array([token]), np.array([key])
    seeds = {
        "selfhash": self_hash_seeds(rows, tokens, keys),
        "lefthash": left_hash_seeds(rows, keys),
    }
    for scheme, found in seeds.items():
        seed = scalar_reference.sbw_seed(context, token, key, scheme)
        assert int(found[0, 0]) == seed
        assert int(words(found, tokens)[0, 0]) == scalar_reference.sbw_word(seed, token)


def test_blocks_do_not_show(monkeypatch: pytest.MonkeyPatch) -> None:
    """How seeds are cut into blocks changes nothing."""
    generator = np.random.default_rng(0)
    seeds = generator.integers(-(2**63), 2**63 - 1, size=(9, 40))
    token = generator.integers(0, 50_000, size=40)
    whole = words(seeds, token)
    for pairs in (1, 13, 100):
        monkeypatch.setattr(sbw_prf, "PAIRS_AT_ONCE", pairs)
        assert np.array_equal(words(seeds, token), whole)
