"""Accounts that signed up with addresses of one e-mail domain."""

from __future__ import annotations

from typing import Final

import numpy as np

from cautery.records.evidence import Family
from cautery.scan.facts import Facts
from cautery.scan.incidences import Incidences, make_incidences


class EmailDomainLink:
    """Account-token pairs of one column of the account table."""

    name: Final = "email_domain"
    label: Final = "same sign-up e-mail domain"
    family: Final[Family] = "infrastructure"
    needs: Final = ("accounts.email_domain",)

    def incidences(self, facts: Facts) -> Incidences:
        """Collect every account with its value.

        Args:
            facts: What the log and the account table say.

        Returns:
            Account-token pairs, one exchange each, as these are no things of exchanges.
        """
        values = facts.account_texts("email_domain")
        held = np.flatnonzero(values != "")
        return make_incidences(held, values[held], np.ones(held.size, dtype=np.int64))


MEMBER: Final = EmailDomainLink()
