"""Seeds of Hugging Face's green lists, from key and context, with its wrap-around and modulus."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Final

import numpy as np
from numpy.typing import NDArray

from cautery.watermark.torch_random import SEED_MASK, permutation_entries, permutation_head

TABLE_SIZE: Final = 1_000_003
"""Length of the permutation that a self-hash reads tokens through."""
_HALF: Final = np.uint64(32)
_LOW: Final = np.uint64(SEED_MASK)


def left_hash_seeds(key: int, previous: NDArray[np.int64]) -> NDArray[np.uint32]:
    """Seed with the key times the token before, modulo 2**64 - 1.

    Args:
        key: Hashing key, from 0 to 2**64 - 1.
        previous: The token before each position, from 0 and below 2**32.

    Returns:
        The 32 bits of the seed that PyTorch reads, shape (positions,).

    Example:
        >>> left_hash_seeds(15485863, np.array([7])).tolist()
        [108401041]
    """
    token = previous.astype(np.uint64)
    upper, lower = np.uint64(key >> 32) * token, np.uint64(key & SEED_MASK) * token
    low = (upper << _HALF) + lower
    high = (upper + (lower >> _HALF)) >> _HALF
    total = low + high  # 2**64 is 1 modulo 2**64 - 1
    total += total < low
    return np.asarray((total % np.uint64(0xFFFFFFFFFFFFFFFF)) & _LOW).astype(np.uint32)


def self_hash_seeds(
    key: int, context: NDArray[np.int64], token: NDArray[np.int64], vocabulary: int
) -> NDArray[np.uint32]:
    """Seed with the smallest product of the key and the permuted numbers of two tokens.

    One is the token itself, the other any token of the window that ends with it.

    Args:
        key: Hashing key, from 0 and below 2**63.
        context: Tokens before each position, shape (positions, width - 1).
        token: The token at each position, shape (positions,).
        vocabulary: Tokens in the vocabulary; all tokens are below.

    Returns:
        The 32 bits of the seed that PyTorch reads, shape (positions,).
    """
    table = _table(key, min(vocabulary, TABLE_SIZE))
    window = np.column_stack([context, token]) % TABLE_SIZE
    return _smallest_products(key, table[window])


def self_hash_seeds_of_keys(
    keys: Sequence[int], context: NDArray[np.int64], token: NDArray[np.int64]
) -> NDArray[np.uint32]:
    """Seed each position under many keys: of their permutations only what the text reads.

    Args:
        keys: Hashing keys, from 0 and below 2**63.
        context: Tokens before each position, shape (positions, width - 1).
        token: The token at each position, shape (positions,).

    Returns:
        Row by row what ``self_hash_seeds`` gives, shape (keys, positions).
    """
    window = np.column_stack([context, token]) % TABLE_SIZE
    read, places = np.unique(window, return_inverse=True)
    places = places.reshape(window.shape)
    seeds = np.empty((len(keys), len(token)), dtype=np.uint32)
    for row, key in enumerate(keys):
        entries = permutation_entries(key, TABLE_SIZE, read) + 1
        seeds[row] = _smallest_products(key, entries[places])
    return seeds


def _smallest_products(key: int, window: NDArray[np.int64]) -> NDArray[np.uint32]:
    with np.errstate(over="ignore"):  # the products wrap around, as PyTorch's do
        smallest = (np.int64(key) * window * window[:, -1:]).min(axis=1)
    # A negative seed modulo 2**64 - 1 is one less than its 64 bits say.
    seed = smallest.astype(np.uint64) - (smallest < 0).astype(np.uint64)
    return np.asarray(seed & _LOW).astype(np.uint32)


@lru_cache(maxsize=16)
def _table(key: int, count: int) -> NDArray[np.int64]:
    table = permutation_head(key, TABLE_SIZE, count) + 1
    table.flags.writeable = False
    return table
