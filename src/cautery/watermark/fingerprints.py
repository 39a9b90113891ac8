"""Fingerprints of what a keyed function read, to count the same draw once."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

_FACTORS: Final = (np.uint64(0xBF58476D1CE4E5B9), np.uint64(0x94D049BB133111EB))
_STEP: Final = np.uint64(0x9E3779B97F4A7C15)


def fingerprints(*columns: NDArray[np.int64]) -> NDArray[np.uint64]:
    """Fold columns of whole numbers to 64 bits a row.

    Two different rows of a text of a million tokens get the same bits with a chance of 3e-8; one
    of them then counts no more. The mixing is the finaliser of SplitMix64 (Steele, Lea, Flood,
    OOPSLA 2014), column after column.

    Args:
        columns: Shape (rows,) each; the first may have one for each of many keys, (keys, rows).

    Returns:
        Shape of the first.

    Example:
        >>> left, right = np.array([1, 1, 2]), np.array([2, 2, 1])
        >>> first, second, third = fingerprints(left, right)
        >>> bool(first == second), bool(first == third)
        (True, False)
    """
    state = np.zeros(columns[0].shape, dtype=np.uint64)
    for column in columns:
        state ^= column.astype(np.uint64)
        state += _STEP
        state ^= state >> np.uint64(30)
        state *= _FACTORS[0]
        state ^= state >> np.uint64(27)
        state *= _FACTORS[1]
        state ^= state >> np.uint64(31)
    return state
