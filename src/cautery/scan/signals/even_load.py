"""Accounts of a group that carry the same daily load, as a balancer deals it out."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np

from cautery.records.evidence import Aspect, Family, Weight
from cautery.scan.facts import Facts
from cautery.scan.groups import Groups
from cautery.scan.weighing import Curve, on_curve, percent, rounded

CURVE: Final[Curve] = ((0.0, 1.5), (0.3, 1.2), (0.6, 0.2), (0.9, -0.5), (1.5, -1.5), (3.0, -2.0))
"""Coefficient of variation of the accounts' exchanges per active day, and bits."""
FEWEST_ACCOUNTS: Final = 5
"""Accounts under which evenness is chance."""


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
            One weight a group. Null: not tested here.
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
                sample_size=int(sizes[g]),
            )
            for g in range(groups.count)
        ]


MEMBER: Final = EvenLoad()
