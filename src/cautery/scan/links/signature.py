"""Accounts that send back each other's reasoning: one signature, issued to one of them only."""

from __future__ import annotations

from typing import Final

from cautery.records.evidence import Family
from cautery.scan.facts import Facts
from cautery.scan.incidences import Incidences


class SignatureLink:
    """Account-token pairs of signatures that went from one customer's account to another's."""

    name: Final = "signature"
    label: Final = "replayed reasoning signatures"
    family: Final[Family] = "infrastructure"
    needs: Final = ("carried_signatures",)

    def incidences(self, facts: Facts) -> Incidences:
        """Collect every account that replays a signature, and the account that it is from.

        Args:
            facts: What the log says.

        Returns:
            Account-token pairs with the number of exchanges that carry the signature, 1 for the
            account that it was issued to; the token is the signature's hash.
        """
        return facts.replays.pairs()


MEMBER: Final = SignatureLink()
