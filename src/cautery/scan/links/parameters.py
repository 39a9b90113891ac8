"""Accounts whose client code sets the same parameters and bears the same name."""

from __future__ import annotations

from typing import Final

from cautery.records.evidence import Family
from cautery.scan.facts import Facts
from cautery.scan.incidences import Incidences


class ParameterLink:
    """Account-token pairs of one column of the log."""

    name: Final = "parameters"
    label: Final = "same client and request parameters"
    family: Final[Family] = "behaviour"
    needs: Final = ("max_tokens",)

    def incidences(self, facts: Facts) -> Incidences:
        """Collect every account with every value it shows.

        Args:
            facts: What the log says.

        Returns:
            Account-token pairs with their number of exchanges.
        """
        return facts.tokens("exchanges", "style")


MEMBER: Final = ParameterLink()
