"""A partitioned work queue: one template, many accounts, hardly an item that two of them ask."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import ibis
import numpy as np
from ibis import _

from cautery.records.evidence import Aspect, Family, Weight
from cautery.scan.facts import Facts
from cautery.scan.groups import Groups
from cautery.scan.template_rarity import rarity_outside, template_worth
from cautery.scan.weighing import Curve, on_curve, percent, rounded

CURVE: Final[Curve] = ((0.0, 2.5), (0.02, 1.7), (0.08, 0.0), (0.3, -2.5), (0.7, -4.0))
"""Share of the harvest whose exact prompt another account of the group also sent, and bits."""
PLAIN_CURVE: Final[Curve] = ((0.15, 0.0), (0.4, -2.5), (0.7, -4.0))
"""The same for a group without templates of its own: strangers rarely meet on an item anyway."""
FEWEST_EXCHANGES: Final = 30
"""Harvest under which disjointness is no surprise."""


class ItemDisjointness:
    """Speaks for distillation when accounts share templates and no items; clears classes."""

    name: Final = "item_disjointness"
    label: Final = "no item asked twice"
    aspect: Final[Aspect] = "distillation"
    family: Final[Family] = "behaviour"
    needs: Final = ("input_text",)

    def measure(self, facts: Facts, groups: Groups) -> Sequence[Weight]:
        """Weigh every group.

        Args:
            facts: What the log says.
            groups: Candidate groups.

        Returns:
            One weight a group. Null: not tested here; the birthday null against the cohort comes
            with the matched cohorts.
        """
        distinct = (
            groups.exchanges.filter(_.harvest & _.input_hash.notnull())
            .group_by(["group", "input_hash"])
            .aggregate(
                exchanges=_.count(), first=_.account.min().cast("int64"), last=_.account.max()
            )
        )
        found = (
            distinct.group_by("group")
            .aggregate(
                exchanges=_.exchanges.sum().cast("int64"),
                repeated=ibis.ifelse(_.first != _.last, _.exchanges, 0).sum().cast("int64"),
            )
            .to_pyarrow()
        )
        total = np.zeros(groups.count, dtype=np.int64)
        repeated = np.zeros(groups.count, dtype=np.int64)
        total[found["group"].to_numpy()] = found["exchanges"].to_numpy()
        repeated[found["group"].to_numpy()] = found["repeated"].to_numpy()
        share = repeated / np.maximum(total, 1)
        bits = on_curve(CURVE, share)
        templated = np.isin(np.arange(groups.count), groups.template_group)
        bits = np.where(templated, bits, on_curve(PLAIN_CURVE, share))
        # Items under a phrase that everybody uses are disjoint without any queue.
        bits = np.where(bits > 0, bits * template_worth(rarity_outside(groups)), bits)
        bits = np.where((total < FEWEST_EXCHANGES) & (bits > 0), 0.0, bits)
        return [
            Weight(
                signal=self.name,
                label=self.label,
                aspect=self.aspect,
                family=self.family,
                bits=rounded(bits[g]),
                observed=f"{percent(float(share[g]))} of items met by two accounts",
                usual="classes and test suites repeat items",
                sentence=(
                    f"Of {int(total[g])} harvest exchanges, {int(repeated[g])} carry a prompt that "
                    "another account of the group also sent."
                ),
                sample_size=int(total[g]),
            )
            for g in range(groups.count)
        ]


MEMBER: Final = ItemDisjointness()
