"""Counts the networks that each credential is used from: shared and resold keys have many at once.

What one customer does is allowed for. A phone changes its network often, but inside one provider,
and is in one or two places at a time. A company's offices and a cloud's addresses are many /24, of
one provider or a few. Many customers behind one address (NAT) only make the count smaller. So a key
counts as shared when it has many networks *and* many providers, at once or over a day. Even then it
is a fact that raises a tier, and blocks nobody by itself.

Memory is bounded: the networks of a key are remembered one by one up to a limit (an exact count up
to there, and "or more" past it, is all that the finding needs), and the keys that were seen least
lately are forgotten.
"""

from __future__ import annotations

import threading
from array import array
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from ipaddress import IPv6Address, ip_address
from typing import Final

from cautery.errors import ConfigurationError
from cautery.records.key_spread import KeySpread

AT_ONCE_MINUTES: Final = 15

_SLOT: Final = 3
"""Numbers of a network: itself, its provider, and the minute when it was last seen."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SpreadSettings:
    """When a key counts as shared. The figures are chosen, not measured: set them on your traffic.

    Raises:
        ConfigurationError: A number is not positive.
    """

    networks_at_once: int = 8
    """Networks within a quarter of an hour ..."""
    systems_at_once: int = 4
    """... of so many providers."""
    networks: int = 32
    """Or: networks within the window ..."""
    systems: int = 12
    """... of so many providers."""
    window_hours: int = 24
    """Length of the window."""
    most_networks: int = 64
    """Networks that are remembered of one key."""
    most_keys: int = 100_000
    """Keys that are remembered: at most 1.7 kB each."""

    def __post_init__(self) -> None:
        if min(getattr(self, name) for name in self.__slots__) <= 0:
            raise ConfigurationError("limits of key sharing are positive", where="key_sharing")
        if self.networks > self.most_networks or self.networks_at_once > self.most_networks:
            raise ConfigurationError(
                "more networks than are remembered", where="key_sharing.most_networks"
            )


class _Seen:
    """The networks of one key."""

    __slots__ = ("last_address", "last_minute", "shared", "slots")

    def __init__(self) -> None:
        self.last_address, self.last_minute = "", -1
        self.shared = False
        self.slots = array("q")


class KeyNetworks:
    """Remembers networks of keys.

    Args:
        settings: When a key counts as shared.
        system_of: Gives the number of an address's autonomous system, 0 if it is not known.

    Example:
        >>> from datetime import UTC, datetime
        >>> seen = KeyNetworks(SpreadSettings(networks_at_once=3, systems_at_once=2))
        >>> now = datetime(2026, 12, 1, tzinfo=UTC)
        >>> used = ("192.0.2.7", "192.0.2.9", "198.51.100.1", "203.0.113.1")
        >>> [seen.note("key_1", address, now) for address in used]
        [False, False, False, True]
        >>> seen.spread("key_1", now).text
        'key key_1 was used from 3 networks of 3 providers in 24 hours, 3 of them (3 providers) in \
the last 15 minutes'
        >>> seen.spread("key_1", now).shared
        True
    """

    def __init__(
        self,
        settings: SpreadSettings | None = None,
        system_of: Callable[[str], int] = lambda _address: 0,
    ) -> None:
        self._settings = settings or SpreadSettings()
        self._keys: dict[str, _Seen] = {}
        self._place = lru_cache(maxsize=16_384)(lambda address: _place(address, system_of))
        self._lock = threading.Lock()

    def note(self, key_id: str, address: str, now: datetime) -> bool:
        """Note that a key was used.

        Args:
            key_id: The credential's identifier.
            address: The client's, after trusted proxies; one that is none is left out.
            now: When; UTC.

        Returns:
            Whether the key counts as shared.
        """
        minute = int(now.timestamp()) // 60
        seen = self._keys.get(key_id)
        if seen is not None and seen.last_address == address and seen.last_minute == minute:
            return seen.shared  # what nearly every request is
        place = self._place(address)
        if place is None:
            return seen is not None and seen.shared
        with self._lock:
            # Put to the end: the first one is then the one that was seen least lately.
            seen = self._keys.pop(key_id, None) or _Seen()
            if len(self._keys) >= self._settings.most_keys:
                del self._keys[next(iter(self._keys))]
            self._keys[key_id] = seen
            seen.last_address, seen.last_minute = address, minute
            self._note(seen.slots, place, minute)
            whole, lately = self._counts(seen.slots.tolist(), minute)
            seen.shared = self._is_shared(whole, lately)
            return seen.shared

    def spread(self, key_id: str, now: datetime) -> KeySpread | None:
        """Say from how many networks a key is used.

        Args:
            key_id: The credential's identifier.
            now: The time; UTC.

        Returns:
            What is known; None for a key that was not seen lately.
        """
        minute = int(now.timestamp()) // 60
        with self._lock:
            seen = self._keys.get(key_id)
            if seen is None:
                return None
            slots = seen.slots.tolist()
        whole, lately = self._counts(slots, minute)
        limits = self._settings
        return KeySpread(
            key_id=key_id,
            networks=whole[0],
            systems=whole[1],
            networks_at_once=lately[0],
            systems_at_once=lately[1],
            window_hours=limits.window_hours,
            at_most=limits.most_networks,
            shared=self._is_shared(whole, lately),
        )

    def _counts(self, slots: list[int], minute: int) -> tuple[tuple[int, int], tuple[int, int]]:
        """Count networks and providers, in the window and at once."""
        whole = _count(slots, minute - self._settings.window_hours * 60)
        return whole, _count(slots, minute - AT_ONCE_MINUTES)

    def _is_shared(self, whole: tuple[int, int], lately: tuple[int, int]) -> bool:
        limits = self._settings
        return (lately[0] >= limits.networks_at_once and lately[1] >= limits.systems_at_once) or (
            whole[0] >= limits.networks and whole[1] >= limits.systems
        )

    def _note(self, slots: array[int], place: tuple[int, int], minute: int) -> None:
        network, system = place
        for start in range(0, len(slots), _SLOT):
            if slots[start] == network:
                slots[start + 2] = minute
                return
        if len(slots) < _SLOT * self._settings.most_networks:
            slots.extend((network, system, minute))
            return
        oldest = min(range(0, len(slots), _SLOT), key=lambda start: slots[start + 2])
        slots[oldest], slots[oldest + 1], slots[oldest + 2] = network, system, minute


def _count(slots: list[int], since: int) -> tuple[int, int]:
    """Networks and providers that were seen after a minute."""
    systems = [
        slots[start + 1] for start in range(0, len(slots), _SLOT) if slots[start + 2] > since
    ]
    return len(systems), len(set(systems))


def _place(address: str, system_of: Callable[[str], int]) -> tuple[int, int] | None:
    """Give an address's network and provider; providers that are not known are below zero."""
    try:
        parsed = ip_address(address)
    except ValueError:
        return None
    if isinstance(parsed, IPv6Address) and parsed.ipv4_mapped is not None:
        parsed = parsed.ipv4_mapped
    number = int(parsed)
    if isinstance(parsed, IPv6Address):
        network, wide = (1 << 48) + (number >> 80), -2 - (number >> 96)
    else:
        network, wide = number >> 8, -2 - (1 << 33) - (number >> 16)
    return network, system_of(str(parsed)) or wide
