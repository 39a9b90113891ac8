"""How many accounts send a template, and how many in one minute: rolling sketches, bounded."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

_WAYS: Final = 8
_ACCOUNT_BITS: Final = 2_048
_BYTE_MASK: Final = _ACCOUNT_BITS // 8 - 1
_MINUTE_BITS: Final = 512
_MINUTE_SECONDS: Final = 60.0
_DOOR_BITS: Final = 18
_DOOR_MASK: Final = (1 << _DOOR_BITS) - 1
_SECOND_SHIFT: Final = 32
LEAST_REQUESTS: Final = 8
"""Requests of a half window before a template is followed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Spread:
    """How a template spreads over accounts."""

    requests: int
    """Requests with it; for one that took another's place, its requests too (an upper bound)."""
    accounts: int
    """Different accounts in the rolling window, about; at most some 15,000 are told apart."""
    busiest_minute: int
    """Different accounts in the busiest minute of the window, about: their co-activity."""


class _Entry:
    __slots__ = (
        "accounts",
        "accounts_before",
        "busiest",
        "busiest_before",
        "half",
        "minute",
        "minute_accounts",
        "requests",
        "template",
    )

    def __init__(self, template: int, requests: int, half: int) -> None:
        self.template = template
        self.requests = requests
        self.half = half
        self.accounts = bytearray(_ACCOUNT_BITS // 8)
        self.accounts_before = bytearray(_ACCOUNT_BITS // 8)
        self.minute = -1
        self.minute_accounts = 0
        self.busiest = self.busiest_before = 0


class TemplateSketches:
    """Sketches of the templates that are sent most.

    Different accounts are counted by linear counting (Whang, Vander-Zanden and Taylor 1990), in
    two halves of a window: what is read covers between a half and a whole one. Texts that come once
    never get in: a small count-min sketch (Cormode and Muthukrishnan 2005) at the door counts the
    first eight requests. Where a set of eight is full, the template with the fewest requests leaves
    their number to the next (Space-Saving), so that the heavy ones stay.

    Args:
        capacity: Templates that are followed; up to one kilobyte each.
        window_seconds: The rolling window.
        seed: 64 random bits.

    Example:
        >>> sketches = TemplateSketches(seed=1)
        >>> counts = [sketches.add(99, hash(("", n)), now=30.0) for n in range(50)]
        >>> counts[-1], 36 < sketches.read(99, now=30.0).accounts < 50
        (50, True)
    """

    def __init__(
        self, capacity: int = 8_192, window_seconds: float = 3_600.0, seed: int = 0
    ) -> None:
        sets = max(1, capacity // _WAYS)
        self._sets: list[list[_Entry]] = [[] for _ in range(sets)]
        self._by_template: dict[int, _Entry] = {}
        self._half_seconds = window_seconds / 2
        self._seed = seed
        self._door = bytearray(1 << _DOOR_BITS)
        self._door_half = -1

    def add(self, template: int, hash_of: int, now: float) -> int:
        """Count a request.

        Args:
            template: Sketch of its template.
            hash_of: Keyed hash of its account.
            now: By the monotonic clock, in seconds.

        Returns:
            Requests with the template so far, at most; 0 if it is not followed.
        """
        half = int(now // self._half_seconds)
        entry = self._by_template.get(template) or self._admitted(template, half)
        if entry is None:
            return 0
        if entry.half != half:
            _turn(entry, half)
        entry.requests += 1
        entry.accounts[hash_of >> 3 & _BYTE_MASK] |= 1 << (hash_of & 7)
        minute = int(now // _MINUTE_SECONDS)
        if entry.minute != minute:
            entry.minute, entry.minute_accounts = minute, 0
        bit = 1 << (hash_of >> 20 & (_MINUTE_BITS - 1))
        if not entry.minute_accounts & bit:
            entry.minute_accounts |= bit
            entry.busiest = max(entry.busiest, entry.minute_accounts.bit_count())
        return entry.requests

    def read(self, template: int, now: float) -> Spread:
        """Say how a template spreads.

        Args:
            template: Its sketch.
            now: By the monotonic clock, in seconds.

        Returns:
            Zeros for a template that is not followed.
        """
        entry = self._by_template.get(template)
        age = int(now // self._half_seconds) - entry.half if entry is not None else 2
        if entry is None or age > 1:
            return Spread(requests=0, accounts=0, busiest_minute=0)
        # An entry that was not sent in this half yet holds the last one's numbers as its own.
        both = int.from_bytes(entry.accounts, "little")
        if not age:
            both |= int.from_bytes(entry.accounts_before, "little")
        busiest = entry.busiest if age else max(entry.busiest, entry.busiest_before)
        return Spread(
            requests=entry.requests,
            accounts=_counted(both.bit_count(), _ACCOUNT_BITS),
            busiest_minute=_counted(busiest, _MINUTE_BITS),
        )

    def _admitted(self, template: int, half: int) -> _Entry | None:
        """Let a template in that is not followed yet, if it came often enough."""
        mixed = hash((self._seed, template))
        if not self._enters(mixed, half):
            return None
        entries = self._sets[mixed % len(self._sets)]
        entry = _Entry(template, LEAST_REQUESTS - 1, half)
        self._by_template[template] = entry
        if len(entries) < _WAYS:
            entries.append(entry)
            return entry
        # One that was not sent in this half of the window or the last goes first.
        _, _, place = min((half - e.half <= 1, e.requests, n) for n, e in enumerate(entries))
        gone = entries[place]
        del self._by_template[gone.template]
        if half - gone.half <= 1:
            entry.requests = max(entry.requests, gone.requests)
        entries[place] = entry
        return entry

    def _enters(self, mixed: int, half: int) -> bool:
        if half != self._door_half:
            self._door, self._door_half = bytearray(1 << _DOOR_BITS), half
        door = self._door
        first, second = mixed & _DOOR_MASK, mixed >> _SECOND_SHIFT & _DOOR_MASK
        least = door[first]
        if door[second] < least:  # noqa: PLR1730 - this is the hot path
            least = door[second]
        if least + 1 >= LEAST_REQUESTS:
            return True
        # Only the smaller counter grows (conservative update), so that others' texts count less.
        if door[first] == least:
            door[first] = least + 1
        if door[second] == least:
            door[second] = least + 1
        return False


def _turn(entry: _Entry, half: int) -> None:
    """Begin a new half of the window; requests fade by half, so that old fame is no fame."""
    follows = half == entry.half + 1
    entry.accounts_before = entry.accounts if follows else bytearray(_ACCOUNT_BITS // 8)
    entry.busiest_before = entry.busiest if follows else 0
    entry.accounts = bytearray(_ACCOUNT_BITS // 8)
    entry.busiest = 0
    entry.requests = entry.requests // 2 if follows else 0
    entry.half = half


def _counted(bits_set: int, bits: int) -> int:
    if bits_set == 0:
        return 0
    return round(-bits * math.log(max(1 - bits_set / bits, 1 / bits)))
