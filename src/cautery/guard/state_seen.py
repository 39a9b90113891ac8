"""Remembers which of very many things were seen lately, in bounded memory."""

from __future__ import annotations

from typing import Final

_BITS_PER_THING: Final = 12
"""With two hashes: at most one thing in forty is taken for seen although it is new."""
_SECOND_SHIFT: Final = 34


class SeenLately:
    """Two generations of a Bloom filter (Bloom 1970): when one is full, the older one is emptied.

    A thing that is new may be taken for seen, whatever it is and whatever comes with it; one that
    was seen among the last ``capacity`` things is never taken for new.

    Args:
        capacity: Different things of a generation, at most 80 million; 3 bytes each for both
            generations.

    Example:
        >>> seen = SeenLately(1000)
        >>> seen.add(12345), seen.add(12345)
        (True, False)
    """

    def __init__(self, capacity: int) -> None:
        self._capacity = capacity
        self._bit_mask = (1 << (capacity * _BITS_PER_THING - 1).bit_length()) - 1
        self._bytes = (self._bit_mask + 1) // 8
        self._now = bytearray(self._bytes)
        self._before = bytearray(self._bytes)
        self._count = 0

    def add(self, hash_of: int) -> bool:
        """Remember a thing.

        Args:
            hash_of: Its 64-bit hash, with a sign or without.

        Returns:
            Whether it is new.
        """
        mask, now, before = self._bit_mask, self._now, self._before
        first, second = hash_of & mask, hash_of >> _SECOND_SHIFT & mask
        first_byte, first_bit = first >> 3, 1 << (first & 7)
        second_byte, second_bit = second >> 3, 1 << (second & 7)
        if now[first_byte] & first_bit and now[second_byte] & second_bit:
            return False
        known = before[first_byte] & first_bit and before[second_byte] & second_bit
        now[first_byte] |= first_bit
        now[second_byte] |= second_bit
        self._count += 1
        if self._count >= self._capacity:
            self._before, self._now, self._count = now, bytearray(self._bytes), 0
        return not known

    @property
    def memory_bytes(self) -> int:
        """What both generations take."""
        return 2 * self._bytes
