"""What PyTorch's CPU generator draws after a seed, in NumPy and bit for bit.

The generator is the Mersenne Twister (Matsumoto and Nishimura, ACM TOMACS 8, 1998). PyTorch seeds
it with the low 32 bits of the seed alone, as NumPy's frozen ``RandomState`` does. ``randperm`` is
a Fisher-Yates shuffle whose step i takes one word modulo what is left; ``randint`` from 0 to 2
takes the lowest bit of one word each.
"""

from __future__ import annotations

from functools import cache
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

SEED_MASK: Final = 0xFFFFFFFF
"""What PyTorch reads of a seed."""
_WORDS: Final = 1 << 32


def random_words(
    seed: int, count: int, generator: np.random.RandomState | None = None
) -> NDArray[np.uint32]:
    """Draw words as PyTorch's CPU generator does.

    Args:
        seed: As given to ``manual_seed``, from 0.
        count: Number of words.
        generator: One to seed anew; making one takes longer than drawing thousands of words.

    Returns:
        Shape (count,).

    Example:
        >>> random_words(5489, 2).tolist()
        [3499211612, 581869302]
    """
    generator = generator or np.random.RandomState(0)
    generator.seed(seed & SEED_MASK)
    return generator.randint(0, _WORDS, size=count, dtype=np.uint32)


def random_bits(seed: int, count: int) -> NDArray[np.uint8]:
    """Draw ``torch.randint(0, 2, (count,))``.

    Args:
        seed: Seed of the generator.
        count: Number of bits.

    Returns:
        Zeros and ones, shape (count,).

    Example:
        >>> random_bits(0, 8).tolist()
        [0, 1, 1, 0, 1, 1, 1, 1]
    """
    return (random_words(seed, count) & np.uint32(1)).astype(np.uint8)


def swaps(words: NDArray[np.uint32], size: int) -> NDArray[np.int64]:
    """Say which place each step of the shuffle swaps with its own.

    Args:
        words: What the generator drew, at most ``size`` of them.
        size: Length of the permutation.

    Returns:
        Shape (steps,); the place of step i is i or more.
    """
    step = np.arange(len(words), dtype=np.int64)
    return step + words.astype(np.int64) % (size - step)


def permutation_head(seed: int, size: int, count: int) -> NDArray[np.int64]:
    """Draw the first entries of ``torch.randperm(size)`` without the rest.

    Each step brings what lies at the place it swaps with. That is the place's own number, or what
    the last earlier step with the same place left there: what its own place held at that time,
    which may again have been left by an earlier step. Following those links for all steps at once
    takes a logarithmic number of rounds.

    Args:
        seed: Seed of the generator.
        size: Length of the permutation.
        count: Entries wanted, at most ``size``.

    Returns:
        Shape (count,).

    Example:
        >>> permutation_head(0, 1000, 5).tolist()
        [44, 37, 675, 775, 947]
    """
    place = swaps(random_words(seed, count), size)
    step = np.arange(count, dtype=np.int64)
    leaves_here = np.flatnonzero((place < count) & (place != step))
    held = step.copy()  # link to the step that last left something at this step's own place
    held[place[leaves_here]] = leaves_here  # of several the last stays
    while not np.array_equal(held, further := held[held]):
        held = further
    order = np.argsort(place, kind="stable")
    again = place[order[1:]] == place[order[:-1]]
    entries = place.copy()
    entries[order[1:][again]] = held[order[:-1][again]]
    return entries


def permutation_entries(seed: int, size: int, wanted: NDArray[np.int64]) -> NDArray[np.int64]:
    """Draw some entries of ``torch.randperm(size)``, in compiled code if it is there.

    Args:
        seed: Seed of the generator.
        size: Length of the permutation.
        wanted: Places of the entries, below ``size``.

    Returns:
        Shape of ``wanted``.

    Example:
        >>> permutation_entries(0, 1000, np.array([4, 0])).tolist()
        [947, 44]
    """
    count = int(wanted.max(initial=-1)) + 1
    compiled = _compiled()
    if compiled is None:
        return permutation_head(seed, size, count)[wanted]
    return compiled.entries(random_words(seed, count), size, wanted)  # type: ignore[no-any-return]


@cache
def _compiled() -> Any:
    try:
        from cautery.watermark import compiled_permutations
    except (ImportError, RuntimeError):
        # Without the ``fast`` extra, or with no folder for Numba's cache: the same bits in NumPy.
        return None
    return compiled_permutations
