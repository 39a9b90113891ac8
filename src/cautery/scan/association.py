"""Associations: which behaviour is concentrated in accounts that share infrastructure.

A template that thousands of strangers use says nothing, and neither does an address that
thousands share. A template whose accounts *also* share cards or addresses, more than any random
set of accounts of that size would, says that one hand is behind them. So tokens of behaviour are
judged as nodes by a null model, and no degree is cut off by hand (decisions 0003 and 0015).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from cautery.scan.degree_null import SharedThings, customer_matrix
from cautery.scan.incidences import Incidences
from cautery.scan.null_models import accepted, accepted_within, poisson_log_p, sum_log_p

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
JOINING_RATE: Final = 0.05
"""Share of accepted pairs that may be chance. At 5 % one pair is accepted in six rewired networks
(``benchmarks/null_networks.py``) and hydra campaigns are found a little better (seed 2: 0.730
instead of 0.709), at one more honest account accused there, a red team's."""
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
    """Infrastructure tokens that two or more holders would share, by the null; one column a kind,
    as an address of thousands, which any two hundred share, hides the cards of ten."""
    observed: Integers
    """Infrastructure tokens that two or more holders do share, likewise."""
    joins: NDArray[np.bool_]
    """Whether the token may join accounts."""
    linked_pairs: sparse.csr_matrix
    """Tokens x customers, 1 where a holder is linked by infrastructure."""


def concentrate(behaviour: Incidences, shares: SharedThings, customers: Integers) -> Concentration:
    """Test every behaviour token against every shared infrastructure token.

    Two tests, both under the null that cards and addresses are dealt anew, every customer and
    every thing keeping its number of them (``degree_null``): each pair's overlap (a binomial
    bound, false-discovery rate over all pairs, those with an overlap under two counted but never
    formed), and the number of infrastructure tokens that two or more holders share, kind by kind
    and of all kinds (Chernoff bound), which finds many small cards where no single one is striking.
    The pairs of a token that is striking so are tested once more, as a family by themselves.

    Args:
        behaviour: Account-token pairs of one behaviour link.
        shares: Shared infrastructure, from ``degree_null.shared_things``.
        customers: Customer of each account; accounts of one declared organisation count once.

    Returns:
        The concentration of every behaviour token.
    """
    customer_count = int(customers.max(initial=-1)) + 1
    shows = customer_matrix(behaviour, customers)
    holders = np.diff(shows.indptr).astype(np.int64)
    degrees = shares.degrees
    usable = np.flatnonzero((holders >= FEWEST_HOLDERS) & (holders <= MOST_COMMON * customer_count))
    pairs, expected = overlaps(shows[usable], shares)
    rows, columns, overlap = pairs.row, pairs.column, pairs.overlap
    significant = accepted(pairs.log_p, tests=usable.size * max(degrees.size, 1), rate=JOINING_RATE)
    lift = np.minimum(LEAST_LIFT, MOST_INSIDE * customer_count / np.maximum(holders[usable], 1))
    counts = significant & (overlap >= lift[rows] * pairs.mean)
    observed, striking = _striking_kinds(pairs, expected, shares, lift)
    counts |= striking & _within(pairs, shares, lift)
    joined = sparse.csr_matrix(
        (np.ones(int(counts.sum())), (usable[rows[counts]], columns[counts])),
        shape=(shows.shape[0], degrees.size),
    )
    linked_pairs = (joined @ shares.shown).multiply(shows).tocsr()
    linked_pairs.eliminate_zeros()
    linked_pairs.data[:] = 1.0
    linked = np.diff(linked_pairs.indptr).astype(np.int64)
    kinds = len(shares.kinds)
    full_expected = np.zeros((holders.size, kinds))
    full_observed = np.zeros((holders.size, kinds), dtype=np.int64)
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


def _striking_kinds(
    pairs: Overlaps, expected: Floats, shares: SharedThings, lift: Floats
) -> tuple[Integers, NDArray[np.bool_]]:
    """Count the things of each kind that each token's holders share, and mark striking pairs."""
    kinds = len(shares.kinds)
    family = pairs.row * kinds + shares.kind_of[pairs.column]
    observed = np.bincount(family, minlength=expected.size).reshape(expected.shape)
    # Each kind by itself, and all together: several kinds may say a little each.
    counted = np.hstack([observed, observed.sum(axis=1, keepdims=True)])
    by_chance = np.hstack([expected, expected.sum(axis=1, keepdims=True)])
    log_p = poisson_log_p(counted.ravel(), by_chance.ravel())
    pooled = accepted(log_p, tests=max(counted.size, 1)).reshape(counted.shape)
    pooled &= counted >= lift[:, None] * by_chance
    striking = pooled[:, :kinds] | pooled[:, kinds:]
    return observed.astype(np.int64), np.asarray(striking.ravel()[family], dtype=np.bool_)


def _within(pairs: Overlaps, shares: SharedThings, lift: Floats) -> NDArray[np.bool_]:
    """Choose the pairs that count where their token and kind are striking together.

    A card most of whose accounts show the token counts even if a card of two could never be
    significant; so does one that is significant among the things of its kind.
    """
    kind = shares.kind_of
    things = np.bincount(kind, minlength=len(shares.kinds))
    of_pair = kind[pairs.column]
    family = pairs.row * len(shares.kinds) + of_pair
    found = accepted_within(pairs.log_p, family, things[of_pair], JOINING_RATE)
    found &= pairs.overlap >= lift[pairs.row] * pairs.mean
    return np.asarray(found | (pairs.overlap * 2 > shares.degrees[pairs.column]), dtype=np.bool_)


@dataclass(frozen=True, slots=True, kw_only=True)
class Overlaps:
    """Pairs of a behaviour and a thing that two or more customers have in common, in order."""

    row: Integers
    column: Integers
    overlap: Integers
    mean: Floats
    """Overlap by the null."""
    log_p: Floats
    """Log-chance, a bound, of an overlap at least this large."""


def overlaps(shows: sparse.csr_matrix, shares: SharedThings) -> tuple[Overlaps, Floats]:
    """Count what the holders of each token share, block by block.

    Args:
        shows: Behaviour tokens x customers, 1 where the customer shows the token.
        shares: Shared infrastructure.

    Returns:
        The pairs with an overlap of two or more, and for each token and kind the number of things
        that two or more of its holders would share by the null.
    """
    rows, columns, overlap = ([np.zeros(0, dtype=np.int64)] for _ in range(3))
    means, expected = [np.zeros(0)], [np.zeros((0, len(shares.kinds)))]
    transposed = shares.shown.T.tocsr()
    for start in range(0, shows.shape[0], BLOCK_TOKENS):
        block = shows[start : start + BLOCK_TOKENS]
        by_class, both = shares.expected(block)
        found = (block @ transposed).tocoo()
        kept = found.data >= 2
        row, column = found.row[kept].astype(np.int64), found.col[kept].astype(np.int64)
        order = np.lexsort((column, row))
        row, column = row[order], column[order]
        rows.append(row + start)
        columns.append(column)
        overlap.append(found.data[kept][order].astype(np.int64))
        means.append(by_class[row, shares.class_of[column]])
        expected.append(both)
    row, column, shared = np.concatenate(rows), np.concatenate(columns), np.concatenate(overlap)
    mean = np.concatenate(means)
    most = np.minimum(np.diff(shows.indptr)[row], shares.degrees[column]).astype(np.int64)
    log_p = sum_log_p(shared, mean, most)
    return (
        Overlaps(row=row, column=column, overlap=shared, mean=mean, log_p=log_p),
        np.concatenate(expected),
    )
