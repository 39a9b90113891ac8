"""The sketches in compiled code, for long logs: what ``shingles`` gives, many times faster.

Needs the ``fast`` extra (Numba). Every function here has its reference in NumPy or RE2, and
property tests hold them equal; nothing that leaves this module tells which of the two ran.
"""

from __future__ import annotations

from typing import Any, Final, NamedTuple

import numpy as np
import pyarrow as pa
from numba import njit
from numpy.typing import NDArray

from cautery.ingest.shingles import (
    FACTORS,
    MOST_SHINGLES,
    POSITION_SALTS,
    SHINGLE_WORDS,
    THRESHOLD,
    Sketches,
)
from cautery.ingest.word_hashes import BASE, BYTE_VALUES, IS_WORD, powers_of, text_buffers


class Tables(NamedTuple):
    """Constants of the sketches; arguments, as compiled code is cached by its own file alone."""

    word_bits: NDArray[np.uint64]
    """All bits for a byte of a word, none for another, shape (256,)."""
    byte_values: NDArray[np.uint64]
    factors: NDArray[np.uint64]
    salts: NDArray[np.uint64]
    threshold: np.uint64
    shingle_words: int
    most_shingles: int


class Work(NamedTuple):
    """Room for one text, and powers of the base for the longest word in it."""

    powers: NDArray[np.uint64]
    words: NDArray[np.uint64]
    body: NDArray[np.uint64]
    kept: NDArray[np.uint32]


class Found(NamedTuple):
    """Room for the sketches of a batch."""

    sums: NDArray[np.uint64]
    word_counts: NDArray[np.int64]
    ends: NDArray[np.int32]
    shingles: NDArray[np.uint32]


ENDS: Final = len(POSITION_SALTS)
"""Shingles of a text's head and tail."""
TABLES: Final = Tables(
    word_bits=np.where(IS_WORD, np.uint64(2**64 - 1), np.uint64(0)),
    byte_values=BYTE_VALUES,
    factors=FACTORS,
    salts=np.array(POSITION_SALTS, dtype=np.uint64),
    threshold=np.uint64(THRESHOLD),
    shingle_words=SHINGLE_WORDS,
    most_shingles=MOST_SHINGLES,
)
compiled: Any = njit(cache=True, nogil=True)


@compiled
def _mix(value: Any) -> Any:
    out = value ^ (value >> np.uint64(30))
    out = out * np.uint64(0xBF58476D1CE4E5B9)
    out = out ^ (out >> np.uint64(27))
    out = out * np.uint64(0x94D049BB133111EB)
    return out ^ (out >> np.uint64(31))


@compiled
def _hash_words(data: Any, start: Any, stop: Any, tables: Any, work: Any) -> Any:
    """Hash the words of one text into ``words``; return their number.

    Without branches: where words end is guessed wrongly once a word.
    """
    words, powers = work.words, work.powers
    count = np.int64(0)
    inside = np.uint64(0)
    total = np.uint64(0)
    length = np.uint64(0)
    for place in range(start, stop):
        byte = data[place]
        bits = tables.word_bits[byte]
        words[count] = total
        count += np.int64(inside & ~bits & np.uint64(1))
        total = (total + tables.byte_values[byte] * powers[length]) & bits
        length = (length + np.uint64(1)) & bits
        inside = bits
    words[count] = total
    count += np.int64(inside & np.uint64(1))
    for word in range(count):
        words[word] = _mix(words[word])
    return count


@compiled
def _combined(words: Any, start: Any, length: Any, factors: Any) -> Any:
    total = np.uint64(0)
    for step in range(length):
        total = _mix(total * factors[step % 4] + words[start + step])
    return total


@compiled
def _sample_shingles(count: Any, tables: Any, work: Any) -> Any:
    """Write the shingles below the threshold into ``body``; return their number.

    ``_combined`` of four words written out, which is most of the work on a text.
    """
    words, body = work.words, work.body
    second, third, fourth = tables.factors[1], tables.factors[2], tables.factors[3]
    size = 0
    for start in range(count - 3):
        hashed = _mix(_mix(words[start]) * second + words[start + 1])
        hashed = _mix(_mix(hashed * third + words[start + 2]) * fourth + words[start + 3])
        # Without a branch, which would be guessed wrongly one time in six.
        body[size] = hashed
        size += 1 if hashed < tables.threshold else 0
    return size


@compiled
def _sort_few(values: Any, size: Any) -> None:
    """Sort the first values by insertion: there are 44 at most."""
    for place in range(1, size):
        value = values[place]
        before = place - 1
        while before >= 0 and values[before] > value:
            values[before + 1] = values[before]
            before -= 1
        values[before + 1] = value


@compiled
def _keep_shingles(count: Any, tables: Any, work: Any) -> Any:
    """Write the distinct ascending shingles of one text into ``kept``; return their number."""
    size = _sample_shingles(count, tables, work)
    if size > tables.most_shingles:
        work.body[:size].sort()
        size = tables.most_shingles
    for place in range(size):
        work.kept[place] = np.uint32(work.body[place] & np.uint64(0xFFFFFFFF))
    for edge in range(4):  # head and tail of one shingle, then of two
        span = tables.shingle_words if edge < 2 else 2 * tables.shingle_words
        if count >= span:
            start = count - span if edge % 2 else 0
            hashed = _mix(_combined(work.words, start, span, tables.factors) ^ tables.salts[edge])
            work.kept[size] = np.uint32(hashed & np.uint64(0xFFFFFFFF))
            size += 1
    _sort_few(work.kept, size)
    distinct = 0
    for place in range(size):
        if place == 0 or work.kept[place] != work.kept[place - 1]:
            work.kept[distinct] = work.kept[place]
            distinct += 1
    return distinct


@compiled
def _sketch_all(data: Any, offsets: Any, tables: Any, work: Any, found: Any) -> Any:
    """Sketch every text; return the number of shingles."""
    written = 0
    for text in range(offsets.size - 1):
        count = _hash_words(data, offsets[text], offsets[text + 1], tables, work)
        total = np.uint64(0)
        for place in range(count):
            total += _mix(work.words[place] + _mix(np.uint64(place)))
        found.sums[text] = total
        found.word_counts[text] = count
        size = _keep_shingles(count, tables, work)
        for place in range(size):
            found.shingles[written + place] = work.kept[place]
        written += size
        found.ends[text + 1] = written
    return written


def sketch_texts(texts: pa.LargeStringArray) -> Sketches:
    """Sketch folded texts; the compiled twin of ``shingles.sketch_texts``.

    Args:
        texts: Lower-cased texts without nulls, of bounded length.

    Returns:
        Shingles, sums of word hashes and numbers of words.
    """
    data, offsets = text_buffers(texts)
    size = len(texts)
    most_bytes = int(np.diff(offsets).max(initial=0))
    # Between two words stands at least one byte that belongs to none.
    most_words = most_bytes // 2 + 1
    work = Work(
        powers=powers_of(BASE, most_bytes + 1),
        words=np.empty(most_words, dtype=np.uint64),
        body=np.empty(most_words, dtype=np.uint64),
        kept=np.empty(MOST_SHINGLES + ENDS, dtype=np.uint32),
    )
    found = Found(
        sums=np.zeros(size, dtype=np.uint64),
        word_counts=np.zeros(size, dtype=np.int64),
        ends=np.zeros(size + 1, dtype=np.int32),
        shingles=np.empty(size * (MOST_SHINGLES + ENDS), dtype=np.uint32),
    )
    written = _sketch_all(data, offsets, TABLES, work, found)
    values = pa.array(found.shingles[:written].copy().view(np.int32), pa.int32())
    shingles = pa.ListArray.from_arrays(pa.array(found.ends, pa.int32()), values)
    return Sketches(shingles=shingles, sums=found.sums, word_counts=found.word_counts)
