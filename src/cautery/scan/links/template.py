"""Accounts that repeat the same prompt templates, seen as shingles that come back."""

from __future__ import annotations

from typing import Final

from ibis import _

from cautery.records.evidence import Family
from cautery.scan.facts import Facts, Incidences

FEWEST_REPEATS: Final = 2
"""Exchanges of one account that must carry a shingle: what comes back is frame, not item."""
FEWEST_ACCOUNTS: Final = 3
"""Accounts that must repeat it: two may meet by chance."""


class TemplateLink:
    """Account-token pairs of shingles repeated inside an account and shared across accounts."""

    name: Final = "template"
    label: Final = "same prompt templates"
    family: Final[Family] = "behaviour"
    needs: Final = ("input_text",)

    def incidences(self, facts: Facts) -> Incidences:
        """Collect every account with the shingles it repeats.

        Args:
            facts: What the log says; reads the sketches, not the text.

        Returns:
            Account-token pairs with the number of exchanges that carry the shingle.
        """
        repeated = (
            facts.exchanges.select("account", token=_.shingles.unnest())
            .group_by(["account", "token"])
            .aggregate(exchanges=_.count())
            .filter(_.exchanges >= FEWEST_REPEATS)
        )
        shared = (
            repeated.group_by("token")
            .aggregate(accounts=_.count())
            .filter(_.accounts >= FEWEST_ACCOUNTS)
        )
        return facts.incidences(repeated.semi_join(shared, "token"))


MEMBER: Final = TemplateLink()
