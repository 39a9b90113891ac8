"""Accounts that repeat the same prompt templates, seen as shingles that come back."""

from __future__ import annotations

from typing import Final

import ibis
from ibis import _

from cautery.records.evidence import Family
from cautery.scan.facts import Facts
from cautery.scan.incidences import Incidences

FEWEST_REPEATS: Final = 2
"""Exchanges of one account that must carry a shingle: what comes back is frame, not item."""
LEAST_SHARE: Final = 0.01
"""Part of an account's prompts that must carry it: a frame comes back in every prompt it frames,
a phrase of the items twice in a thousand."""
ENOUGH_REPEATS: Final = 20
"""Exchanges that suffice whatever their share: a harvest may hide in ten times as much cover."""
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
        prompts = (
            facts.exchanges.filter(_.input_hash.notnull())
            .group_by("account")
            .aggregate(prompts=_.count())
        )
        repeated = (
            facts.exchanges.select("account", token=_.shingles.unnest())
            .group_by(["account", "token"])
            .aggregate(exchanges=_.count())
            .filter(_.exchanges >= FEWEST_REPEATS)
            .join(prompts, "account")
            .filter(_.exchanges >= ibis.least(LEAST_SHARE * _.prompts, ENOUGH_REPEATS))
            .select("account", "token", "exchanges")
        )
        shared = (
            repeated.group_by("token")
            .aggregate(accounts=_.count())
            .filter(_.accounts >= FEWEST_ACCOUNTS)
        )
        return facts.incidences(repeated.semi_join(shared, "token"))


MEMBER: Final = TemplateLink()
