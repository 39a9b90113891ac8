"""Maximum mean discrepancy between what a pool sends and what its matched cohort sends."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from cautery.records.evidence import Aspect, Family, Weight
from cautery.scan.account_habits import account_habits
from cautery.scan.account_permutations import permutation_p, relabellings
from cautery.scan.cohorts import cohorts_of
from cautery.scan.facts import Facts
from cautery.scan.groups import Groups
from cautery.scan.pool_meanings import PoolMeanings, pool_meanings
from cautery.scan.pool_rows import PoolRow, pool_weights
from cautery.scan.pool_samples import PoolSamples, pool_samples

Integers = NDArray[np.int64]
Floats = NDArray[np.float64]

WORD_CELLS: Final = 64
"""Cells that shingles are thrown into, so that a kernel over millions of them stays small."""
WORD_FACTOR: Final = np.uint64(0x9E3779B97F4A7C15)

MOST_AGAINST: Final = -1.5
"""Bits against a pool that cannot be told from its matched cohort."""


class PoolDistance:
    """Says whether a pool's exchanges come from another distribution than its cohort's."""

    name: Final = "pool_distance"
    label: Final = "distance from its matched cohort"
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
            group is random; accounts are relabelled, never single exchanges.
        """
        samples = pool_samples(facts, groups)
        cohorts = cohorts_of(facts, groups)
        habits = account_habits(facts, groups)
        plain = np.concatenate([habits.capabilities, habits.manners], axis=1)
        meanings = pool_meanings(facts, groups)

        def judge(group: int) -> PoolRow:
            members, others = samples.members[group], samples.cohort[group]
            both = np.concatenate([members, others])
            features = np.concatenate([plain[both], word_cells(samples, both)], axis=1)
            distance, p_value = discrepancy(features, members.size)
            row = PoolRow(
                observed=f"MMD² {distance:.3f}",
                usual=f"0 in {cohorts.words(group)}",
                sentence=(
                    f"What the accounts send differs from what like accounts send by "
                    f"{distance:.3f} (squared maximum mean discrepancy)."
                ),
                p_value=p_value,
                bits=cohorts.alike(group, p_value, members.size, MOST_AGAINST),
            )
            return row if meanings is None else with_meanings(row, meanings, members, others)

        return pool_weights(self, facts, groups, judge)


def with_meanings(
    row: PoolRow, meanings: PoolMeanings, members: Integers, others: Integers
) -> PoolRow:
    """Tell how far the pool is by the meaning of its prompts too; bits and p-value stay.

    Args:
        row: What was found without an embedding.
        meanings: Meanings of the sampled accounts.
        members: Accounts of the pool.
        others: Accounts of its cohort.

    Returns:
        The row with one more figure: campaigns differ by their words already, and classes and
        offices that do not differ by words do by meaning (decision 0019).
    """
    inside, outside = meanings.known(members), meanings.known(others)
    features = meanings.of(np.concatenate([inside, outside]))
    distance, p_value = discrepancy(features, inside.size)
    return replace(
        row,
        observed=f"{row.observed}, {distance:.3f} by meaning",
        sentence=(
            f"{row.sentence} By an embedding of the prompts alone it is {distance:.3f} "
            f"(p {p_value:.2g})."
        ),
    )


def word_cells(samples: PoolSamples, accounts: Integers) -> Floats:
    """Mean sketch of the shingles of each account, in ``WORD_CELLS`` cells.

    Args:
        samples: Sampled pools.
        accounts: Numbers of the accounts.

    Returns:
        Signed sums of hashed shingles (Weinberger et al. 2009), of unit length by account.
    """
    found = samples.shingles[accounts]
    mixed = (samples.shingle_names.astype(np.uint64) + np.uint64(1)) * WORD_FACTOR
    cell = (mixed >> np.uint64(58)).astype(np.int64)
    sign = np.where((mixed >> np.uint64(57)) & np.uint64(1), 1.0, -1.0)
    sums = np.zeros((found.shape[0], WORD_CELLS))
    rows = np.repeat(np.arange(found.shape[0]), np.diff(found.indptr))
    np.add.at(sums, (rows, cell[found.indices]), sign[found.indices] * found.data)
    length = np.sqrt((sums**2).sum(axis=1, keepdims=True))
    return np.asarray(sums / np.maximum(length, 1e-12), dtype=np.float64)


def discrepancy(features: Floats, members: int) -> tuple[float, float]:
    """Unbiased squared maximum mean discrepancy between two sets of accounts, with its p-value.

    The kernel of two accounts is the mean kernel of their exchanges; pairs inside one account do
    not count. (Gretton et al., JMLR 2012; on queries to models: arXiv 2606.05725.)

    Args:
        features: Mean features by account, shape (accounts, features), members first.
        members: Number of members.

    Returns:
        The discrepancy, and the chance of this much or more if labels of accounts are random.
    """
    others = features.shape[0] - members
    if members < 2 or others < 2:
        return 0.0, 1.0
    sets = np.concatenate(
        [
            np.arange(features.shape[0])[None, :] < members,
            relabellings(members, others),
        ]
    ).astype(np.float64)
    own = (features**2).sum(axis=1)
    first, total = sets @ features, features.sum(axis=0)
    second, squares = total[None, :] - first, sets @ own
    found = (
        ((first**2).sum(axis=1) - squares) / (members * (members - 1))
        + ((second**2).sum(axis=1) - own.sum() + squares) / (others * (others - 1))
        - 2.0 * (first * second).sum(axis=1) / (members * others)
    )
    return float(found[0]), permutation_p(float(found[0]), found[1:])


MEMBER: Final = PoolDistance()
