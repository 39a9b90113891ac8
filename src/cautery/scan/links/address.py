"""Accounts that call from the same client address."""

from __future__ import annotations

from typing import Final

from cautery.records.evidence import Family
from cautery.scan.facts import Facts
from cautery.scan.incidences import Incidences


class AddressLink:
    """Account-token pairs of one column of the log."""

    name: Final = "address"
    label: Final = "shared client addresses"
    family: Final[Family] = "infrastructure"
    needs: Final = ("client_address",)

    def incidences(self, facts: Facts) -> Incidences:
        """Collect every account with every value it shows.

        Args:
            facts: What the log says.

        Returns:
            Account-token pairs with their number of exchanges.
        """
        return facts.addresses


MEMBER: Final = AddressLink()
