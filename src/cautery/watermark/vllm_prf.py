"""vLLM's keyed function ``philox4x32-10-v1``: key, context and token to 24 random bits.

The context goes through Philox four tokens at a time; a last block combines it with the token.
The 24 bits stand for a number that single precision holds exactly, and vLLM's graphics kernel
and its detector agree on it for all 2**24 of them.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from importlib import import_module
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from cautery.watermark.exponentials import exponentials
from cautery.watermark.philox import HALF, MASK_32, chosen_word, scramble

CONTEXT_DOMAIN: Final = 0x574D4358
TOKEN_DOMAIN: Final = 0x574D544B
BLOCK_TOKENS: Final = 4
PAIRS_AT_ONCE: Final = 1 << 13
"""Pairs of key and position of one block: its arrays stay in a core's cache."""
COMPILED: Final = "cautery.watermark.compiled"
COMPILED_FROM: Final = 1 << 21
"""Pairs from which loading compiled code takes less time than it saves (measured: half a second
for two million pairs)."""
COMPILED_FROM_LOADED: Final = 1 << 16
"""The same once it is loaded."""


def mantissas(
    context: NDArray[np.int64], token: NDArray[np.int64], keys: NDArray[np.uint64]
) -> NDArray[np.uint32]:
    """Draw the 24 bits of each key and position.

    Args:
        context: Tokens before each position, oldest first, shape (positions, width); -1 pads.
        token: The token at each position, shape (positions,).
        keys: Shape (keys,).

    Returns:
        Shape (keys, positions), values below 2**24.
    """
    pairs = keys.size * token.size
    enough = COMPILED_FROM_LOADED if COMPILED in sys.modules else COMPILED_FROM
    compiled = _compiled() if pairs >= enough else None
    if compiled is not None:
        words, tokens = _words(context), _low(token)
        return compiled.vllm_mantissas(words, context.shape[1], tokens, keys)  # type: ignore[no-any-return]
    drawn = np.empty((keys.size, token.size), dtype=np.uint32)
    for rows, columns in _blocks(keys.size, token.size):
        drawn[rows, columns] = _draw(context[columns], token[columns], keys[rows])
    return drawn


def uniforms(drawn: NDArray[np.uint32]) -> NDArray[np.float64]:
    """Turn 24 random bits into the engine's number between 0 and 1.

    The engine rounds (bits + 1) / (2**24 + 1) to single precision, which is the number just below
    (bits + 1) / 2**24.

    Args:
        drawn: Values below 2**24, any shape.

    Returns:
        The single-precision numbers, widened.

    Example:
        >>> uniforms(np.array([0, 2**23, 2**24 - 1], dtype=np.uint32)).tolist()
        [5.9604641222676946e-08, 0.5, 0.9999999403953552]
    """
    above = (drawn + np.uint32(1)).astype(np.float32) * np.float32(2.0**-24)
    return (above.view(np.uint32) - np.uint32(1)).view(np.float32).astype(np.float64)


def evidence(
    context: NDArray[np.int64], token: NDArray[np.int64], keys: NDArray[np.uint64]
) -> NDArray[np.float64]:
    """Give -ln(1 - u) of each key and position.

    Args:
        context: Tokens before each position, oldest first, shape (positions, width); -1 pads.
        token: The token at each position, shape (positions,).
        keys: Shape (keys,).

    Returns:
        Shape (keys, positions).
    """
    drawn = mantissas(context, token, keys)
    values = np.empty(drawn.shape, dtype=np.float64)
    before, after = drawn.reshape(-1), values.reshape(-1)
    for start in range(0, drawn.size, PAIRS_AT_ONCE):
        part = slice(start, start + PAIRS_AT_ONCE)
        after[part] = exponentials(uniforms(before[part]))
    return values


def _compiled() -> Any:
    try:
        return import_module(COMPILED)
    except ImportError:  # without the ``fast`` extra: the same bits, in NumPy
        return None


def _blocks(keys: int, positions: int) -> Iterator[tuple[slice, slice]]:
    width = max(1, min(positions, PAIRS_AT_ONCE))
    height = max(1, PAIRS_AT_ONCE // width)
    for top in range(0, keys, height):
        for left in range(0, positions, width):
            yield slice(top, top + height), slice(left, left + width)


def _low(values: NDArray[np.int64]) -> NDArray[np.uint64]:
    """Low 32 bits, as the engine takes of every token; padding becomes all ones."""
    return values.astype(np.uint64) & MASK_32


def _words(context: NDArray[np.int64]) -> NDArray[np.uint64]:
    """Context in whole blocks, shape (blocks, 4, positions); place i of a gap is 2**32 - 1 - i."""
    positions, width = context.shape
    blocks = -(-width // BLOCK_TOKENS)
    words = np.empty((blocks * BLOCK_TOKENS, positions), dtype=np.uint64)
    words[:width] = _low(context).T
    for place in range(width, len(words)):
        words[place] = MASK_32 - np.uint64(place % BLOCK_TOKENS)
    return words.reshape(blocks, BLOCK_TOKENS, positions)


def _draw(
    context: NDArray[np.int64], token: NDArray[np.int64], keys: NDArray[np.uint64]
) -> NDArray[np.uint32]:
    tokens = _low(token)
    halves = np.stack([keys & MASK_32, keys >> HALF])[:, :, np.newaxis]
    even = np.empty((2, keys.size, tokens.size), dtype=np.uint64)
    odd = np.empty_like(even)
    even[0], even[1] = CONTEXT_DOMAIN, 0
    odd[0], odd[1] = context.shape[1], 0
    for block, words in enumerate(_words(context)):
        even ^= words[0::2, np.newaxis]
        odd ^= words[1::2, np.newaxis]
        key = halves.copy()
        key[0] ^= np.uint64(block * BLOCK_TOKENS)
        scramble(even, odd, key)
    key = np.empty_like(even)
    np.bitwise_xor(halves[0], odd[1], out=key[0])
    np.bitwise_xor(halves[1], np.uint64(TOKEN_DOMAIN), out=key[1])
    odd[1] = even[1]  # the last block's counter: token, then state words 0, 1 and 2
    even[1] = odd[0]
    odd[0] = even[0]
    even[0] = tokens >> np.uint64(2)
    scramble(even, odd, key)
    bits = chosen_word(even, odd, tokens & np.uint64(3)) >> np.uint64(8)
    return bits.astype(np.uint32)
