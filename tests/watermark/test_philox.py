from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.watermark.scalar_reference import philox

from cautery.watermark.philox import chosen_word, scramble

WORD = st.integers(0, 2**32 - 1)

KNOWN_ANSWERS = (
    ("00000000 00000000 00000000 00000000", "00000000 00000000",
     "6627e8d5 e169c58d bc57ac4c 9b00dbd8"),
    ("ffffffff ffffffff ffffffff ffffffff", "ffffffff ffffffff",
     "408f276d 41c83b0e a20bc7c6 6d5451fd"),
    ("243f6a88 85a308d3 13198a2e 03707344", "a4093822 299f31d0",
     "d16cfe09 94fdcceb 5001e420 24126ea1"),
)  # fmt: skip
"""Counter, key and words from the authors' own file of known answers (Random123)."""


def words_of(text: str) -> list[int]:
    return [int(word, 16) for word in text.split()]


def run(counter: list[int], key: list[int]) -> list[int]:
    even = np.array([[counter[0]], [counter[2]]], dtype=np.uint64)
    odd = np.array([[counter[1]], [counter[3]]], dtype=np.uint64)
    scramble(even, odd, np.array([[key[0]], [key[1]]], dtype=np.uint64))
    return [int(one) for one in (even[0, 0], odd[0, 0], even[1, 0], odd[1, 0])]


@pytest.mark.parametrize(("counter", "key", "words"), KNOWN_ANSWERS)
def test_known_answers(counter: str, key: str, words: str) -> None:
    """The generator gives the words that its authors published."""
    assert run(words_of(counter), words_of(key)) == words_of(words)
    assert philox(words_of(counter), words_of(key)) == words_of(words)


@given(st.lists(WORD, min_size=4, max_size=4), st.lists(WORD, min_size=2, max_size=2))
def test_arrays_equal_plain_numbers(counter: list[int], key: list[int]) -> None:
    """Any counter and key give the same words as plain whole numbers do."""
    assert run(counter, key) == philox(counter, key)


def test_chosen_word_takes_each_of_the_four() -> None:
    """Places 0 to 3 are the words in their order."""
    even = np.array([[10] * 4, [12] * 4], dtype=np.uint64)
    odd = np.array([[11] * 4, [13] * 4], dtype=np.uint64)
    which = np.arange(4, dtype=np.uint64)
    assert chosen_word(even, odd, which).tolist() == [10, 11, 12, 13]
