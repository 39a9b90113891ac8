"""Accounts that pay with the same instrument."""

from __future__ import annotations

from typing import Final

import numpy as np

from cautery.records.evidence import Family
from cautery.scan.facts import Facts
from cautery.scan.incidences import Incidences, make_incidences


class PaymentLink:
    """Account-token pairs of one column of the account table."""

    name: Final = "payment"
    label: Final = "shared payment instruments"
    family: Final[Family] = "infrastructure"
    needs: Final = ("accounts.payment_fingerprint",)

    def incidences(self, facts: Facts) -> Incidences:
        """Collect every account with its value.

        Args:
            facts: What the log and the account table say.

        Returns:
            Account-token pairs, one exchange each, as these are no things of exchanges.
        """
        values = facts.account_texts("payment_fingerprint")
        held = np.flatnonzero(values != "")
        return make_incidences(held, values[held], np.ones(held.size, dtype=np.int64))


MEMBER: Final = PaymentLink()
