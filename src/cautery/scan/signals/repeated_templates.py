"""Templates that a group's accounts repeat and the rest of the log does not know."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from cautery.records.evidence import Aspect, Family, Weight
from cautery.scan.facts import Facts
from cautery.scan.groups import Groups
from cautery.scan.harvest import LEAST_LIFT, harvest_counts
from cautery.scan.incidences import Incidences
from cautery.scan.template_rarity import rarity_outside, template_worth
from cautery.scan.weighing import percent, rounded

MOST_BITS: Final = 4.5
"""Weight if all accounts repeat templates of the group and these fill their harvest."""


class RepeatedTemplates:
    """Speaks for one owner when accounts work from the same rare templates."""

    name: Final = "repeated_templates"
    label: Final = "same prompt templates"
    aspect: Final[Aspect] = "linkage"
    family: Final[Family] = "behaviour"
    needs: Final = ("input_text",)

    def measure(self, facts: Facts, groups: Groups) -> Sequence[Weight]:
        """Weigh every group.

        Args:
            facts: What the log says.
            groups: Candidate groups.

        Returns:
            One weight a group. Null: not tested here; the templates were chosen by the null
            model of the links.
        """
        templates = groups.incidences["template"]
        own = np.zeros(groups.group_of.size, dtype=np.int64)
        own[templates.account[_own_pairs(groups, templates)]] = 1
        repeating = groups.sum_by_group(own)
        sizes = np.maximum(groups.sizes, 1)
        carried = groups.sum_by_group(harvest_counts(groups, groups.group_of.size))
        traffic = np.maximum(groups.sum_by_group(facts.totals["exchanges"]), 1)
        own_count = np.bincount(groups.template_group, minlength=groups.count)
        share = np.where(own_count > 0, carried / traffic, 0.0)
        rarity = rarity_outside(groups)
        bits = MOST_BITS * (repeating / sizes) * np.clip(share / 0.3, 0.0, 1.0)
        bits = bits * template_worth(rarity)
        return [
            Weight(
                signal=self.name,
                label=self.label,
                aspect=self.aspect,
                family=self.family,
                bits=rounded(bits[g]),
                observed=(
                    f"{int(repeating[g])} of {int(sizes[g])} accounts, "
                    f"{percent(float(share[g]))} of traffic"
                ),
                usual=f"{2 ** rarity[g]:,.0f} times rarer elsewhere",
                sentence=(
                    f"{int(repeating[g])} of {int(sizes[g])} accounts repeat templates that are at "
                    f"least {LEAST_LIFT:.0f} times rarer outside the group."
                ),
                sample_size=int(sizes[g]),
            )
            for g in range(groups.count)
        ]


def _own_pairs(groups: Groups, templates: Incidences) -> NDArray[np.bool_]:
    """Whether each account-token pair is of a template that is the account's group's own."""
    names = np.asarray(templates.names, dtype=np.int64)
    of_group = groups.group_of[templates.account]
    own = groups.template_group * names.size + np.searchsorted(names, groups.template_token)
    keys = of_group * names.size + templates.token
    return np.asarray((of_group >= 0) & np.isin(keys, own), dtype=np.bool_)


MEMBER: Final = RepeatedTemplates()
