"""Accounts that repeat the same prompt templates, seen as shingles that come back."""

from __future__ import annotations

from typing import Final

import numpy as np
from ibis import _

from cautery.records.evidence import Family
from cautery.scan.distinct import numbered
from cautery.scan.facts import Facts
from cautery.scan.incidences import Incidences, make_incidences

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
        # Spark's grammar knows no test for null of a test for null: any comparison tells as much.
        prompts, _positive = facts.share_by_account(_.input_hash > 0)
        share = np.ceil(np.minimum(LEAST_SHARE * prompts, ENOUGH_REPEATS)).astype(np.int64)
        needed = np.maximum(share, FEWEST_REPEATS)
        pairs = facts.engine.repeated_shingles(facts, needed, FEWEST_ACCOUNTS)
        kept = pairs.exchanges >= needed[pairs.account]
        _tokens, code = numbered(pairs.token[kept])
        shared = np.bincount(code)[code] >= FEWEST_ACCOUNTS
        return make_incidences(
            pairs.account[kept][shared],
            pairs.token[kept][shared],
            pairs.exchanges[kept][shared],
        )


MEMBER: Final = TemplateLink()
