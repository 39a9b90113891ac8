"""Token buckets of very many keys in bounded memory, none of which can be reset by crowding it out.

Each bucket is one number, its *theoretical arrival time* (GCRA, ITU-T I.371; ATM Forum TM 4.0): the
moment at which all that was taken will have come back. A bucket whose moment has passed is full,
and no different from one that never was.

Buckets stand in sets of sixteen places; a keyed hash says which set a key belongs to. A new key
takes a full bucket's place, which loses nothing. If all sixteen are in use, the one with the least
debt is crowded out, and **the set remembers the largest debt that ever was**: every key that is
new to the set begins with it. So whoever is crowded out finds at least the debt that he left when
he comes back, as in Space-Saving (Metwally, Agrawal and El Abbadi 2005). Crowding can make a
bucket stricter for a while, never milder. With half of the places in use, about one key in a
thousand is crowded out.
"""

from __future__ import annotations

from array import array
from typing import Final

import numpy as np

WAYS: Final = 16
"""Places of a set."""

_PRINT_BITS: Final = 32
_PRINT_MASK: Final = (1 << _PRINT_BITS) - 1


class Buckets:
    """Buckets of one limit.

    Args:
        capacity: Places, rounded up to a power of two; 12 bytes each.

    Example:
        >>> buckets = Buckets(1024)
        >>> place = buckets.place(hash_of=12345, now=100.0)
        >>> buckets.debt_until(place)
        0.0
        >>> buckets.set_debt(place, 103.0)
        >>> buckets.debt_until(buckets.place(12345, now=101.0))
        103.0
    """

    def __init__(self, capacity: int) -> None:
        sets = max(1, (capacity + WAYS - 1) // WAYS)
        self._set_mask = (1 << (sets - 1).bit_length()) - 1
        places = (self._set_mask + 1) * WAYS
        # The arrays of the standard library give single numbers faster than those of numpy.
        self._prints = array("I", bytes(4 * places))
        self._until = array("d", bytes(8 * places))
        self._crowded_until = array("d", bytes(8 * (self._set_mask + 1)))
        self.crowded_out = 0
        """Buckets that lost their place while they were in use."""

    def place(self, hash_of: int, now: float) -> int:
        """Find a key's bucket, or make one.

        Args:
            hash_of: Keyed 64-bit hash of the key.
            now: By the monotonic clock, in seconds; more than zero.

        Returns:
            Its place.
        """
        first = (hash_of & self._set_mask) * WAYS
        fingerprint = (hash_of >> _PRINT_BITS) & _PRINT_MASK
        try:
            return self._prints.index(fingerprint, first, first + WAYS)
        except ValueError:
            return self._take(first, fingerprint, now)

    def debt_until(self, place: int) -> float:
        """Say when all that was taken from a bucket is back.

        Args:
            place: The bucket.

        Returns:
            By the monotonic clock; in the past for a full bucket.
        """
        return self._until[place]

    def set_debt(self, place: int, until: float) -> None:
        """Say until when a bucket owes.

        Args:
            place: The bucket.
            until: By the monotonic clock.
        """
        self._until[place] = until

    def in_use(self, now: float) -> int:
        """Count the buckets that are not full.

        Args:
            now: By the monotonic clock.

        Returns:
            How many.
        """
        return int(np.count_nonzero(np.frombuffer(self._until, dtype=np.float64) > now))

    @property
    def memory_bytes(self) -> int:
        """What the buckets take, however many are in use."""
        arrays = (self._prints, self._until, self._crowded_until)
        return sum(len(one) * one.itemsize for one in arrays)

    def _take(self, first: int, fingerprint: int, now: float) -> int:
        debts = self._until[first : first + WAYS]
        least = min(debts)
        place = first + debts.index(least)
        this_set = first // WAYS
        if least > now:
            self.crowded_out += 1
            self._crowded_until[this_set] = max(self._crowded_until[this_set], least)
        self._prints[place] = fingerprint
        self._until[place] = self._crowded_until[this_set]
        return place
