"""Client addresses: real ranges of the packaged sample, handed out as pools."""

from __future__ import annotations

import ipaddress
from functools import cache
from typing import Final

import numpy as np
import numpy.typing as npt

from cautery.simulate.text.bank import read_sample

Numbers = npt.NDArray[np.int64]

KINDS: Final = ("residential", "hosting", "corporate", "education", "vpn")


@cache
def read_networks() -> tuple[Numbers, Numbers, Numbers, npt.NDArray[np.str_], npt.NDArray[np.str_]]:
    """Return first address, size, AS number, country and kind of every range."""
    rows = [line.split(",") for line in read_sample("networks.csv.gz")[1:]]
    first = np.array([int(ipaddress.ip_address(row[0])) for row in rows], np.int64)
    size = np.array([int(row[1]) for row in rows], np.int64)
    number = np.array([int(row[2]) for row in rows], np.int64)
    return first, size, number, np.array([r[3] for r in rows]), np.array([r[4] for r in rows])


@cache
def ranges_of(kind: str, country: str) -> Numbers:
    """Return the ranges of a kind in a country; of the kind anywhere when there is none."""
    _, _, _, countries, kinds = read_networks()
    fits = np.flatnonzero((kinds == kind) & (countries == country))
    return fits if len(fits) else np.flatnonzero(kinds == kind)


class AddressBook:
    """All addresses of a log; a pool is a run of consecutive entries."""

    def __init__(self) -> None:
        self._parts: list[Numbers] = []
        self._ranges: list[Numbers] = []
        self._size = 0

    def pool(
        self, random: np.random.Generator, kind: str, country: str, size: int, spread: int = 0
    ) -> int:
        """Add a pool and return the place of its first entry.

        Args:
            random: Stream to draw from.
            kind: One of ``KINDS``.
            country: ISO code.
            size: How many addresses.
            spread: At most this many ranges are used; 0 for as many as addresses, and -1 for
                consecutive addresses of one /24.
        """
        first, sizes, _, _, _ = read_networks()
        choice = ranges_of(kind, country)
        if spread == -1:
            row = int(random.choice(choice))
            base = first[row] + 256 * int(random.integers(0, max(1, sizes[row] // 256)))
            found = base + random.choice(254, size=min(size, 254), replace=False) + 1
            found = np.resize(found, size)
            ranges = np.full(size, row, np.int64)
        else:
            used = choice if not spread else random.choice(choice, size=spread)
            ranges = random.choice(used, size=size)
            found = first[ranges] + random.integers(1, sizes[ranges] - 1, size)
        self._parts.append(found.astype(np.int64))
        self._ranges.append(ranges.astype(np.int64))
        self._size += size
        return self._size - size

    def addresses(self) -> tuple[Numbers, Numbers]:
        """Return every address and the number of its range."""
        if len(self._parts) > 1:
            self._parts = [np.concatenate(self._parts)]
            self._ranges = [np.concatenate(self._ranges)]
        return self._parts[0], self._ranges[0]
