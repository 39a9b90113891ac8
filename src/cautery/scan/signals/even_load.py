"""Accounts of a group that carry the same daily load, as a balancer deals it out."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from cautery.records.evidence import Aspect, Family, Weight
from cautery.scan.account_permutations import compare
from cautery.scan.cohorts import cohorts_of
from cautery.scan.facts import Facts
from cautery.scan.groups import Groups
from cautery.scan.weighing import Curve, on_curve, percent, rounded

CURVE: Final[Curve] = ((0.0, 1.5), (0.3, 1.2), (0.6, 0.2), (0.9, -0.5), (1.5, -1.5), (3.0, -2.0))
"""Coefficient of variation of the accounts' exchanges per active day, and bits."""
FEWEST_ACCOUNTS: Final = 5
"""Accounts under which evenness is chance."""

MATCHED_ON: Final = ("organisation", "program", "period")
"""Matched on volume, any accounts would carry an even load; agents say nothing of loads."""


class EvenLoad:
    """Speaks for one scheduler when no account works more than its share."""

    name: Final = "even_load"
    label: Final = "work spread evenly"
    aspect: Final[Aspect] = "linkage"
    family: Final[Family] = "behaviour"
    needs: Final = ()

    def measure(self, facts: Facts, groups: Groups) -> Sequence[Weight]:
        """Weigh every group.

        Args:
            facts: What the log says.
            groups: Candidate groups.

        Returns:
            One weight a group. Null of the p-value: which of the group's and its cohort's
            accounts form the group is random; the cohort is not matched on volume.
        """
        load = facts.totals["exchanges"] / np.maximum(facts.totals["active_days"], 1)
        sizes = np.maximum(groups.sizes, 1)
        mean = groups.sum_by_group(load) / sizes
        square = groups.sum_by_group(load**2) / sizes
        variation = np.sqrt(np.maximum(square - mean**2, 0.0)) / np.maximum(mean, 1e-9)
        free = load[groups.group_of < 0]
        usual = float(np.std(free)) / max(float(np.mean(free)), 1e-9) if free.size else 0.0
        bits = np.where(groups.sizes < FEWEST_ACCOUNTS, 0.0, on_curve(CURVE, variation))
        bits = np.where(bits > 0, bits * np.clip((usual - variation) / 0.5, 0.0, 1.0), bits)
        chances = _chances(facts, groups, load)
        return [
            Weight(
                signal=self.name,
                label=self.label,
                aspect=self.aspect,
                family=self.family,
                bits=rounded(bits[g]),
                observed=f"{mean[g]:.0f} a day, give or take {percent(float(variation[g]))}",
                usual=f"give or take {percent(usual)}",
                sentence=(
                    f"The accounts make {mean[g]:.0f} exchanges a day on average with a spread of "
                    f"{percent(float(variation[g]))} between them."
                ),
                p_value=chances[g],
                sample_size=int(sizes[g]),
            )
            for g in range(groups.count)
        ]


def _chances(facts: Facts, groups: Groups, load: NDArray[np.float64]) -> list[float | None]:
    """Chance of loads as even as a group's, None for groups of too few accounts."""
    cohorts = cohorts_of(facts, groups, columns=MATCHED_ON)
    values = np.column_stack([load, load**2])
    chances: list[float | None] = []
    for group in range(groups.count):
        members = cohorts.thinned(groups.members(group))
        if members.size < FEWEST_ACCOUNTS:
            chances.append(None)
            continue
        others = cohorts.sample(group, members.size)
        chances.append(compare(values[members], values[others], _evenness)[1])
    return chances


def _evenness(first: NDArray[np.float64], _second: NDArray[np.float64]) -> NDArray[np.float64]:
    """Minus the squared coefficient of variation, from means of loads and of their squares."""
    return -(first[:, 1] - first[:, 0] ** 2) / np.maximum(first[:, 0] ** 2, 1e-12)


MEMBER: Final = EvenLoad()
