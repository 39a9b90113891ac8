"""Accounts that openly belong to organisations have nothing to hide; that speaks for them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np

from cautery.records.evidence import Aspect, Family, Weight
from cautery.scan.facts import Facts
from cautery.scan.groups import Groups
from cautery.scan.weighing import Curve, on_curve, percent, rounded

CURVE: Final[Curve] = ((0.0, 0.5), (0.2, 0.0), (0.5, -2.0), (0.8, -4.5), (1.0, -6.0))
"""Part of the accounts whose declared organisation has others of the group, and bits."""


class DeclaredOrganisation:
    """Speaks against a hidden operator when accounts declare organisations that they share."""

    name: Final = "declared_organisation"
    label: Final = "declares its organisations"
    aspect: Final[Aspect] = "distillation"
    family: Final[Family] = "context"
    needs: Final = ("organisation",)

    def measure(self, facts: Facts, groups: Groups) -> Sequence[Weight]:
        """Weigh every group.

        Args:
            facts: What the log says.
            groups: Candidate groups.

        Returns:
            One weight a group. Null: not tested here.
        """
        names, codes = np.unique(facts.organisations, return_inverse=True)
        weights = []
        for group in range(groups.count):
            members = groups.members(group)
            declared = codes[members][names[codes[members]] != ""]
            counts = np.bincount(declared) if declared.size else np.zeros(1, dtype=np.int64)
            # An organisation of one account declares nothing about the others.
            shared = counts[counts >= 2]
            share = float(shared.sum()) / max(members.size, 1)
            weights.append(
                Weight(
                    signal=self.name,
                    label=self.label,
                    aspect=self.aspect,
                    family=self.family,
                    bits=rounded(on_curve(CURVE, np.array([share]))[0]),
                    observed=f"{percent(share)} share a declared one",
                    usual="customers declare who they are",
                    sentence=(
                        f"{percent(share)} of the accounts declare an organisation that others of "
                        f"them declare too; there are {shared.size} of these."
                    ),
                    sample_size=int(members.size),
                )
            )
        return weights


MEMBER: Final = DeclaredOrganisation()
