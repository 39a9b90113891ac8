"""Sketches: what the scan needs to know of a text, computed once, so that the text may go.

Stage A of the method. A sketch holds no words, but a short text can be guessed from its hash by
trying candidates: treat sketches as personal data.

Shingles are hashes of four words in a row. A shingle is kept if its hash falls below a fixed
share of the range (sampling *0 mod p*, Manber 1994; Schleimer, Wilkerson and Aiken 2003): the
same words are kept in every text, whatever stands around them, which a bottom-k sketch does not
give. The first and last words are always kept, as the frame of a template mostly stands there.
"""

from __future__ import annotations

from itertools import pairwise
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from cautery.ingest.intents import intent_flags
from cautery.ingest.networks import client_networks
from cautery.ingest.word_hashes import WordHashes, fold, hash_words, mix

SKETCH_VERSION: Final = "1"
"""Changes when the same text would give another sketch; older sketches are then made anew."""
SHINGLE_WORDS: Final = 4
"""Words in a shingle: three join by everyday phrases, five miss short templates."""
SAMPLED_SHARE: Final = 1 / 6
"""Part of the hash range that is kept; 40 words give about 6 shingles and the four ends."""
MOST_SHINGLES: Final = 40
"""Bound on the shingles of one text; the lowest hashes stay."""
HEAD_CHARACTERS: Final = 6_000
TAIL_CHARACTERS: Final = 2_000
"""Longer texts lose their middle: a bound on the cost of one hostile line."""
PIECE_BYTES: Final = 2**20
"""Text that is sketched at once: each byte costs some forty bytes of work arrays."""

_POSITION_SALTS: Final = (
    np.uint64(0x1F83D9ABFB41BD6B),  # head, 4 words
    np.uint64(0x5BE0CD19137E2179),  # tail, 4 words
    np.uint64(0x9B05688C2B3E6C1F),  # head, 8 words
    np.uint64(0x3C6EF372FE94F82B),  # tail, 8 words
)
_FACTORS: Final = np.array(
    [0xD6E8FEB86659FD93, 0xA0761D6478BD642F, 0xE7037ED1A0B428DB, 0x8EBC6AF09C88C6E3],
    dtype=np.uint64,
)


def _combine(
    words: NDArray[np.uint64], starts: NDArray[np.int64], length: int
) -> NDArray[np.uint64]:
    """Hash ``length`` words in a row from each start."""
    total = np.zeros(starts.size, dtype=np.uint64)
    for step in range(length):
        total = mix(total * _FACTORS[step % 4] + words[starts + step])
    return total


def _sampled(words: WordHashes) -> tuple[NDArray[np.int64], NDArray[np.uint64]]:
    """Body shingles below the threshold, as (text, hash), at most MOST_SHINGLES a text."""
    size = words.hashes.size - SHINGLE_WORDS + 1
    if size <= 0:
        return np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.uint64)
    starts = np.flatnonzero(words.text_index[:size] == words.text_index[SHINGLE_WORDS - 1 :])
    hashes = _combine(words.hashes, starts, SHINGLE_WORDS)
    kept = hashes < np.uint64(int(SAMPLED_SHARE * 2**64))
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
        _POSITION_SALTS, (4, 4, 8, 8), (False, True, False, True), strict=True
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


def text_hashes(words: WordHashes, lengths: NDArray[np.int64]) -> NDArray[np.int64]:
    """Hash every text as its words in order and its length.

    Args:
        words: Hashed words of a batch of texts.
        lengths: Characters of each whole text, which tells long texts with a cut middle apart.

    Returns:
        One signed 64-bit hash a text; equal words and length give an equal hash.
    """
    count = words.first_word.size - 1
    place = np.arange(words.hashes.size) - words.first_word[words.text_index]
    terms = mix(words.hashes + mix(place.astype(np.uint64)))
    sums = np.zeros(words.hashes.size + 1, dtype=np.uint64)
    np.cumsum(terms, out=sums[1:])
    totals = sums[words.first_word[1:]] - sums[words.first_word[:-1]]
    cut = np.where(lengths > HEAD_CHARACTERS + TAIL_CHARACTERS, lengths, 0).astype(np.uint64)
    hashes = mix(totals ^ mix(cut + np.uint64(1)))
    return hashes.view(np.int64)[:count]


def _masked(values: NDArray[np.int64], nulls: NDArray[np.bool_], kind: pa.DataType) -> pa.Array:
    return pa.array(values, mask=nulls).cast(kind)


def _pieces(batch: pa.RecordBatch) -> list[pa.RecordBatch]:
    """Cut a batch into runs of rows whose texts fit into the processor's cache together."""
    if batch.num_rows == 0:
        return [batch]
    sizes = np.zeros(batch.num_rows, dtype=np.int64)
    for name in ("input_text", "system_text"):
        texts = batch.column(name).cast(pa.large_string())
        lengths = pc.fill_null(pc.binary_length(texts), 0)
        limit = HEAD_CHARACTERS + TAIL_CHARACTERS
        sizes += np.minimum(lengths.to_numpy(zero_copy_only=False), limit)
    piece = np.cumsum(sizes) // PIECE_BYTES
    bounds = [0, *(np.flatnonzero(np.diff(piece)) + 1).tolist(), batch.num_rows]
    return [batch.slice(start, stop - start) for start, stop in pairwise(bounds)]


def add_sketches(batch: pa.RecordBatch) -> pa.RecordBatch:
    """Add the sketch columns to a batch of exchanges.

    Args:
        batch: Batch with the canonical columns ``input_text``, ``system_text`` and
            ``client_address`` (null where the log lacks them).

    Returns:
        The batch with the columns of ``SKETCH_COLUMNS`` appended, null where there is no text.

    Example:
        >>> columns = {"input_text": ["Tell me a long story about bees"], "system_text": [None],
        ...            "client_address": ["203.0.113.9"]}
        >>> add_sketches(pa.RecordBatch.from_pydict(columns))["client_network"][0].as_py()
        '203.0.113.0/24'
    """
    pieces = [
        sketch_columns(
            piece.column("input_text"), piece.column("system_text"), piece.column("client_address")
        )
        for piece in _pieces(batch)
    ]
    columns = {name: [piece[name] for piece in pieces] for name in pieces[0]}
    names, arrays = list(batch.schema.names), list(batch.columns)
    for name, parts in columns.items():
        array = parts[0] if len(parts) == 1 else pa.concat_arrays(parts)
        if name in names:
            arrays[names.index(name)] = array
        else:
            names.append(name)
            arrays.append(array)
    return pa.RecordBatch.from_arrays(arrays, names=names)


def sketch_columns(
    input_text: pa.Array, system_text: pa.Array, address: pa.Array
) -> dict[str, pa.Array]:
    """Compute the sketch columns from the three columns they rest on.

    Args:
        input_text: Last user turns.
        system_text: System prompts.
        address: Client addresses.

    Returns:
        Arrow arrays by column name, each as long as the arguments.
    """
    # A column without any value may come without a type.
    input_text, system_text = (
        column.cast(pa.large_string()) for column in (input_text, system_text)
    )
    user, system = (
        fold(column, HEAD_CHARACTERS, TAIL_CHARACTERS) for column in (input_text, system_text)
    )
    no_user, no_system = (
        pc.is_null(column).to_numpy(zero_copy_only=False) for column in (input_text, system_text)
    )
    lengths = pc.fill_null(pc.utf8_length(input_text), 0).cast(pa.int64()).to_numpy()
    system_lengths = pc.fill_null(pc.utf8_length(system_text), 0).cast(pa.int64()).to_numpy()
    words, system_words = hash_words(user), hash_words(system)
    shingles = shingle_lists(words)
    flags = intent_flags(user, system)
    return {
        "client_network": client_networks(address),
        "input_characters": _masked(lengths, no_user, pa.int32()),
        "input_hash": _masked(text_hashes(words, lengths), no_user, pa.int64()),
        "system_hash": _masked(
            text_hashes(system_words, system_lengths),
            no_system | (np.diff(system_words.first_word) == 0),
            pa.int64(),
        ),
        "input_shingles": pc.if_else(
            pa.array(no_user), pa.scalar(None, pa.list_(pa.int32())), shingles
        ),
        "intent_flags": _masked(flags, no_user & no_system, pa.int32()),
    }
