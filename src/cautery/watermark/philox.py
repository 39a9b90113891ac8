"""Philox4x32-10, a counter-based generator (Salmon and others, SC'11), over NumPy arrays.

It is not cryptographic. The engines chose it because a graphics processor computes it in a few
instructions; here its 32-bit words live in the low halves of unsigned 64-bit integers, so that a
product keeps both of its halves.

Source: J. K. Salmon, M. A. Moraes, R. O. Dror, D. E. Shaw, *Parallel random numbers: as easy as
1, 2, 3*, SC'11, doi:10.1145/2063384.2063405.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

import numpy as np
from numpy.typing import NDArray

ROUNDS: Final = 10
MULTIPLIERS: Final = (0xD2511F53, 0xCD9E8D57)
"""Factors of the first and the third counter word."""
WEYL_STEPS: Final = (0x9E3779B9, 0xBB67AE85)
"""What is added to the two key words from round to round."""
MASK_32: Final = np.uint64(0xFFFFFFFF)
HALF: Final = np.uint64(32)
FEW_KEY_WORDS: Final = 1 << 11
"""Key words whose ten rounds fit a core's nearest cache (160 KiB at most)."""


def scramble(even: NDArray[np.uint64], odd: NDArray[np.uint64], key: NDArray[np.uint64]) -> None:
    """Turn counters into random words, in place: ten rounds.

    Args:
        even: Counter words 0 and 2, shape (2, ...); afterwards the random words 0 and 2.
        odd: Counter words 1 and 3, shape (2, ...); afterwards the random words 1 and 3.
        key: The two key words, any shape that broadcasts against ``even``; may be used up.

    Example:
        >>> even, odd, key = (np.zeros((2, 1), dtype=np.uint64) for _ in range(3))
        >>> scramble(even, odd, key)
        >>> [f"{int(word):08x}" for word in (even[0, 0], odd[0, 0], even[1, 0], odd[1, 0])]
        ['6627e8d5', 'e169c58d', 'bc57ac4c', '9b00dbd8']
    """
    multipliers = _column(MULTIPLIERS, even.ndim)
    products = np.empty_like(even)
    crossed = products[::-1]  # word 0 takes the product of word 2, and the other way round
    for round_key in _round_keys(key):
        np.multiply(even, multipliers, out=products)
        np.right_shift(crossed, HALF, out=even)
        np.bitwise_xor(even, odd, out=even)
        np.bitwise_xor(even, round_key, out=even)
        np.bitwise_and(crossed, MASK_32, out=odd)


def _column(pair: tuple[int, int], dimensions: int) -> NDArray[np.uint64]:
    return np.array(pair, dtype=np.uint64).reshape((2, *(1,) * (dimensions - 1)))


def _round_keys(key: NDArray[np.uint64]) -> Iterable[NDArray[np.uint64]]:
    """The key words of each round: all at once where they are few, which takes fewer calls."""
    steps = _column(WEYL_STEPS, key.ndim)
    if key.size <= FEW_KEY_WORDS:
        rounds = np.arange(ROUNDS, dtype=np.uint64).reshape((ROUNDS, *(1,) * key.ndim))
        return (key + rounds * steps) & MASK_32
    return _stepped(key, steps)


def _stepped(key: NDArray[np.uint64], steps: NDArray[np.uint64]) -> Iterable[NDArray[np.uint64]]:
    for done in range(ROUNDS):
        if done:
            np.add(key, steps, out=key)
            np.bitwise_and(key, MASK_32, out=key)
        yield key


def chosen_word(
    even: NDArray[np.uint64], odd: NDArray[np.uint64], which: NDArray[np.uint64]
) -> NDArray[np.uint64]:
    """Take one of the four random words of each block.

    Args:
        even: Words 0 and 2, shape (2, ...).
        odd: Words 1 and 3, shape (2, ...).
        which: From 0 to 3, a shape that broadcasts against ``even[0]``.

    Returns:
        Shape of ``even[0]``.
    """
    of_parity = np.where((which & np.uint64(1)).astype(bool), odd, even)
    chosen: NDArray[np.uint64] = np.where(which >= 2, of_parity[1], of_parity[0])
    return chosen
