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

CURVE: Final[Curve] = ((0.0, 0.0), (4.0, -8.0))
"""log2 of strangers for each member, and bits: two for every doubling. One is the logarithm of the
number of groups of that size among the prompts' users, of which the one that shares most was found;
one takes back that the prompt is repeated, as it is repeated by everybody who uses it."""


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
