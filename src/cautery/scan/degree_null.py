"""The degree-preserving null of shared infrastructure: what accounts would share by their numbers.

Null: within each kind of thing (cards, addresses), every customer shows as many things and every
thing is shown by as many customers as in the log, and nothing else is so (the bipartite
configuration model). Kind by kind, because a customer with three hundred addresses has no more
cards for it. Things of one customer are no links, but they count in the degrees: who shows many
meets others by chance. A customer that shows nothing of a kind shares nothing of it by chance
either, so a column that few accounts fill proves nothing by being filled.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from cautery.scan.configuration_model import fit_degrees
from cautery.scan.distinct import distinct
from cautery.scan.incidences import Incidences

Integers = NDArray[np.int64]
Floats = NDArray[np.float64]

FEWEST_SHARING: Final = 2
"""Customers that make a thing a shared one."""


@dataclass(frozen=True, kw_only=True)
class ThingKind:
    """One kind of shared thing under its null."""

    classes: sparse.csr_matrix
    """Customers x classes of customers of equal degree, one 1 a row."""
    chances: Floats
    """Chance that a customer shows a thing, classes of customers x classes of shared things."""
    things: Integers
    """Shared things in each class."""


@dataclass(frozen=True, kw_only=True)
class SharedThings:
    """Things that several customers show, of several kinds, with what chance would share."""

    shown: sparse.csr_matrix
    """Shared things x customers, 1 where an account of the customer shows the thing."""
    kinds: tuple[ThingKind, ...]
    class_of: Integers
    """Class of each shared thing, counted through all kinds."""

    @property
    def kind_of(self) -> Integers:
        """Kind of each shared thing, by its place in ``kinds``."""
        sizes = [kind.things.size for kind in self.kinds]
        kinds = np.repeat(np.arange(len(sizes), dtype=np.int64), sizes)
        return np.asarray(kinds[self.class_of], dtype=np.int64)

    @property
    def degrees(self) -> Integers:
        """Customers that show each thing."""
        return np.diff(self.shown.indptr).astype(np.int64)

    def expected(self, sets: sparse.csr_matrix) -> tuple[Floats, Floats]:
        """Expect by chance how many of some sets of customers show each thing.

        Args:
            sets: Sets x customers, 1 where the customer is in the set.

        Returns:
            Mean number of the set's customers that show a thing, sets x classes of things; and
            for each set and kind the mean number of things that two or more of its customers show.
            Of that second mean, a bound is given: the chance of two is at most the mean number of
            pairs, and at most Poisson's where that is known to be higher.
        """
        means, both = [np.zeros((sets.shape[0], 0))], [np.zeros((sets.shape[0], 0))]
        for kind in self.kinds:
            inside = sets @ kind.classes
            mean = np.asarray(inside @ kind.chances, dtype=np.float64)
            pairs = np.maximum((mean**2 - inside @ kind.chances**2) / 2.0, 0.0)
            poisson = np.where(mean <= 1.0, 1.0 - np.exp(-mean) * (1.0 + mean), 1.0)
            both.append((np.minimum(pairs, poisson) @ kind.things)[:, None])
            means.append(mean)
        return np.hstack(means), np.hstack(both)


def customer_matrix(pairs: Incidences, customers: Integers) -> sparse.csr_matrix:
    """Tokens x customers, 1 where an account of the customer shows the token."""
    count = int(customers.max(initial=-1)) + 1
    keys = distinct(pairs.token * count + customers[pairs.account])
    ones = np.ones(keys.size, dtype=np.float64)
    return sparse.csr_matrix(
        (ones, (keys // count, keys % count)), shape=(pairs.token_count, count)
    )


def shared_things(infrastructure: list[Incidences], customers: Integers) -> SharedThings:
    """Stack the infrastructure tokens of two or more customers and fit the null of each kind.

    Args:
        infrastructure: Account-token pairs of the infrastructure links.
        customers: Customer of each account.

    Returns:
        The shared things and their null.
    """
    count = int(customers.max(initial=-1)) + 1
    shown, kinds, class_of = [sparse.csr_matrix((0, count))], [], [np.zeros(0, dtype=np.int64)]
    classes = 0
    for pairs in infrastructure:
        several, alone = _of_several(pairs)
        matrix = customer_matrix(several, customers)
        single = np.bincount(customers[pairs.account[alone]], minlength=count)
        kind, shared, of_thing = _kind(matrix, single)
        shown.append(shared)
        kinds.append(kind)
        class_of.append(of_thing + classes)
        classes += kind.things.size
    return SharedThings(
        shown=sparse.vstack(shown, format="csr"),
        kinds=tuple(kinds),
        class_of=np.concatenate(class_of),
    )


def _kind(
    matrix: sparse.csr_matrix, single: Integers
) -> tuple[ThingKind, sparse.csr_matrix, Integers]:
    """Fit one kind: its things of several accounts, and how many each customer shows alone."""
    count = matrix.shape[1]
    degrees = np.diff(matrix.indptr).astype(np.int64)
    of_customer = np.bincount(matrix.indices, minlength=count) + single
    of_thing = np.concatenate([degrees, np.ones(int(single.sum()), dtype=np.int64)])
    model = fit_degrees(of_customer.astype(np.int64), of_thing)
    shared = np.flatnonzero(degrees >= FEWEST_SHARING)
    wanted, classes, things = np.unique(
        model.of_token[shared], return_inverse=True, return_counts=True
    )
    kind = ThingKind(
        classes=sparse.csr_matrix(
            (np.ones(count), (np.arange(count), model.of_account)),
            shape=(count, model.accounts.size),
        ),
        chances=model.chances[:, wanted],
        things=things.astype(np.int64),
    )
    return kind, matrix[shared], classes.astype(np.int64)


def _of_several(pairs: Incidences) -> tuple[Incidences, NDArray[np.bool_]]:
    """Leave the tokens of one account out, most addresses of a long log; and say which pairs."""
    accounts = np.bincount(pairs.token, minlength=pairs.token_count)
    kept = accounts[pairs.token] >= FEWEST_SHARING
    numbers = np.cumsum(accounts >= FEWEST_SHARING) - 1
    several = Incidences(
        account=pairs.account[kept],
        token=numbers[pairs.token[kept]].astype(np.int64),
        exchanges=pairs.exchanges[kept],
        names=np.flatnonzero(accounts >= FEWEST_SHARING).astype(np.int64),
    )
    return several, ~kept
