"""Prompts that more strangers than members use: the group is a choice among their users."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np

from cautery.records.evidence import Aspect, Family, Weight
from cautery.scan.facts import Facts
from cautery.scan.groups import Groups
from cautery.scan.template_users import template_users
from cautery.scan.weighing import Curve, on_curve, rounded

CURVE: Final[Curve] = ((0.4, 0.0), (0.7, -4.5), (1.2, -6.5), (4.0, -10.0))
"""log2 of strangers for each member, and bits. Where most users of a prompt are strangers, what the
group asks (templates that are repeated, items that are disjoint, single turns: 8.5 bits at most) is
what everybody with the program asks, and the group is the one that shares most among many of its
size. Of groups with 2 bits and more in simulated logs none of a campaign had over 1.3 strangers a
member, and linked parts of batch jobs, test runners and red teams had 1.6 to 18 (decision 0047)."""


class PopularPrompts:
    """Speaks for strangers with one program when most users of a prompt are in no group."""

    name: Final = "popular_prompts"
    label: Final = "strangers with the same prompts"
    aspect: Final[Aspect] = "distillation"
    family: Final[Family] = "context"
    needs: Final = ("input_text",)

    def measure(self, facts: Facts, groups: Groups) -> Sequence[Weight]:
        """Weigh every group.

        Args:
            facts: What the log says.
            groups: Candidate groups with their own templates.

        Returns:
            One weight a group. Null: not tested; the bits are a bound for a choice.
        """
        users = template_users(groups, facts.customers)
        ratio = users.strangers / np.maximum(users.members, 1)
        bits = on_curve(CURVE, np.log2(np.maximum(ratio, 1.0)))
        return [
            Weight(
                signal=self.name,
                label=self.label,
                aspect=self.aspect,
                family=self.family,
                bits=rounded(bits[g]),
                observed=f"{int(users.strangers[g])} strangers, {int(users.members[g])} members",
                usual="hardly anybody else uses a campaign's prompts",
                sentence=(
                    f"{int(users.strangers[g])} customers whom nothing links use the prompts as "
                    f"{int(users.members[g])} of this group do."
                ),
                sample_size=int(users.strangers[g] + users.members[g]),
            )
            for g in range(groups.count)
        ]


MEMBER: Final = PopularPrompts()
