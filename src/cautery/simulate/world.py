"""The world of one log: what generators add accounts and strands to."""

from __future__ import annotations

from typing import Any

import numpy as np

from cautery.simulate.accounts import LANGUAGE_OF, zone_hours
from cautery.simulate.clients import ClientBook
from cautery.simulate.columns import Columns
from cautery.simulate.network import AddressBook
from cautery.simulate.plan import SimulationPlan
from cautery.simulate.seeds import stream
from cautery.simulate.strands import STRAND_DEFAULTS
from cautery.simulate.text.bank import Span
from cautery.simulate.text.vocabulary import load_vocabulary

MODELS = ("aurora-4-mini", "aurora-4", "aurora-4-reason", "aurora-5")
"""Served models, invented; the last one is released during the log."""
NEW_MODEL = 3
REASONING_MODELS = (2, 3)


class World:
    """Accounts, strands, addresses, clients and words of one log.

    Generators call ``add_accounts`` and then ``add_strands``; row numbers are global.
    """

    def __init__(self, plan: SimulationPlan) -> None:
        self.plan = plan
        self.words = load_vocabulary()
        self.addresses = AddressBook()
        self.clients = ClientBook()
        self.release_day = 0.45 * plan.days
        """When the new model comes out, in days since the start."""
        self._accounts: list[Columns] = []
        self._strands: list[Columns] = []
        self._size = 0
        self._queues = 0

    def random(self, *names: object) -> np.random.Generator:
        """Return the random stream of a name."""
        return stream(self.plan.seed, *names)

    def add_accounts(self, accounts: Columns) -> np.ndarray[Any, np.dtype[np.int64]]:
        """Add accounts and return their row numbers."""
        self._accounts.append(accounts)
        rows = np.arange(self._size, self._size + accounts.rows)
        self._size += accounts.rows
        return rows

    def add_strands(self, rows: Any, **values: Any) -> None:
        """Add one strand for every given account row; ``values`` override the defaults."""
        self._strands.append(Columns.filled(STRAND_DEFAULTS, len(rows), account=rows, **values))

    def new_queue(self) -> int:
        """Return the number of a new work queue of harvest items."""
        self._queues += 1
        return self._queues

    def pieces(self, texts: list[str]) -> Span:
        """Add texts as consecutive pieces of the bank."""
        return self.words.bank.add_all(texts)

    def home_addresses(
        self, random: np.random.Generator, accounts: Columns, kinds: Any, sizes: Any
    ) -> Any:
        """Give every account its own pool of addresses in its country; return the places."""
        rows = zip(accounts["country"], kinds, sizes, strict=True)
        return np.array(
            [
                self.addresses.pool(random, str(kind), country, int(size), 2 if size > 2 else 1)
                for country, kind, size in rows
            ],
            np.int64,
        )

    def own_clients(self, random: np.random.Generator, count: int) -> tuple[Any, Any]:
        """Give every account one or two clients of an ordinary family; return places and sizes."""
        sizes = random.choice([1, 1, 2, 3], count)
        places = [self.clients.ordinary_pool(random, int(size)) for size in sizes]
        return np.array(places, np.int64), sizes

    def accounts(self) -> Columns:
        """Return all accounts."""
        return Columns.joined(self._accounts)

    def strands(self) -> Columns:
        """Return all strands, cut to the life of their accounts."""
        accounts = self.accounts()
        strands = Columns.joined(self._strands)
        created = accounts["created_day"][strands["account"]]
        closed = accounts["closed_day"][strands["account"]]
        strands["start"] = np.maximum(strands["start"], created)
        strands["end"] = np.fmin(strands["end"], closed)
        return strands


def local_languages(random: np.random.Generator, countries: Any) -> Any:
    """Return the language of each account: most write English, some their own."""
    own = np.array([LANGUAGE_OF.get(country, -1) for country in countries], np.int64)
    return np.where(random.random(len(own)) < 0.5, own, -1)


def clocks(accounts: Columns) -> Any:
    """Return the offset from UTC of each account, in hours."""
    return zone_hours(accounts["country"])
