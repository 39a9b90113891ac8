"""Accounts that signed up within the same hour."""

from __future__ import annotations

from typing import Final

import numpy as np

from cautery.records.evidence import Family
from cautery.scan.facts import NO_TIME, Facts
from cautery.scan.incidences import Incidences, make_incidences

COHORT_MICROSECONDS: Final = 3_600_000_000
"""One hour: sign-up scripts work through a batch in minutes, a day would join strangers."""


class SignUpCohortLink:
    """Account-token pairs of the hour of sign-up."""

    name: Final = "sign_up_cohort"
    label: Final = "signed up together"
    family: Final[Family] = "infrastructure"
    needs: Final = ("accounts.created_at",)

    def incidences(self, facts: Facts) -> Incidences:
        """Collect every account with the hour it signed up in.

        Args:
            facts: What the account table says.

        Returns:
            Account-token pairs; the token is the hour since 1970.
        """
        created = facts.account_times("created_at")
        held = np.flatnonzero(created != NO_TIME)
        hours = (created[held] // COHORT_MICROSECONDS).astype(str).astype(object)
        return make_incidences(held, hours, np.ones(held.size, dtype=np.int64))


MEMBER: Final = SignUpCohortLink()
