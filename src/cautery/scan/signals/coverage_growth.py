"""How fast a pool meets new words: a harvest covers, customers come back to their subjects."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from scipy.special import gammaln

from cautery.records.evidence import Aspect, Family, Weight
from cautery.scan.account_permutations import permutation_p, relabellings
from cautery.scan.cohorts import cohorts_of
from cautery.scan.facts import Facts
from cautery.scan.groups import Groups
from cautery.scan.pool_meanings import PoolMeanings, pool_meanings
from cautery.scan.pool_rows import PoolRow, pool_weights
from cautery.scan.pool_samples import PoolSamples, pool_samples

Integers = NDArray[np.int64]
Floats = NDArray[np.float64]

DRAWS: Final = 99


class CoverageGrowth:
    """Says whether a pool covers more ground than its matched cohort does at the same volume."""

    name: Final = "coverage_growth"
    label: Final = "covers new ground"
    aspect: Final[Aspect] = "distillation"
    family: Final[Family] = "content"
    needs: Final = ("input_text",)

    def measure(self, facts: Facts, groups: Groups) -> Sequence[Weight]:
        """Weigh every group.

        Args:
            facts: What the log says.
            groups: Candidate groups.

        Returns:
            One weight a group. Null: which of the group's and its cohort's accounts form the
            group is random; two-sided.
        """
        samples = pool_samples(facts, groups)
        cohorts = cohorts_of(facts, groups)

        meanings = pool_meanings(facts, groups)

        def judge(group: int) -> PoolRow:
            own, other, p_value = exponents(samples, group)
            row = PoolRow(
                observed=f"exponent {own:.2f}",
                usual=f"{other:.2f} in {cohorts.words(group)}",
                sentence=(
                    f"Twice as many accounts show {2**own:.2f} times as many phrases; of like "
                    f"accounts, {2**other:.2f} times."
                ),
                p_value=p_value,
            )
            return row if meanings is None else _with_meanings(row, samples, meanings, group)

        return pool_weights(self, facts, groups, judge)


def _with_meanings(
    row: PoolRow, samples: PoolSamples, meanings: PoolMeanings, group: int
) -> PoolRow:
    """Tell how fast the pool meets new meanings too; it weighs as little."""
    own, other, p_value = exponents(samples, group, meanings.cells)
    return replace(
        row,
        observed=f"{row.observed}, {own:.2f} by meaning",
        sentence=(
            f"{row.sentence} By an embedding they meet {2**own:.2f} and {2**other:.2f} times as "
            f"many meanings (p {p_value:.2g})."
        ),
    )


def exponents(samples: PoolSamples, group: int, counts: Any = None) -> tuple[float, float, float]:
    """Heaps exponents of a pool and of its cohort, and the p-value of their difference.

    Args:
        samples: Sampled pools.
        group: Number of a judged group.
        counts: What accounts show, SciPy CSR; None for the sampled shingles.

    Returns:
        Both exponents, and the two-sided p-value by relabelling accounts.
    """
    members, others = samples.members[group], samples.cohort[group]
    both = (samples.shingles if counts is None else counts)[np.concatenate([members, others])]
    _names, column, held = np.unique(both.indices, return_inverse=True, return_counts=True)
    rows = np.repeat(np.arange(both.shape[0]), np.diff(both.indptr))
    # A shingle of one account counts wherever the account goes; most are such.
    lone = np.bincount(rows[held[column] == 1], minlength=both.shape[0])
    shared = held[column] > 1
    rows, column = rows[shared], np.unique(column[shared], return_inverse=True)[1]

    def one_side(inside: NDArray[np.bool_]) -> float:
        holders = np.bincount(np.bincount(column[inside[rows]]))
        holders = np.pad(holders, (0, max(2 - holders.size, 0)))
        holders[1] += int(lone[inside].sum())
        return growth(holders, int(inside.sum()))

    labels = np.arange(both.shape[0]) < members.size
    own, other = one_side(labels), one_side(~labels)
    sets = relabellings(members.size, others.size, DRAWS)
    gaps = np.array([abs(one_side(one) - one_side(~one)) for one in sets])
    return own, other, permutation_p(abs(own - other), gaps)


def growth(shared_by: Integers, accounts: int) -> float:
    """Exponent of the number of distinct shingles in the number of accounts.

    Args:
        shared_by: Number of shingles that 0, 1, 2 ... of the accounts show.
        accounts: Number of accounts.

    Returns:
        log2 of all shingles over those expected in half of the accounts, drawn at random: exact
        sample-based rarefaction (Mao Tau; Colwell, Mao and Chang, Ecology 2004).

    Example:
        Forty shingles of one account each, and forty that all four accounts show:

        >>> growth(np.array([0, 40]), 4), growth(np.array([0, 0, 0, 0, 40]), 4)
        (1.0, 0.0)
    """
    sizes = np.flatnonzero(shared_by[1:]) + 1
    counts = shared_by[sizes]
    half = accounts // 2
    if not sizes.size or half < 1:
        return 0.0
    rest = accounts - sizes
    possible = rest >= half
    kept = np.where(possible, rest, half)
    chance = np.exp(
        gammaln(kept + 1.0)
        - gammaln(kept - half + 1.0)
        - gammaln(accounts + 1.0)
        + gammaln(accounts - half + 1.0)
    )
    met = counts * (1.0 - np.where(possible, chance, 0.0))
    ratio = np.log2(counts.sum() / met.sum()) / np.log2(accounts / half)
    return round(float(ratio), 9)


MEMBER: Final = CoverageGrowth()
