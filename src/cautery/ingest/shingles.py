"""Shingles and hashes of texts in NumPy: the reference that compiled code must equal.

Shingles are hashes of four words in a row. A shingle is kept if its hash falls below a fixed
share of the range (sampling *0 mod p*, Manber 1994; Schleimer, Wilkerson and Aiken 2003): the
same words are kept in every text, whatever stands around them, which a bottom-k sketch does not
give. The first and last words are always kept, as the frame of a template mostly stands there.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from cautery.ingest.word_hashes import WordHashes, hash_words, mix, text_buffers

SHINGLE_WORDS: Final = 4
"""Words in a shingle: three join by everyday phrases, five miss short templates."""
SAMPLED_SHARE: Final = 1 / 6
"""Part of the hash range that is kept; 40 words give about 6 shingles and the four ends."""
THRESHOLD: Final = int(SAMPLED_SHARE * 2**64)
MOST_SHINGLES: Final = 40
"""Bound on the shingles of one text; the lowest hashes stay."""
PIECE_BYTES: Final = 2**20
"""Text that is sketched at once: each byte costs some forty bytes of work arrays."""

POSITION_SALTS: Final = (
    np.uint64(0x1F83D9ABFB41BD6B),  # head, 4 words
    np.uint64(0x5BE0CD19137E2179),  # tail, 4 words
    np.uint64(0x9B05688C2B3E6C1F),  # head, 8 words
    np.uint64(0x3C6EF372FE94F82B),  # tail, 8 words
)
FACTORS: Final = np.array(
    [0xD6E8FEB86659FD93, 0xA0761D6478BD642F, 0xE7037ED1A0B428DB, 0x8EBC6AF09C88C6E3],
    dtype=np.uint64,
)


def _combine(
    words: NDArray[np.uint64], starts: NDArray[np.int64], length: int
) -> NDArray[np.uint64]:
    """Hash ``length`` words in a row from each start."""
    total = np.zeros(starts.size, dtype=np.uint64)
    for step in range(length):
        total = mix(total * FACTORS[step % 4] + words[starts + step])
    return total


def _sampled(words: WordHashes) -> tuple[NDArray[np.int64], NDArray[np.uint64]]:
    """Body shingles below the threshold, as (text, hash), at most MOST_SHINGLES a text."""
    size = words.hashes.size - SHINGLE_WORDS + 1
    if size <= 0:
        return np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.uint64)
    starts = np.flatnonzero(words.text_index[:size] == words.text_index[SHINGLE_WORDS - 1 :])
    hashes = _combine(words.hashes, starts, SHINGLE_WORDS)
    kept = hashes < np.uint64(THRESHOLD)
    texts, hashes = words.text_index[starts][kept], hashes[kept]
    counts = np.bincount(texts, minlength=words.first_word.size - 1)
    if counts.size and counts.max() > MOST_SHINGLES:
        order = np.lexsort((hashes, texts))
        texts, hashes = texts[order], hashes[order]
        rank = np.arange(texts.size) - np.repeat(np.cumsum(counts) - counts, counts)
        texts, hashes = texts[rank < MOST_SHINGLES], hashes[rank < MOST_SHINGLES]
    return texts, hashes


def _ends(words: WordHashes) -> tuple[NDArray[np.int64], NDArray[np.uint64]]:
    """Head and tail shingles, salted by place so that they never equal a body shingle."""
    lengths = np.diff(words.first_word)
    texts: list[NDArray[np.int64]] = []
    hashes: list[NDArray[np.uint64]] = []
    for salt, span, at_tail in zip(
        POSITION_SALTS, (4, 4, 8, 8), (False, True, False, True), strict=True
    ):
        held = np.flatnonzero(lengths >= span)
        edge = words.first_word[1:][held] - span if at_tail else words.first_word[:-1][held]
        texts.append(held)
        hashes.append(mix(_combine(words.hashes, edge, span) ^ salt))
    return np.concatenate(texts), np.concatenate(hashes)


def shingle_lists(words: WordHashes) -> pa.ListArray:
    """Sample the shingles of every text.

    Args:
        words: Hashed words of a batch of texts.

    Returns:
        One list of distinct, ascending 32-bit hashes a text; empty for a text under four words.
    """
    body, ends = _sampled(words), _ends(words)
    texts = np.concatenate([body[0], ends[0]])
    hashes = (np.concatenate([body[1], ends[1]]) & np.uint64(0xFFFFFFFF)).astype(np.uint32)
    keys = np.unique((texts.astype(np.uint64) << np.uint64(32)) | hashes)
    text_of_key = (keys >> np.uint64(32)).astype(np.int64)
    offsets = np.searchsorted(text_of_key, np.arange(words.first_word.size))
    values = (keys & np.uint64(0xFFFFFFFF)).astype(np.uint32).view(np.int32)
    return pa.ListArray.from_arrays(pa.array(offsets, pa.int32()), pa.array(values, pa.int32()))


@dataclass(frozen=True, slots=True, kw_only=True)
class Sketches:
    """What is kept of a batch of texts."""

    shingles: pa.ListArray
    """Distinct, ascending 32-bit hashes of each text."""
    sums: NDArray[np.uint64]
    """Hash of the words of each text in their order."""
    word_counts: NDArray[np.int64]
    """Words of each text."""


def word_sums(words: WordHashes) -> NDArray[np.uint64]:
    """Hash the words of every text in their order.

    Args:
        words: Hashed words of a batch of texts.

    Returns:
        One hash a text; equal words in equal order give an equal hash.
    """
    place = np.arange(words.hashes.size) - words.first_word[words.text_index]
    terms = mix(words.hashes + mix(place.astype(np.uint64)))
    sums = np.zeros(words.hashes.size + 1, dtype=np.uint64)
    np.cumsum(terms, out=sums[1:])
    return np.asarray(sums[words.first_word[1:]] - sums[words.first_word[:-1]], dtype=np.uint64)


def sketch_texts(texts: pa.LargeStringArray) -> Sketches:
    """Sketch folded texts.

    Args:
        texts: Lower-cased texts without nulls, of bounded length.

    Returns:
        Shingles, sums of word hashes and numbers of words.
    """
    parts = [_sketched(piece) for piece in _pieces(texts)]
    return Sketches(
        shingles=pa.concat_arrays([part.shingles for part in parts]),
        sums=np.concatenate([part.sums for part in parts]),
        word_counts=np.concatenate([part.word_counts for part in parts]),
    )


def _pieces(texts: pa.LargeStringArray) -> Iterator[pa.LargeStringArray]:
    """Cut texts into runs that fit into the processor's cache together."""
    bounds = text_buffers(texts)[1][1:] // PIECE_BYTES
    cuts = [0, *(np.flatnonzero(np.diff(bounds)) + 1).tolist(), len(texts)]
    for start, stop in pairwise(cuts):
        yield texts.slice(start, stop - start)


def _sketched(texts: pa.LargeStringArray) -> Sketches:
    words = hash_words(texts)
    return Sketches(
        shingles=shingle_lists(words), sums=word_sums(words), word_counts=np.diff(words.first_word)
    )
