"""SGLang's keyed function: MurmurHash3 over 32-bit words, for key, context and token.

The context is hashed first, without the key; then the key's two halves, that hash and the token.
It is not cryptographic. Source: A. Appleby, MurmurHash3 (public domain).
"""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

MASK_32: Final = 0xFFFFFFFF
PAIRS_AT_ONCE: Final = 1 << 14
"""Pairs of key and position of one block: its arrays stay in a core's cache."""

_BODY: Final = (np.uint32(0xCC9E2D51), np.uint32(0x1B873593))
_STATE: Final = (np.uint32(5), np.uint32(0xE6546B64))
_FINAL: Final = (np.uint32(0x85EBCA6B), np.uint32(0xC2B2AE35))


def context_hashes(context: NDArray[np.int64]) -> NDArray[np.uint32]:
    """Hash each context, which no key enters.

    Args:
        context: Tokens before each position, oldest first, shape (positions, width).

    Returns:
        Shape (positions,).

    Example:
        >>> int(context_hashes(np.array([[1, 2, 3, 4]]))[0])
        1145416960
    """
    state = np.zeros(len(context), dtype=np.uint32)
    for column in context.T:
        _mix(state, _spread(column.astype(np.uint32)))
    return _finished(state, 4 * context.shape[1])


def keyed_hashes(
    contexts: NDArray[np.uint32], token: NDArray[np.int64], keys: NDArray[np.uint64]
) -> NDArray[np.uint32]:
    """Hash each key with each position.

    Args:
        contexts: What ``context_hashes`` gave, shape (positions,).
        token: The token at each position, shape (positions,).
        keys: Shape (keys,).

    Returns:
        Shape (keys, positions).
    """
    start = np.zeros(keys.size, dtype=np.uint32)
    _mix(start, _spread(keys.astype(np.uint32)))
    _mix(start, _spread((keys >> np.uint64(32)).astype(np.uint32)))
    spread_contexts, spread_tokens = _spread(contexts.copy()), _spread(token.astype(np.uint32))
    hashes = np.empty((keys.size, token.size), dtype=np.uint32)
    height = max(1, PAIRS_AT_ONCE // max(1, token.size))
    for top in range(0, keys.size, height):
        state = hashes[top : top + height]
        state[:] = start[top : top + height, np.newaxis]
        _mix(state, spread_contexts)
        _mix(state, spread_tokens)
        state[:] = _finished(state, 16)
    return hashes


def _turned(value: NDArray[np.uint32], by: int) -> NDArray[np.uint32]:
    left = value << np.uint32(by)
    left |= value >> np.uint32(32 - by)
    return left


def _spread(words: NDArray[np.uint32]) -> NDArray[np.uint32]:
    """What the body does to a word before it meets the state; ``words`` is used up."""
    words *= _BODY[0]
    turned = _turned(words, 15)
    turned *= _BODY[1]
    return turned


def _mix(state: NDArray[np.uint32], spread: NDArray[np.uint32]) -> None:
    state ^= spread
    state[:] = _turned(state, 13)
    state *= _STATE[0]
    state += _STATE[1]


def _finished(state: NDArray[np.uint32], length: int) -> NDArray[np.uint32]:
    done = state ^ np.uint32(length & MASK_32)
    done ^= done >> np.uint32(16)
    done *= _FINAL[0]
    done ^= done >> np.uint32(13)
    done *= _FINAL[1]
    done ^= done >> np.uint32(16)
    return done
