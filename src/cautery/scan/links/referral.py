"""Accounts that signed up with the same referral or promotion code."""

from __future__ import annotations

from typing import Final

import numpy as np

from cautery.records.evidence import Family
from cautery.scan.facts import Facts
from cautery.scan.incidences import Incidences, make_incidences


class ReferralLink:
    """Account-token pairs of one column of the account table."""

    name: Final = "referral"
    label: Final = "same referral code"
    family: Final[Family] = "infrastructure"
    needs: Final = ("accounts.referral",)

    def incidences(self, facts: Facts) -> Incidences:
        """Collect every account with its value.

        Args:
            facts: What the log and the account table say.

        Returns:
            Account-token pairs, one exchange each, as these are no things of exchanges.
        """
        values = facts.account_texts("referral")
        held = np.flatnonzero(values != "")
        return make_incidences(held, values[held], np.ones(held.size, dtype=np.int64))


MEMBER: Final = ReferralLink()
