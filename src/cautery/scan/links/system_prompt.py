"""Accounts that send the same system prompt again and again."""

from __future__ import annotations

from typing import Final

from cautery.records.evidence import Family
from cautery.scan.facts import Facts
from cautery.scan.incidences import Incidences


class SystemPromptLink:
    """Account-token pairs of one column of the log."""

    name: Final = "system_prompt"
    label: Final = "same system prompts"
    family: Final[Family] = "behaviour"
    needs: Final = ("system_hash",)

    def incidences(self, facts: Facts) -> Incidences:
        """Collect every account with every value it shows.

        Args:
            facts: What the log says.

        Returns:
            Account-token pairs with their number of exchanges.
        """
        return facts.tokens("exchanges", "system_hash", fewest=2)


MEMBER: Final = SystemPromptLink()
