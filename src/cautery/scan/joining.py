"""Joining: the behaviour tokens that may join accounts, of all behaviour links together."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from cautery.scan.association import Concentration, concentrate
from cautery.scan.degree_null import SharedThings
from cautery.scan.incidences import Incidences

Integers = NDArray[np.int64]


@dataclass(frozen=True, kw_only=True)
class Joining:
    """Behaviour tokens that join accounts, of all behaviour links together."""

    linked: sparse.csr_matrix
    """Tokens x accounts: holders that share infrastructure."""
    shows: sparse.csr_matrix
    """Tokens x accounts: exchanges that show the token."""
    shingles: Integers
    """Stored shingles among the tokens."""


def _signs(matrix: sparse.csr_matrix) -> sparse.csr_matrix:
    """1 where a matrix without stored zeros has an entry."""
    ones = np.ones(matrix.nnz)
    return sparse.csr_matrix((ones, matrix.indices, matrix.indptr), shape=matrix.shape)


def joining_tokens(
    behaviour: dict[str, Incidences],
    shares: SharedThings,
    customers: Integers,
    free: NDArray[np.bool_],
) -> Joining:
    """Choose the behaviour tokens that may join accounts, and spread them over free accounts."""
    linked, shows = [], []
    shingles = np.zeros(0, dtype=np.int64)
    count = customers.size
    accounts_of = sparse.csr_matrix(
        (free.astype(np.float64), (customers, np.arange(count))),
        shape=(int(customers.max(initial=-1)) + 1, count),
    )
    for name in sorted(behaviour):
        pairs = behaviour[name]
        found: Concentration = concentrate(pairs, shares, customers)
        rows = np.flatnonzero(found.joins)
        weights = sparse.csr_matrix(
            (pairs.exchanges * free[pairs.account] * 1.0, (pairs.token, pairs.account)),
            shape=(pairs.token_count, count),
        )[rows]
        weights.eliminate_zeros()
        here = (found.linked_pairs[rows] @ accounts_of).multiply(_signs(weights)).tocsr()
        here.eliminate_zeros()
        linked.append(here)
        shows.append(weights)
        if name == "template":
            shingles = np.asarray(pairs.names, dtype=np.int64)[rows]
    if not linked:
        empty = sparse.csr_matrix((0, count))
        return Joining(linked=empty, shows=empty, shingles=shingles)
    return Joining(
        linked=sparse.vstack(linked, format="csr"),
        shows=sparse.vstack(shows, format="csr"),
        shingles=shingles,
    )
