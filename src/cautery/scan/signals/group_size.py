"""How many accounts a group has: pools have many, customers few."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Final

import numpy as np

from cautery.records.evidence import Aspect, Family, Weight
from cautery.scan.facts import Facts
from cautery.scan.groups import Groups
from cautery.scan.weighing import Curve, on_curve, rounded
from cautery.scan.young_groups import settled, tied

CURVE: Final[Curve] = (
    (3.0, -3.5),
    (6.0, -3.0),
    (12.0, -2.6),
    (20.0, -2.0),
    (40.0, 0.0),
    (100.0, 0.7),
    (300.0, 1.5),
)
"""Accounts of the group, and bits. Reported pools had 1,500 to 25,000 accounts; most innocent
groups are a household, a team or one customer's services."""
LOG_CURVE: Final[Curve] = tuple((math.log2(size), bits) for size, bits in CURVE)


class GroupSize:
    """Speaks for a pool when many accounts are linked, against one when there are few."""

    name: Final = "group_size"
    label: Final = "number of linked accounts"
    aspect: Final[Aspect] = "distillation"
    family: Final[Family] = "context"
    needs: Final[tuple[str, ...]] = ()

    def measure(self, facts: Facts, groups: Groups) -> Sequence[Weight]:
        """Weigh every group.

        Args:
            facts: What the log says.
            groups: Candidate groups.

        Returns:
            One weight a group, less against groups on shared instruments that are still growing.
            Null: not tested; the curve is a base rate.
        """
        bits = on_curve(LOG_CURVE, np.log2(np.maximum(groups.sizes, 1)))
        unseen = tied(facts, groups) * (1.0 - settled(facts, groups))
        bits = np.where(bits < 0, bits * (1.0 - unseen), bits)
        typical = int(np.median(groups.sizes)) if groups.count else 0
        return [
            Weight(
                signal=self.name,
                label=self.label,
                aspect=self.aspect,
                family=self.family,
                bits=rounded(bits[g]),
                observed=f"{int(groups.sizes[g]):,} of {facts.account_count:,} accounts",
                usual=f"{typical} in a linked group",
                sentence=f"{int(groups.sizes[g]):,} accounts are linked.",
                sample_size=int(groups.sizes[g]),
            )
            for g in range(groups.count)
        ]


MEMBER: Final = GroupSize()
