"""Habits that both independent worlds draw from: waking hours, addresses, identifiers, sizes."""

from __future__ import annotations

import math
import random
from collections.abc import Sequence
from typing import Final

DAY_SECONDS: Final = 86_400
"""Seconds in a day."""

_WAKING: Final[tuple[float, ...]] = (
    *(0.2, 0.1, 0.05, 0.05, 0.05, 0.1, 0.4, 0.8, 1.4, 1.8, 1.9, 1.7),
    *(1.4, 1.6, 1.8, 1.8, 1.6, 1.3, 1.1, 1.2, 1.3, 1.2, 0.8, 0.4),
)
"""Relative activity of a person in each hour of the own day."""

_FIRST_OCTETS: Final[tuple[int, ...]] = tuple(
    octet for octet in range(2, 220) if octet not in (10, 100, 127, 169, 172, 192, 198, 203)
)
"""First octets of public IPv4 addresses, without the special ranges."""


class Addresses:
    """Hands out IPv4 addresses, each network (/24) once."""

    def __init__(self, rng: random.Random) -> None:
        self._rng = rng
        self._networks: set[str] = set()

    def network(self) -> str:
        """Return the first three octets of a /24 that nobody has."""
        while True:
            octets = (self._rng.choice(_FIRST_OCTETS), *self._rng.choices(range(256), k=2))
            network = ".".join(map(str, octets))
            if network not in self._networks:
                self._networks.add(network)
                return network

    def address(self) -> str:
        """Return an address in a network of its own."""
        return f"{self.network()}.{self._rng.randrange(1, 255)}"

    def wander(self, homes: list[str], chance: float = 0.05) -> str:
        """Draw one of somebody's addresses; now and then the provider has given out a new one.

        Args:
            homes: The addresses that the person has at the moment; one may be exchanged.
            chance: How likely an exchange is.

        Returns:
            The address of one request.
        """
        if self._rng.random() < chance:
            homes[self._rng.randrange(len(homes))] = self.address()
        return self._rng.choice(homes)

    def addresses_in(self, network: str, count: int) -> list[str]:
        """Return different addresses of one network."""
        return [f"{network}.{host}" for host in self._rng.sample(range(1, 255), count)]


def waking_times(
    rng: random.Random, count: int, start: float, days: int, *, sessions: bool = True
) -> list[float]:
    """Draw the times at which one person asks, in the person's own waking hours.

    Args:
        rng: Source of chance.
        count: How many times.
        start: First second of the log.
        days: Length of the log.
        sessions: Whether several requests follow each other within minutes, as in a talk.

    Returns:
        Times in order.
    """
    zone = rng.randrange(24)
    times: list[float] = []
    while len(times) < count:
        hour = (rng.choices(range(24), _WAKING)[0] + zone) % 24
        moment = start + rng.randrange(days) * DAY_SECONDS + hour * 3600 + rng.random() * 3600
        for _ in range(rng.choice((1, 1, 2, 3, 5)) if sessions else 1):
            if len(times) < count:
                times.append(moment)
            moment += rng.expovariate(1 / 90)
    return sorted(start + (moment - start) % (days * DAY_SECONDS) for moment in times)


def working_times(rng: random.Random, count: int, start: float, days: int) -> list[float]:
    """Draw the times of a program that works through a list in runs.

    Args:
        rng: Source of chance.
        count: How many times.
        start: First second of the log.
        days: Length of the log.

    Returns:
        Times in order.
    """
    times: list[float] = []
    length = days * DAY_SECONDS
    while len(times) < count:
        moment, gap = start + rng.random() * length, rng.uniform(2.0, 25.0)
        for _ in range(min(rng.randrange(20, 120), count - len(times))):
            times.append(start + (moment - start) % length)
            moment += rng.expovariate(1 / gap)
    return sorted(times)


def heavy_size(rng: random.Random, median: float, spread: float = 0.9, most: int = 2_000) -> int:
    """Draw how much one account asks: a few ask most (log-normal).

    Args:
        rng: Source of chance.
        median: Half of all draws lie below it.
        spread: Standard deviation of the logarithm.
        most: Largest value.

    Returns:
        At least 1.
    """
    return max(1, min(most, round(median * math.exp(rng.gauss(0.0, spread)))))


def identifier(rng: random.Random, prefix: str = "", digits: int = 16) -> str:
    """Draw an opaque identifier in hexadecimal."""
    return f"{prefix}{rng.getrandbits(digits * 4):0{digits}x}"


def answer_of(rng: random.Random, words: Sequence[str], tokens: int) -> str:
    """Draw the beginning of an answer; its length follows the tokens up to forty words."""
    return " ".join(rng.choices(words, k=min(40, max(3, tokens // 4)))).capitalize() + "."
