"""A pool that asks for few capabilities, others than customers of its kind ask for."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from cautery.records.evidence import Aspect, Family, Weight
from cautery.scan.account_habits import CAPABILITIES, account_habits
from cautery.scan.account_permutations import compare
from cautery.scan.cohorts import cohorts_of
from cautery.scan.facts import Facts
from cautery.scan.groups import Groups
from cautery.scan.pool_samples import judged_groups
from cautery.scan.weighing import percent, rounded

Floats = NDArray[np.float64]

SMOOTHING: Final = 0.01
"""Share added to every capability, so that a rare one gives no endless divergence."""

MOST_AGAINST: Final = -0.5
"""Bits against a pool that asks for what its matched cohort asks for."""


class CapabilityConcentration:
    """Says how far a pool's capabilities are from those of its matched cohort."""

    name: Final = "capability_concentration"
    label: Final = "capabilities against its kind"
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
            group is random.
        """
        shares = account_habits(facts, groups).capabilities
        cohorts = cohorts_of(facts, groups)
        usual = np.column_stack([cohorts.usual(column) for column in shares.T])
        large = set(judged_groups(facts, groups).tolist())
        weights = []
        for group in range(groups.count):
            members = groups.members(group)
            own = shares[members].mean(axis=0)
            p_value, bits = None, 0.0
            if group in large:
                known = cohorts.thinned(members)
                others = cohorts.sample(group, known.size)
                p_value = compare(shares[known], shares[others], divergence)[1]
                bits = cohorts.alike(group, p_value, known.size, MOST_AGAINST)
            most = int(np.argmax(np.round(own - usual[group], 9)))
            away = float(divergence(own[None, :], usual[group][None, :])[0])
            weights.append(
                Weight(
                    signal=self.name,
                    label=self.label,
                    aspect=self.aspect,
                    family=self.family,
                    bits=rounded(bits),
                    observed=f"{rounded(away)} bits away, most in {CAPABILITIES[most]}",
                    usual=cohorts.words(group),
                    sentence=(
                        f"Of an account's exchanges {percent(float(own[most]))} ask for "
                        f"{CAPABILITIES[most]}, {percent(float(usual[group, most]))} in the cohort."
                    ),
                    p_value=p_value,
                    sample_size=int(members.size),
                )
            )
        return weights


def divergence(first: Floats, second: Floats) -> Floats:
    """Kullback-Leibler divergence of capability shares, in bits.

    Args:
        first: Shares of the group, shape (sets, capabilities).
        second: Shares that it is compared with, same shape.

    Returns:
        One number a set, after ``SMOOTHING``.

    Example:
        >>> divergence(np.array([[0.5, 0.5]]), np.array([[0.5, 0.5]])).tolist()
        [0.0]
    """
    p, q = first + SMOOTHING, second + SMOOTHING
    p, q = p / p.sum(axis=1, keepdims=True), q / q.sum(axis=1, keepdims=True)
    return np.asarray((p * np.log2(p / q)).sum(axis=1), dtype=np.float64)


MEMBER: Final = CapabilityConcentration()
