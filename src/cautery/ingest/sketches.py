"""Sketches: what the scan needs to know of a text, computed once, so that the text may go.

Stage A of the method. A sketch holds no words, but a short text can be guessed from its hash by
trying candidates: treat sketches as personal data.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from cautery.ingest.intents import SYSTEM_SHIFT, phrase_flags
from cautery.ingest.networks import client_networks
from cautery.ingest.shingles import Sketches, sketch_texts
from cautery.ingest.word_hashes import fold, mix

SKETCH_VERSION: Final = "1"
"""Changes when the same text would give another sketch; older sketches are then made anew."""
HEAD_CHARACTERS: Final = 6_000
TAIL_CHARACTERS: Final = 2_000
"""Longer texts lose their middle: a bound on the cost of one hostile line."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TextKernels:
    """The two loops over all text: in NumPy, or compiled where that is installed."""

    sketch: Callable[[pa.LargeStringArray], Sketches]
    flags: Callable[[pa.LargeStringArray], NDArray[np.int64]]


PLAIN: Final = TextKernels(sketch=sketch_texts, flags=phrase_flags)


def fastest_kernels() -> TextKernels:
    """Choose the compiled kernels if the ``fast`` extra is installed; the sketches are the same.

    Returns:
        The kernels.
    """
    try:
        from cautery.ingest import compiled, compiled_phrases
    except (ImportError, RuntimeError):
        # Numba raises the second where no folder for its cache can be written.
        return PLAIN
    return TextKernels(sketch=compiled.sketch_texts, flags=compiled_phrases.phrase_flags)


def text_hashes(sums: NDArray[np.uint64], lengths: NDArray[np.int64]) -> NDArray[np.int64]:
    """Hash every text as its words in order and its length.

    Args:
        sums: Hash of each text's words.
        lengths: Characters of each whole text, which tells long texts with a cut middle apart.

    Returns:
        One signed 64-bit hash a text; equal words and length give an equal hash.
    """
    cut = np.where(lengths > HEAD_CHARACTERS + TAIL_CHARACTERS, lengths, 0).astype(np.uint64)
    return np.asarray(mix(sums ^ mix(cut + np.uint64(1))).view(np.int64))


def _masked(values: NDArray[np.int64], nulls: NDArray[np.bool_], kind: pa.DataType) -> pa.Array:
    return pa.array(values, mask=nulls).cast(kind)


def add_sketches(batch: pa.RecordBatch, kernels: TextKernels = PLAIN) -> pa.RecordBatch:
    """Add the sketch columns to a batch of exchanges.

    Args:
        batch: Batch with the canonical columns ``input_text``, ``system_text`` and
            ``client_address`` (null where the log lacks them).
        kernels: The loops over the text.

    Returns:
        The batch with the columns of ``SKETCH_COLUMNS`` appended, null where there is no text.

    Example:
        >>> columns = {"input_text": ["Tell me a long story about bees"], "system_text": [None],
        ...            "client_address": ["203.0.113.9"]}
        >>> add_sketches(pa.RecordBatch.from_pydict(columns))["client_network"][0].as_py()
        '203.0.113.0/24'
    """
    texts = (batch.column("input_text"), batch.column("system_text"))
    columns = sketch_columns(*texts, batch.column("client_address"), kernels)
    names, arrays = list(batch.schema.names), list(batch.columns)
    for name, array in columns.items():
        if name in names:
            arrays[names.index(name)] = array
        else:
            names.append(name)
            arrays.append(array)
    return pa.RecordBatch.from_arrays(arrays, names=names)


def sketch_columns(
    input_text: pa.Array, system_text: pa.Array, address: pa.Array, kernels: TextKernels = PLAIN
) -> dict[str, pa.Array]:
    """Compute the sketch columns from the three columns they rest on.

    Args:
        input_text: Last user turns.
        system_text: System prompts; few differ, and each is looked at once.
        address: Client addresses.
        kernels: The loops over the text.

    Returns:
        Arrow arrays by column name, each as long as the arguments.
    """
    # A column without any value may come without a type.
    user = _sketched(input_text.cast(pa.large_string()), kernels)
    encoded = system_text.cast(pa.large_string()).dictionary_encode()
    no_system = pc.is_null(encoded.indices).to_numpy(zero_copy_only=False)
    system = _sketched(encoded.dictionary, kernels)
    place = pc.fill_null(encoded.indices, 0).to_numpy(zero_copy_only=False)
    shifted = np.zeros(len(place), dtype=np.int64)
    hashes, wordless = shifted.copy(), np.ones(len(place), dtype=np.bool_)
    if len(encoded.dictionary):
        hashes, wordless = system.hashes[place], system.word_counts[place] == 0
        shifted = np.where(no_system, 0, system.flags[place] << SYSTEM_SHIFT)
    nothing = pa.scalar(None, pa.list_(pa.int32()))
    return {
        "client_network": client_networks(address),
        "input_characters": _masked(user.lengths, user.nulls, pa.int32()),
        "input_hash": _masked(user.hashes, user.nulls, pa.int64()),
        "system_hash": _masked(hashes, no_system | wordless, pa.int64()),
        "input_shingles": pc.if_else(pa.array(user.nulls), nothing, user.shingles),
        "intent_flags": _masked(user.flags | shifted, user.nulls & no_system, pa.int32()),
    }


@dataclass(frozen=True, slots=True, kw_only=True)
class _Sketched:
    """Sketches of one column of texts."""

    nulls: NDArray[np.bool_]
    lengths: NDArray[np.int64]
    hashes: NDArray[np.int64]
    word_counts: NDArray[np.int64]
    flags: NDArray[np.int64]
    shingles: Any


def _sketched(texts: pa.Array, kernels: TextKernels) -> _Sketched:
    lengths = pc.fill_null(pc.utf8_length(texts), 0).cast(pa.int64()).to_numpy()
    folded = fold(texts, HEAD_CHARACTERS, TAIL_CHARACTERS)
    sketches = kernels.sketch(folded)
    return _Sketched(
        nulls=pc.is_null(texts).to_numpy(zero_copy_only=False),
        lengths=lengths,
        hashes=text_hashes(sketches.sums, lengths),
        word_counts=sketches.word_counts,
        flags=kernels.flags(folded),
        shingles=sketches.shingles,
    )
