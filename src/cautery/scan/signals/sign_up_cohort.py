"""Accounts of a group that signed up in the same hours."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from cautery.records.evidence import Aspect, Family, Weight
from cautery.scan.facts import Facts
from cautery.scan.groups import Groups
from cautery.scan.sharing import SharingRule, sharing_weights

MOST_BITS: Final = 2.0
"""Weight if every account of a group shares something that one account in 256 has."""


class SignUpCohort:
    """Speaks for one owner when accounts of a group share what strangers do not."""

    name: Final = "sign_up_cohort"
    label: Final = "signed up together"
    aspect: Final[Aspect] = "linkage"
    family: Final[Family] = "infrastructure"
    needs: Final = ("accounts.created_at",)

    def measure(self, facts: Facts, groups: Groups) -> Sequence[Weight]:
        """Weigh every group.

        Args:
            facts: What the log says; not needed beyond the link's pairs.
            groups: Candidate groups with the pairs of every link.

        Returns:
            One weight a group. Null of the p-value: the group is a random set of accounts.
        """
        return sharing_weights(
            facts,
            groups,
            SharingRule(
                link="sign_up_cohort",
                signal=self.name,
                label=self.label,
                most_bits=MOST_BITS,
                noun="sign-up hours",
            ),
        )


MEMBER: Final = SignUpCohort()
