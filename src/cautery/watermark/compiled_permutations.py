"""Entries of PyTorch's permutations in compiled code: swap by swap, then all taken back.

Needs the ``fast`` extra (Numba). Property tests hold it equal to ``torch_random``.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import numpy as np
from numba import njit
from numpy.typing import NDArray

compiled: Any = njit(cache=True)
"""Threads take turns: they share the numbers that are shuffled."""


@compiled
def _shuffled(words: Any, held: Any, wanted: Any, entries: Any) -> None:
    size = len(held)
    swapped = np.empty(len(words), dtype=np.uint32)
    for step in range(len(words)):
        place = step + np.int64(words[step] % np.uint32(size - step))
        held[step], held[place] = held[place], held[step]
        swapped[step] = place
    for number in range(len(wanted)):
        entries[number] = held[wanted[number]]
    for step in range(len(words)):
        held[step] = step
        held[swapped[step]] = swapped[step]


@lru_cache(maxsize=1)
def _numbers(size: int) -> NDArray[np.uint32]:
    return np.arange(size, dtype=np.uint32)


def entries(words: NDArray[np.uint32], size: int, wanted: NDArray[np.int64]) -> NDArray[np.int64]:
    """Draw some entries of a permutation.

    Args:
        words: What the generator drew, one a step, at least as far as the last entry wanted.
        size: Length of the permutation.
        wanted: Places of the entries.

    Returns:
        Shape of ``wanted``.
    """
    found = np.empty(len(wanted), dtype=np.int64)
    _shuffled(words, _numbers(size), wanted, found)
    return found
