"""Accounts of a group that pay with the same instruments."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from cautery.records.evidence import Aspect, Family, Weight
from cautery.scan.facts import Facts
from cautery.scan.groups import Groups
from cautery.scan.lone_cards import unexplained
from cautery.scan.sharing import SharingRule, sharing_weights
from cautery.scan.young_groups import young

MOST_BITS: Final = 5.0
"""Weight if every account of a group shares something that one account in 256 has."""
FULL_SHARE: Final = 0.6
"""Part of the accounts from which sharing counts in full: careful operators pay for a third of
their accounts with single cards, and strangers with one program hardly share any."""
FIRM_ACCOUNTS: Final = 4
"""Accounts of one payer that say nothing of the rest of a group: a firm has a few on its card, and
strangers with the same public prompts are no part of it."""


class SharedPayment:
    """Speaks for one owner when accounts of a group share what strangers do not."""

    name: Final = "shared_payment"
    label: Final = "shared payment instruments"
    aspect: Final[Aspect] = "linkage"
    family: Final[Family] = "infrastructure"
    needs: Final = ("accounts.payment_fingerprint",)

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
                link="payment",
                signal=self.name,
                label=self.label,
                most_bits=MOST_BITS,
                noun="payment instruments",
                full_share=FULL_SHARE,
                firm_accounts=FIRM_ACCOUNTS,
            ),
            young=young(facts, groups),
            unexplained=unexplained(groups, "payment", facts.customers),
        )


MEMBER: Final = SharedPayment()
