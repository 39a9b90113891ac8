"""SynthID's hash, as Hugging Face computes it: one linear congruential step a token and key.

All arithmetic wraps around at 64 bits. Source: Dathathri and others, Nature 634 (2024), as in
transformers' ``SynthIDTextWatermarkLogitsProcessor``.
"""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

MULTIPLIER: Final = np.uint64(6364136223846793005)
_ONE: Final = np.uint64(1)
HASHES_AT_ONCE: Final = 1 << 13
"""Hashes of one block: its arrays stay in a core's cache."""


def hashes(columns: NDArray[np.int64]) -> NDArray[np.uint64]:
    """Hash each row, one number after the other.

    Args:
        columns: Tokens, shape (rows, width).

    Returns:
        Shape (rows,); as signed numbers they are the engine's.

    Example:
        >>> hashes(np.array([[1, 2, 3]])).view(np.int64).tolist()
        [-5733243364983220134]
    """
    state = np.ones(len(columns), dtype=np.uint64)
    for column in columns.T:
        state = step(state, column.astype(np.uint64))
    return state


def step(state: NDArray[np.uint64], data: NDArray[np.uint64] | np.uint64) -> NDArray[np.uint64]:
    """Take one number into each hash.

    Args:
        state: Hashes so far.
        data: The numbers, of a shape that broadcasts.

    Returns:
        The hashes after it.
    """
    return (state + data) * MULTIPLIER + _ONE


def layer_bits(
    state: NDArray[np.uint64], keys: NDArray[np.uint64], table: NDArray[np.uint8]
) -> NDArray[np.uint8]:
    """Look each layer's bit up: the g-values of one block of tokens.

    Args:
        state: Hash of context and token, shape (tokens,).
        keys: One key a layer, shape (layers,).
        table: The sampling table of zeros and ones.

    Returns:
        Shape (layers, tokens).
    """
    size = len(table)
    if size & (size - 1):
        places = step(state[None, :], keys[:, None]).view(np.int64) % size
        return np.asarray(table[places])
    # Only low bits count, and they depend on low bits alone.
    low = step(state, np.uint64(0)).astype(np.uint32)
    shifts = (keys * MULTIPLIER).astype(np.uint32)
    places_of_low = (low[None, :] + shifts[:, None]) & np.uint32(size - 1)
    return np.asarray(table[places_of_low])


def fresh_contexts(contexts: NDArray[np.uint64], history: int) -> NDArray[np.bool_]:
    """Say which contexts the engine marks: those not seen in the last ones.

    It is ``compute_context_repetition_mask``. The history starts with zeros, so that a context
    with the hash 0 counts as seen until they have left it.

    Args:
        contexts: Hash of each context, in the order of the text.
        history: ``context_history_size``.

    Returns:
        Shape (contexts,).
    """
    order = np.argsort(contexts, kind="stable")
    again = contexts[order[1:]] == contexts[order[:-1]]
    near = order[1:] - order[:-1] <= history
    fresh = np.ones(len(contexts), dtype=bool)
    fresh[order[1:][again & near]] = False
    fresh[:history] &= contexts[:history] != 0
    return fresh
