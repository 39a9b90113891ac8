"""Random streams by name, and the integer hash behind every composed text.

A stream depends on the seed and its name only, so adding a class of accounts does not change the
others.
"""

from __future__ import annotations

import hashlib
from typing import Final

import numpy as np
import numpy.typing as npt

Keys = npt.NDArray[np.uint64]

GOLDEN: Final = np.uint64(0x9E3779B97F4A7C15)
FIRST: Final = np.uint64(0xBF58476D1CE4E5B9)
SECOND: Final = np.uint64(0x94D049BB133111EB)


def seed_words(seed: int, *names: object) -> list[int]:
    """Hash a seed and names into words for ``numpy.random.SeedSequence``."""
    digest = hashlib.sha256(repr((seed, *names)).encode()).digest()
    return [int.from_bytes(digest[place : place + 4], "big") for place in range(0, 32, 4)]


def stream(seed: int, *names: object) -> np.random.Generator:
    """Return the random stream of a name.

    Example:
        >>> first, second = stream(1, "honest", "ci_fleet"), stream(1, "honest", "ci_fleet")
        >>> bool(first.integers(9) == second.integers(9))
        True
    """
    return np.random.Generator(np.random.PCG64(np.random.SeedSequence(seed_words(seed, *names))))


def mix(keys: Keys) -> Keys:
    """Scramble 64-bit keys (the finaliser of SplitMix64, Steele, Lea and Flood 2014)."""
    with np.errstate(over="ignore"):
        keys = (keys ^ (keys >> np.uint64(30))) * FIRST
        keys = (keys ^ (keys >> np.uint64(27))) * SECOND
    return keys ^ (keys >> np.uint64(31))


def field(keys: Keys, slot: int) -> Keys:
    """Derive an independent value from each key, one for every slot number."""
    with np.errstate(over="ignore"):
        return mix(keys + GOLDEN * np.uint64(slot + 1))


def random_keys(random: np.random.Generator, count: int) -> Keys:
    """Draw 64-bit keys."""
    return random.integers(0, 2**64, count, dtype=np.uint64)
