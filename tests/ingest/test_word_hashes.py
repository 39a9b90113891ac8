"""Tests of the hashes of words."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.ingest.slow_sketches import slow_mix, slow_sketch, slow_text_hash, slow_word_hash
from tests.ingest.texts import RAW_TEXTS, raw_array, text_arrays, texts_of

from cautery.ingest.word_hashes import (
    BYTE_VALUES,
    IS_WORD,
    fold,
    hash_texts,
    hash_words,
    mix,
    text_buffers,
)

WORDS = st.one_of(
    st.text("abz09é語", min_size=1, max_size=12),
    st.from_regex(rb"[a-z\x80-\xff]{1,12}", fullmatch=True),
)
GAPS = st.text(" \n.,-_'\0", min_size=1, max_size=4)


def encoded(word: str | bytes) -> bytes:
    return word.encode() if isinstance(word, str) else word


@given(texts=text_arrays())
def test_hashes_equal_the_slow_ones(texts: Any) -> None:
    """Prefix sums over a whole batch give what hashing each word by itself gives."""
    found = hash_words(texts)
    slow = [slow_sketch(text).words for text in texts_of(texts)]
    assert found.hashes.tolist() == [word for words in slow for word in words]
    assert found.text_index.tolist() == [at for at, words in enumerate(slow) for _ in words]
    assert np.diff(found.first_word).tolist() == [len(words) for words in slow]
    assert found.first_word[0] == 0


@given(word=WORDS.map(encoded), before=RAW_TEXTS, gap=GAPS.map(str.encode), after=RAW_TEXTS)
def test_a_word_hashes_alike_wherever_it_stands(
    word: bytes, before: bytes, gap: bytes, after: bytes
) -> None:
    """What stands before and after a word, in its own text and in others, does not count."""
    found = hash_words(raw_array([before, before + gap + word + gap + after, word, after]))
    place = found.first_word[1] + hash_words(raw_array([before])).hashes.size
    assert found.hashes[place] == found.hashes[found.first_word[2]] == slow_word_hash(word)


@given(parts=st.lists(WORDS.map(encoded), min_size=1, max_size=8))
def test_the_end_of_a_text_ends_a_word(parts: list[bytes]) -> None:
    """Texts that lie wall to wall in memory do not run together, though no gap is between."""
    found = hash_words(raw_array([b"", *parts, b""]))
    assert found.hashes.tolist() == [slow_word_hash(part) for part in parts]
    assert found.text_index.tolist() == list(range(1, len(parts) + 1))


@given(cut=st.integers(0, 12))
def test_a_slice_ends_words_too(cut: int) -> None:
    """A slice sees nothing of the texts around it in the same memory."""
    whole = pa.array(["ab", "", "c d", "", "efg"] * 3, pa.large_string())
    part = whole.slice(cut, 3)
    apart = pa.array(part.to_pylist(), pa.large_string())
    left, right = hash_words(part), hash_words(apart)
    assert left.hashes.tolist() == right.hashes.tolist()
    assert left.first_word.tolist() == right.first_word.tolist()


def test_different_words_hash_apart() -> None:
    """A hundred thousand short words give as many hashes, their order of letters included."""
    words = [f"{number:x}" for number in range(100_000)]
    found = hash_words(pa.array([" ".join(words), "ab ba"], pa.large_string()))
    assert len(set(found.hashes.tolist())) == 100_000
    assert found.text_index.tolist()[-2:] == [1, 1]
    assert found.hashes[-1] != found.hashes[-2]


def test_what_a_word_is() -> None:
    """ASCII letters, digits and every byte beyond ASCII belong to words, nothing else does."""
    ascii_words = {ord(letter) for letter in "0123456789abcdefghijklmnopqrstuvwxyz"}
    ascii_words |= {ord(chr(code).upper()) for code in ascii_words}
    assert set(np.flatnonzero(IS_WORD).tolist()) == ascii_words | set(range(128, 256))


def test_byte_values_come_from_the_raw_stream() -> None:
    """The values are the generator's bare bits, which no release of NumPy may change."""
    assert (np.random.PCG64(0xCA07E21).random_raw(256) == BYTE_VALUES).all()
    assert len(set(BYTE_VALUES.tolist())) == 256


@given(values=st.lists(st.integers(0, 2**64 - 1), max_size=20))
def test_mixing_equals_the_slow_one(values: list[int]) -> None:
    """Whole arrays are scrambled as single numbers are."""
    assert mix(np.array(values, dtype=np.uint64)).tolist() == [slow_mix(each) for each in values]


@given(texts=text_arrays())
def test_buffers_hold_the_texts(texts: Any) -> None:
    """Bytes and offsets give the texts of the array back, however it was sliced."""
    data, offsets = text_buffers(texts)
    raw = data.tobytes()
    cut = [raw[start:stop] for start, stop in pairwise(offsets.tolist())]
    assert cut == texts_of(texts)
    assert offsets[0] == 0
    assert len(raw) == offsets[-1]


@given(texts=text_arrays())
def test_hashes_of_whole_texts_equal_the_slow_ones(texts: Any) -> None:
    """Every text, any bytes and any slice of them, hashes as it does by itself."""
    assert hash_texts(texts).tolist() == [slow_text_hash(text) for text in texts_of(texts)]


def test_length_and_order_count() -> None:
    """Texts that differ by a byte of any value, by their order or their end hash apart."""
    texts = [b"", b"\0", b"\0\0", b"a", b"a\0", b"\0a", b"ab", b"ba", b"ab ", b" ab", b"AB"]
    assert len(set(hash_texts(raw_array(texts)).tolist())) == len(texts)
    longer = [b"a" * length for length in range(2_000)]
    assert len(set(hash_texts(raw_array(longer)).tolist())) == len(longer)


def test_no_texts_have_no_hashes() -> None:
    """An empty array is fine, and so is one whose texts are all empty."""
    assert hash_texts(raw_array([])).tolist() == []
    assert hash_texts(raw_array([b"", b""])).tolist() == [slow_text_hash(b"")] * 2


@given(text=st.text(max_size=40), head=st.integers(0, 12), tail=st.integers(1, 12))
def test_folding_cuts_the_middle(text: str, head: int, tail: int) -> None:
    """A long text keeps both ends in whole characters, a short one all of it, in lower case."""
    whole = text
    if len(text) > head + tail:
        whole = text[:head] + " " + text[-tail:]
    folded = fold(pa.array([text], pa.string()), head, tail)
    assert folded.type == pa.large_string()
    assert folded.to_pylist() == [pc.utf8_lower(whole).as_py()]
    assert len(folded[0].as_py()) <= head + tail + 1


@pytest.mark.parametrize("kind", [pa.string(), pa.large_string(), pa.null()])
def test_folding_nothing(kind: Any) -> None:
    """Nulls become empty texts, and none of them are lost."""
    assert fold(pa.nulls(3, kind), 4, 4).to_pylist() == ["", "", ""]
    assert fold(pa.nulls(0, kind), 4, 4).to_pylist() == []
