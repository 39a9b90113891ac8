"""Token buckets of very many keys in bounded memory, none of which can be reset by crowding it out.

Each bucket is one number, its *theoretical arrival time* (GCRA, ITU-T I.371; ATM Forum TM 4.0): the
moment at which all that was taken will have come back. A bucket whose moment has passed is full,
and no different from one that never was. A key has one bucket for each limit of its scope, all at
one place.

Buckets stand in sets of sixteen places; a keyed hash says which set a key belongs to. A new key
takes a place whose buckets are full, which loses nothing. If all sixteen are in use, the one with
the least debt is crowded out, and **the set remembers the largest debt of each limit that ever
was**: every key that is new to the set begins with it. So whoever is crowded out finds at least the
debt that he left when he comes back, as in Space-Saving (Metwally, Agrawal and El Abbadi 2005).
Crowding can make a bucket stricter for a while, never milder. With half of the places in use,
about one key in a thousand is crowded out.
"""

from __future__ import annotations

import math
from array import array
from typing import Final

import numpy as np

WAYS: Final = 16
"""Places of a set."""

_PRINT_BITS: Final = 32
_PRINT_MASK: Final = (1 << _PRINT_BITS) - 1


class Buckets:
    """Buckets of one scope.

    Args:
        capacity: Places, rounded up to a power of two; 4 bytes each, and 8 for each limit.
        limits: Limits of the scope.

    Example:
        >>> buckets = Buckets(1024, limits=1)
        >>> place = buckets.place(hash_of=12345, now=100.0)
        >>> buckets.until[place]
        0.0
        >>> buckets.until[place] = 103.0
        >>> buckets.until[buckets.place(12345, now=101.0)]
        103.0
    """

    def __init__(self, capacity: int, limits: int) -> None:
        sets = max(1, (capacity + WAYS - 1) // WAYS)
        self._set_mask = (1 << (sets - 1).bit_length()) - 1
        places = (self._set_mask + 1) * WAYS
        # The arrays of the standard library give single numbers faster than those of numpy.
        self._prints = array("I", bytes(4 * places))
        self._limits = limits
        self.until = array("d", bytes(8 * places * limits))
        """When all that was taken is back, by the monotonic clock; from each place on, one number a
        limit, side by side, because memory is what takes time here."""
        self._crowded = array("d", bytes(8 * (self._set_mask + 1) * limits))
        self.crowded_out = 0
        """Places that were taken from a key with debts."""

    def place(self, hash_of: int, now: float) -> int:
        """Find a key's place, or make one.

        Args:
            hash_of: Keyed 64-bit hash of the key, with a sign or without.
            now: By the monotonic clock, in seconds; more than zero.

        Returns:
            Its place: where the numbers of its limits begin in ``until``.
        """
        first = (hash_of & self._set_mask) * WAYS
        fingerprint = hash_of >> _PRINT_BITS & _PRINT_MASK
        try:
            return self._prints.index(fingerprint, first, first + WAYS) * self._limits
        except ValueError:
            return self._take(first, fingerprint, now)

    def in_use(self, now: float) -> int:
        """Count the places with a bucket that is not full.

        Args:
            now: By the monotonic clock.

        Returns:
            How many.
        """
        owing = np.frombuffer(self.until, dtype=np.float64).reshape(-1, self._limits) > now
        return int(np.count_nonzero(np.any(owing, axis=1)))

    @property
    def memory_bytes(self) -> int:
        """What the buckets take, however many are in use."""
        numbers = len(self.until) + len(self._crowded)
        return numbers * self.until.itemsize + len(self._prints) * self._prints.itemsize

    def _take(self, first: int, fingerprint: int, now: float) -> int:
        limits, until, crowded = self._limits, self.until, self._crowded
        place, least = 0, math.inf
        for other in range(first * limits, (first + WAYS) * limits, limits):
            debt = max(until[other : other + limits])
            if debt < least:
                place, least = other, debt
                if not debt:
                    break  # nothing was ever taken from it: none owes less
        of_set = first // WAYS * limits
        self.crowded_out += least > now
        for limit in range(limits):
            if least > now:
                crowded[of_set + limit] = max(crowded[of_set + limit], until[place + limit])
            until[place + limit] = crowded[of_set + limit]
        self._prints[place // limits] = fingerprint
        return place
