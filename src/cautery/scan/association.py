"""Associations: which behaviour is concentrated in accounts that share infrastructure.

A template that thousands of strangers use says nothing, and neither does an address that
thousands share. A template whose accounts *also* share cards or addresses, more than any random
set of accounts of that size would, says that one hand is behind them. So tokens of behaviour are
judged as nodes by a null model, and no degree is cut off by hand (decision 0003).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from cautery.scan.distinct import distinct
from cautery.scan.incidences import Incidences
from cautery.scan.null_models import accepted, chance_of_two, overlap_log_p, poisson_log_p

Integers = NDArray[np.int64]
Floats = NDArray[np.float64]

FEWEST_HOLDERS: Final = 3
"""Accounts that a behaviour token needs."""
LEAST_CONCENTRATION: Final = 0.3
"""Part of a token's accounts that must be linked by infrastructure for it to join accounts."""
LEAST_LIFT: Final = 4.0
"""How many times more infrastructure sharing than chance; confounders (one country, one
language, one payment provider) reach about two in the simulated honest traffic."""
MOST_INSIDE: Final = 0.8
"""Part of a card's or address's accounts that must show a token which is so common that the
lift cannot be reached: in a log that is mostly attack, nothing is four times over chance."""
MOST_COMMON: Final = 0.6
"""A token that more than this part of all accounts shows cannot be concentrated in anything."""
BLOCK_TOKENS: Final = 512


@dataclass(frozen=True, slots=True, kw_only=True)
class Concentration:
    """One row a behaviour token: how concentrated its accounts are in shared infrastructure."""

    holders: Integers
    """Customers that show the token."""
    linked: Integers
    """Of those, customers that share infrastructure with another holder beyond chance."""
    expected: Floats
    """Infrastructure tokens that two random holders would share, by the null."""
    observed: Integers
    """Infrastructure tokens that two or more holders do share."""
    joins: NDArray[np.bool_]
    """Whether the token may join accounts."""
    linked_pairs: sparse.csr_matrix
    """Tokens x customers, 1 where a holder is linked by infrastructure."""


def customer_matrix(pairs: Incidences, customers: Integers) -> sparse.csr_matrix:
    """Tokens x customers, 1 where an account of the customer shows the token."""
    count = int(customers.max(initial=-1)) + 1
    keys = distinct(pairs.token * count + customers[pairs.account])
    ones = np.ones(keys.size, dtype=np.float64)
    return sparse.csr_matrix(
        (ones, (keys // count, keys % count)), shape=(pairs.token_count, count)
    )


def shared_things(infrastructure: list[Incidences], customers: Integers) -> sparse.csr_matrix:
    """Stack the infrastructure tokens of two or more customers.

    Args:
        infrastructure: Account-token pairs of the infrastructure links.
        customers: Customer of each account.

    Returns:
        Tokens x customers, 1 where an account of the customer shows the token.
    """
    matrices = [customer_matrix(_of_several(pairs), customers) for pairs in infrastructure]
    if not matrices:
        return sparse.csr_matrix((0, int(customers.max(initial=-1)) + 1))
    stacked = sparse.vstack(matrices, format="csr")
    degree = np.diff(stacked.indptr)
    return sparse.csr_matrix(stacked[degree >= 2])


def _of_several(pairs: Incidences) -> Incidences:
    """Leave the tokens of one account out: most addresses of a long log."""
    accounts = np.bincount(pairs.token, minlength=pairs.token_count)
    kept = accounts[pairs.token] >= 2
    numbers = np.cumsum(accounts >= 2) - 1
    return Incidences(
        account=pairs.account[kept],
        token=numbers[pairs.token[kept]].astype(np.int64),
        exchanges=pairs.exchanges[kept],
        names=np.flatnonzero(accounts >= 2).astype(np.int64),
    )


def concentrate(
    behaviour: Incidences, shares: sparse.csr_matrix, customers: Integers
) -> Concentration:
    """Test every behaviour token against every shared infrastructure token.

    Two tests, both under the null that the token's accounts are a random set of their size: each
    pair's overlap (hypergeometric, false-discovery rate over all pairs, those with an overlap
    under two counted but never formed), and the number of infrastructure tokens that two or more
    holders share (Chernoff bound), which finds many small cards where no single one is striking.

    Args:
        behaviour: Account-token pairs of one behaviour link.
        shares: Infrastructure tokens x customers, from ``shared_things``.
        customers: Customer of each account; accounts of one declared organisation count once.

    Returns:
        The concentration of every behaviour token.
    """
    customer_count = int(customers.max(initial=-1)) + 1
    shows = customer_matrix(behaviour, customers)
    holders = np.diff(shows.indptr).astype(np.int64)
    degrees = np.diff(shares.indptr).astype(np.int64)
    usable = np.flatnonzero((holders >= FEWEST_HOLDERS) & (holders <= MOST_COMMON * customer_count))
    pairs = _overlaps(shows[usable], shares, holders[usable], degrees, customer_count)
    rows, columns, overlap, log_p = pairs
    significant = accepted(log_p, tests=usable.size * max(degrees.size, 1))
    sizes, inverse = np.unique(holders[usable], return_inverse=True)
    kinds, uses = np.unique(degrees, return_counts=True)
    by_size = np.array(
        [float(chance_of_two(customer_count, kinds, int(size)) @ uses) for size in sizes]
    )
    expected = by_size[inverse] if sizes.size else np.zeros(0)
    observed = np.bincount(rows, minlength=usable.size).astype(np.int64)
    pooled = accepted(poisson_log_p(observed, expected), tests=max(usable.size, 1))
    lift = np.minimum(LEAST_LIFT, MOST_INSIDE * customer_count / np.maximum(holders[usable], 1))
    pooled &= observed >= lift * expected
    # Inside a striking token, what most of its own accounts share counts even if a card of two
    # could never be significant alone.
    mostly_inside = overlap * 2 > degrees[columns]
    counts = significant & (
        overlap >= lift[rows] * holders[usable][rows] * degrees[columns] / customer_count
    )
    counts |= pooled[rows] & mostly_inside
    joined = sparse.csr_matrix(
        (np.ones(int(counts.sum())), (usable[rows[counts]], columns[counts])),
        shape=(shows.shape[0], shares.shape[0]),
    )
    linked_pairs = (joined @ shares).multiply(shows).tocsr()
    linked_pairs.eliminate_zeros()
    linked_pairs.data[:] = 1.0
    linked = np.diff(linked_pairs.indptr).astype(np.int64)
    full_expected, full_observed = np.zeros(holders.size), np.zeros(holders.size, dtype=np.int64)
    full_expected[usable], full_observed[usable] = expected, observed
    joins = (linked >= FEWEST_HOLDERS) & (linked >= LEAST_CONCENTRATION * holders)
    return Concentration(
        holders=holders,
        linked=linked,
        expected=full_expected,
        observed=full_observed,
        joins=joins,
        linked_pairs=linked_pairs,
    )


def _overlaps(
    shows: sparse.csr_matrix,
    shares: sparse.csr_matrix,
    holders: Integers,
    degrees: Integers,
    customer_count: int,
) -> tuple[Integers, Integers, Integers, Floats]:
    """Pairs that overlap in two or more accounts, block by block: row, column, overlap, log-p."""
    found: list[tuple[Integers, Integers, Integers]] = []
    transposed = shares.T.tocsr()
    for start in range(0, shows.shape[0], BLOCK_TOKENS):
        block = (shows[start : start + BLOCK_TOKENS] @ transposed).tocoo()
        kept = block.data >= 2
        found.append(
            (
                block.row[kept].astype(np.int64) + start,
                block.col[kept].astype(np.int64),
                block.data[kept].astype(np.int64),
            )
        )
    if not found:
        empty = np.zeros(0, dtype=np.int64)
        return empty, empty, empty, np.zeros(0)
    rows, columns, overlap = (np.concatenate(part) for part in zip(*found, strict=True))
    order = np.lexsort((columns, rows))
    rows, columns, overlap = rows[order], columns[order], overlap[order]
    return (
        rows,
        columns,
        overlap,
        overlap_log_p(customer_count, holders[rows], degrees[columns], overlap),
    )
