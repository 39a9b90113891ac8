"""vLLM's Stateless Bernoulli Watermark: which 31-bit word decides whether a token is green.

A seed of 64 bits, made of the key and of hashes of tokens by products that wrap around, is the
key of Philox4x32-10; the token is its counter.

Source: Ceppi and Sanchez, *Flip, Don't Shuffle: Watermarking LLMs at the Speed of Inference*,
EMNLP 2026, arXiv 2609.03844. Token hash: R. Jenkins.
"""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from cautery.watermark.philox import HALF, MASK_32, chosen_word, scramble

LARGEST_WORD: Final = 0x7FFFFFFF
PAIRS_AT_ONCE: Final = 1 << 13
"""Pairs of key and position of one block: its arrays stay in a core's cache."""


def token_hashes(tokens: NDArray[np.int64]) -> NDArray[np.int64]:
    """Hash tokens to signed 32-bit numbers.

    Args:
        tokens: Any shape; -1, which pads a context, gives 0.

    Returns:
        Same shape.

    Example:
        >>> token_hashes(np.array([-1, 0, 1])).tolist()
        [0, 638944058, 1362763215]
    """
    value = (tokens + 1).astype(np.int32)
    value *= np.int32(1 - (1 << 6))
    value ^= value >> np.int32(17)
    value *= np.int32(1 - (1 << 9))
    value ^= value << np.int32(4)
    value *= np.int32(1 - (1 << 3))
    value ^= value << np.int32(10)
    value ^= value >> np.int32(15)
    return value.astype(np.int64)


def self_hash_seeds(
    context: NDArray[np.int64], token: NDArray[np.int64], keys: NDArray[np.int64]
) -> NDArray[np.int64]:
    """Seed of each key and position: the least of the products of the token with its context.

    The oldest token of the context is not read.

    Args:
        context: Shape (positions, width).
        token: Shape (positions,).
        keys: Shape (keys,).

    Returns:
        Shape (keys, positions).
    """
    column = keys[:, np.newaxis]
    hashed = token_hashes(np.vstack([token, context.T[1:]]))
    factors = hashed * hashed[0]
    seeds: NDArray[np.int64] = column * factors[0]
    for factor in factors[1:]:
        np.minimum(seeds, column * factor, out=seeds)
    return seeds


def left_hash_seeds(context: NDArray[np.int64], keys: NDArray[np.int64]) -> NDArray[np.int64]:
    """Seed of each key and position as vLLM's generator makes it: key times the sum of tokens.

    Args:
        context: Shape (positions, width).
        keys: Shape (keys,).

    Returns:
        Shape (keys, positions).
    """
    seeds: NDArray[np.int64] = keys[:, np.newaxis] * context.sum(axis=1)
    return seeds


def words(seeds: NDArray[np.int64], token: NDArray[np.int64]) -> NDArray[np.int64]:
    """Draw the word of each seed for its token.

    Args:
        seeds: Shape (keys, positions).
        token: Shape (positions,), not negative.

    Returns:
        Same shape as ``seeds``, from 0 to 2**31 - 1.
    """
    drawn = np.empty(seeds.shape, dtype=np.int64)
    keys, positions = seeds.shape
    width = max(1, min(positions, PAIRS_AT_ONCE))
    height = max(1, PAIRS_AT_ONCE // width)
    for top in range(0, keys, height):
        for left in range(0, positions, width):
            place = (slice(top, top + height), slice(left, left + width))
            drawn[place] = _draw(seeds[place], token[place[1]])
    return drawn


def _draw(seeds: NDArray[np.int64], token: NDArray[np.int64]) -> NDArray[np.int64]:
    # The engine cuts a counter and a seed's halves to 32 bits; so does this.
    counter = (token // 4).astype(np.uint64) & MASK_32
    even, odd = np.zeros((2, 2, *seeds.shape), dtype=np.uint64)
    even[0] = counter
    bits = seeds.astype(np.uint64)
    key = np.stack([bits & MASK_32, bits >> HALF])
    scramble(even, odd, key)
    which = (token % 4).astype(np.uint64)
    return chosen_word(even, odd, which).astype(np.int64) & LARGEST_WORD
