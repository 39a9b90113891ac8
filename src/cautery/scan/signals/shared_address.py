"""Accounts of a group that call from the same addresses."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from cautery.records.evidence import Aspect, Family, Weight
from cautery.scan.facts import Facts
from cautery.scan.groups import Groups
from cautery.scan.sharing import SharingRule, sharing_weights

MOST_BITS: Final = 4.0
"""Weight if every account of a group shares something that one account in 256 has."""


class SharedAddress:
    """Speaks for one owner when accounts of a group share what strangers do not."""

    name: Final = "shared_address"
    label: Final = "shared client addresses"
    aspect: Final[Aspect] = "linkage"
    family: Final[Family] = "infrastructure"
    needs: Final = ("client_address",)

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
                link="address",
                signal=self.name,
                label=self.label,
                most_bits=MOST_BITS,
                noun="addresses",
            ),
        )


MEMBER: Final = SharedAddress()
