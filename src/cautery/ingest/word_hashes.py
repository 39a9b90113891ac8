"""Hashes of words in a whole batch of texts at once, as arrays instead of loops.

A word is a run of letters, digits or bytes above 127 of the lower-cased text. Its hash is a
polynomial in the bytes, taken from prefix sums modulo 2**64 (Karp and Rabin 1987), so that the
cost is a few array passes over the bytes and does not depend on the number of words.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

BASE: Final = np.uint64(0x9E3779B97F4A7C15)
"""Odd base of the polynomial (2**64 over the golden ratio, as in splitmix64)."""
BASE_INVERSE: Final = np.uint64(pow(0x9E3779B97F4A7C15, -1, 2**64))
"""Inverse of the base modulo 2**64: it moves a prefix-sum difference back to exponent zero."""

IS_WORD: Final = np.array([c > 127 or chr(c).isalnum() for c in range(256)], dtype=np.bool_)
BYTE_VALUES: Final = np.random.Generator(np.random.PCG64(0xCA07E21)).integers(
    1, 2**64 - 1, size=256, dtype=np.uint64, endpoint=True
)


def mix(values: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """Scramble 64-bit values so that every output bit depends on every input bit.

    Args:
        values: Array of any shape.

    Returns:
        Array of the same shape (finalizer of splitmix64, Steele, Lea and Flood 2014).
    """
    out = values ^ (values >> np.uint64(30))
    out = out * np.uint64(0xBF58476D1CE4E5B9)
    out = out ^ (out >> np.uint64(27))
    out = out * np.uint64(0x94D049BB133111EB)
    return np.asarray(out ^ (out >> np.uint64(31)), dtype=np.uint64)


@dataclass(frozen=True, slots=True, kw_only=True)
class WordHashes:
    """The words of a batch of texts, one after another."""

    hashes: NDArray[np.uint64]
    """Hash of each word."""
    text_index: NDArray[np.int64]
    """Text that each word belongs to, ascending."""
    first_word: NDArray[np.int64]
    """Index of the first word of each text; one more entry than there are texts."""


@lru_cache(maxsize=4)
def _table_of_powers(base: int, size: int) -> NDArray[np.uint64]:
    steps = np.full(size, np.uint64(base), dtype=np.uint64)
    steps[0] = np.uint64(1)
    return np.multiply.accumulate(steps)


def powers_of(base: np.uint64, count: int) -> NDArray[np.uint64]:
    """Give the powers of a base from the zeroth on; tables of a power of two in size are kept."""
    return _table_of_powers(int(base), 1 << max(count - 1, 0).bit_length())[:count]


def text_buffers(texts: pa.LargeStringArray) -> tuple[NDArray[np.uint8], NDArray[np.int64]]:
    """Look at the bytes of an array of texts.

    Args:
        texts: Texts without nulls; slices are fine.

    Returns:
        The bytes of all texts, and where each begins; one more entry than there are texts.
    """
    count = len(texts)
    if not count:
        return np.zeros(0, dtype=np.uint8), np.zeros(1, dtype=np.int64)
    offsets = np.frombuffer(texts.buffers()[1], dtype=np.int64)[
        texts.offset : texts.offset + count + 1
    ]
    start, stop = int(offsets[0]), int(offsets[-1])
    buffer = texts.buffers()[2]
    data = np.frombuffer(buffer, dtype=np.uint8)[start:stop] if buffer else np.zeros(0, np.uint8)
    return data, offsets - start


def hash_words(texts: pa.LargeStringArray) -> WordHashes:
    """Hash every word of every text.

    Args:
        texts: Lower-cased texts without nulls; the caller bounds their length.

    Returns:
        The words' hashes in order, with the text that each belongs to.

    Example:
        >>> words = hash_words(pa.array(["a b", "b"], type=pa.large_string()))
        >>> words.text_index.tolist(), bool(words.hashes[1] == words.hashes[2])
        ([0, 0, 1], True)
    """
    count = len(texts)
    data, offsets = text_buffers(texts)
    inside = IS_WORD[data]
    before = np.empty_like(inside)
    before[1:] = inside[:-1]
    if inside.size:
        before[0] = False
        # A text that begins inside a word of the buffer starts a new word.
        before[offsets[:-1][offsets[:-1] < inside.size]] = False
    starts = np.flatnonzero(inside & ~before)
    after = np.empty_like(inside)
    after[:-1] = inside[1:]
    if inside.size:
        after[-1] = False
        ends_of_texts = offsets[1:][offsets[1:] > 0] - 1
        after[ends_of_texts] = False
    ends = np.flatnonzero(inside & ~after) + 1
    terms = BYTE_VALUES[data] * powers_of(BASE, data.size)
    sums = np.zeros(data.size + 1, dtype=np.uint64)
    np.cumsum(terms, out=sums[1:])
    unscaled = sums[ends] - sums[starts]
    hashes = mix(unscaled * powers_of(BASE_INVERSE, data.size + 1)[starts])
    first_word = np.searchsorted(starts, offsets)
    text_index = np.repeat(np.arange(count, dtype=np.int64), np.diff(first_word))
    return WordHashes(hashes=hashes, text_index=text_index, first_word=first_word)


def hash_texts(texts: pa.LargeStringArray) -> NDArray[np.uint64]:
    """Hash every text, byte for byte.

    Args:
        texts: Texts without nulls, in any number and of any length.

    Returns:
        One hash a text: a polynomial in its bytes, scrambled with its length.

    Example:
        >>> one, two = hash_texts(pa.array(["ab", "ba"], type=pa.large_string()))
        >>> bool(one == two)
        False
    """
    data, offsets = text_buffers(texts)
    sums = np.zeros(data.size + 1, dtype=np.uint64)
    np.cumsum(BYTE_VALUES[data] * powers_of(BASE, data.size), out=sums[1:])
    unscaled = (sums[offsets[1:]] - sums[offsets[:-1]]) * powers_of(BASE_INVERSE, data.size + 1)[
        offsets[:-1]
    ]
    return mix(unscaled + mix(np.diff(offsets).astype(np.uint64)))


def fold(texts: pa.Array, head_characters: int, tail_characters: int) -> pa.LargeStringArray:
    """Lower-case texts, nulls as empty, and cut the middle out of long ones.

    Args:
        texts: String or large-string array.
        head_characters: Characters kept at the start of a long text.
        tail_characters: Characters kept at its end.

    Returns:
        Large-string array without nulls; no text longer than head and tail together.
    """
    whole = pc.fill_null(texts.cast(pa.large_string()), "")
    limit = head_characters + tail_characters
    # No text has more characters than bytes, and bytes need not be counted.
    if (pc.max(pc.binary_length(whole)).as_py() or 0) > limit:
        long = pc.greater(pc.utf8_length(whole), limit)
        cut = pc.binary_join_element_wise(
            pc.utf8_slice_codeunits(whole, 0, head_characters),
            pc.utf8_slice_codeunits(whole, -tail_characters),
            pa.scalar(" ", pa.large_string()),
        )
        whole = pc.if_else(long, cut, whole)
    return pc.utf8_lower(whole)
