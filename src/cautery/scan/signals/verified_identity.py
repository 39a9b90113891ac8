"""Accounts whose owner showed a document or signed a contract can be asked, and know it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np

from cautery.records.evidence import Aspect, Family, Weight
from cautery.scan.facts import Facts
from cautery.scan.groups import Groups
from cautery.scan.weighing import Curve, on_curve, percent, rounded

STRONG: Final = ("document", "contract")
"""Verification that names a person or company."""
CURVE: Final[Curve] = ((0.0, 0.3), (0.2, 0.0), (0.6, -1.0), (1.0, -2.0))
"""Part of the accounts with strong verification, and bits."""


class VerifiedIdentity:
    """Speaks against a hidden operator when accounts are strongly verified."""

    name: Final = "verified_identity"
    label: Final = "verified identity"
    aspect: Final[Aspect] = "distillation"
    family: Final[Family] = "context"
    needs: Final = ("accounts.verification",)

    def measure(self, facts: Facts, groups: Groups) -> Sequence[Weight]:
        """Weigh every group.

        Args:
            facts: What the log says.
            groups: Candidate groups.

        Returns:
            One weight a group. Null: not tested here.
        """
        levels = facts.account_texts("verification").tolist()
        strong = np.array([level in STRONG for level in levels], dtype=np.bool_)
        sizes = np.maximum(groups.sizes, 1)
        share = groups.sum_by_group(strong) / sizes
        usual = float(np.mean(strong[groups.group_of < 0])) if np.any(groups.group_of < 0) else 0.0
        bits = on_curve(CURVE, share)
        return [
            Weight(
                signal=self.name,
                label=self.label,
                aspect=self.aspect,
                family=self.family,
                bits=rounded(bits[g]),
                observed=f"{percent(float(share[g]))} by document or contract",
                usual=percent(usual),
                sentence=(
                    f"{percent(float(share[g]))} of the accounts are verified "
                    "by document or contract."
                ),
                sample_size=int(sizes[g]),
            )
            for g in range(groups.count)
        ]


MEMBER: Final = VerifiedIdentity()
