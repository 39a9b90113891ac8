"""How many accounts send a template, and how many in one minute: rolling sketches, bounded."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

_WAYS: Final = 8
_ACCOUNT_BITS: Final = 2_048
_MINUTE_BITS: Final = 512
_MINUTE_SECONDS: Final = 60.0


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
        self.accounts = self.accounts_before = 0
        self.minute = -1
        self.minute_accounts = 0
        self.busiest = self.busiest_before = 0


class TemplateSketches:
    """Sketches of the templates that are sent most.

    Different accounts are counted by linear counting (Whang, Vander-Zanden and Taylor 1990), in
    two halves of a window: what is read covers between a half and a whole one. Templates that are
    sent rarely give way to new ones; one whose set of eight is full leaves its number of requests
    to the next (Space-Saving), so that the heavy ones stay.

    Args:
        capacity: Templates that are followed; up to one kilobyte each.
        window_seconds: The rolling window.
        seed: 64 random bits.

    Example:
        >>> sketches = TemplateSketches(seed=1)
        >>> for account in range(50):
        ...     sketches.add(99, hash_of=account * 2654435761, now=30.0)
        >>> spread = sketches.read(99, now=30.0)
        >>> 45 < spread.accounts < 55, spread.requests
        (True, 50)
    """

    def __init__(
        self, capacity: int = 8_192, window_seconds: float = 3_600.0, seed: int = 0
    ) -> None:
        sets = max(1, capacity // _WAYS)
        self._sets: list[list[_Entry]] = [[] for _ in range(sets)]
        self._half_seconds = window_seconds / 2
        self._seed = seed

    def add(self, template: int, hash_of: int, now: float) -> None:
        """Count a request.

        Args:
            template: Sketch of its template.
            hash_of: Keyed hash of its account.
            now: By the monotonic clock, in seconds.
        """
        half, minute = int(now // self._half_seconds), int(now // _MINUTE_SECONDS)
        entry = self._entry(template, half)
        if entry.half != half:
            _turn(entry, half)
        entry.requests += 1
        entry.accounts |= 1 << (hash_of & (_ACCOUNT_BITS - 1))
        if entry.minute != minute:
            entry.minute, entry.minute_accounts = minute, 0
        bit = 1 << (hash_of >> 20 & (_MINUTE_BITS - 1))
        if not entry.minute_accounts & bit:
            entry.minute_accounts |= bit
            entry.busiest = max(entry.busiest, entry.minute_accounts.bit_count())

    def read(self, template: int, now: float) -> Spread:
        """Say how a template spreads.

        Args:
            template: Its sketch.
            now: By the monotonic clock, in seconds.

        Returns:
            Zeros for a template that is not followed.
        """
        half = int(now // self._half_seconds)
        for entry in self._set_of(template):
            if entry.template == template and half - entry.half <= 1:
                same = entry.half == half
                both = entry.accounts | (entry.accounts_before if same else 0)
                busiest = max(entry.busiest, entry.busiest_before if same else 0)
                return Spread(
                    requests=entry.requests,
                    accounts=_counted(both.bit_count(), _ACCOUNT_BITS),
                    busiest_minute=_counted(busiest, _MINUTE_BITS),
                )
        return Spread(requests=0, accounts=0, busiest_minute=0)

    def _set_of(self, template: int) -> list[_Entry]:
        return self._sets[hash((self._seed, template)) % len(self._sets)]

    def _entry(self, template: int, half: int) -> _Entry:
        entries = self._set_of(template)
        for entry in entries:
            if entry.template == template:
                return entry
        if len(entries) < _WAYS:
            entries.append(_Entry(template, 0, half))
            return entries[-1]
        oldest = min(entries, key=lambda entry: (half - entry.half <= 1, entry.requests))
        inherited = oldest.requests if half - oldest.half <= 1 else 0
        place = entries.index(oldest)
        entries[place] = _Entry(template, inherited, half)
        return entries[place]


def _turn(entry: _Entry, half: int) -> None:
    """Begin a new half of the window; requests fade by half, so that old fame is no fame."""
    follows = half == entry.half + 1
    entry.accounts_before = entry.accounts if follows else 0
    entry.busiest_before = entry.busiest if follows else 0
    entry.accounts = entry.busiest = 0
    entry.requests = entry.requests // 2 if follows else 0
    entry.half = half


def _counted(bits_set: int, bits: int) -> int:
    if bits_set == 0:
        return 0
    return round(-bits * math.log(max(1 - bits_set / bits, 1 / bits)))
