"""Accounts that call from the same network: a /24 of IPv4 or a /48 of IPv6."""

from __future__ import annotations

from typing import Final

from cautery.records.evidence import Family
from cautery.scan.facts import Facts
from cautery.scan.incidences import Incidences


class NetworkLink:
    """Account-token pairs of one column of the log."""

    name: Final = "network"
    label: Final = "shared networks"
    family: Final[Family] = "infrastructure"
    needs: Final = ("client_network",)

    def incidences(self, facts: Facts) -> Incidences:
        """Collect every account with every value it shows.

        Args:
            facts: What the log says.

        Returns:
            Account-token pairs with their number of exchanges.
        """
        return facts.tokens("rows", "network_key")


MEMBER: Final = NetworkLink()
