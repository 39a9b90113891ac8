"""Accounts that are active in the same minutes beyond what their clocks explain."""

from __future__ import annotations

from typing import Final

import numpy as np
from ibis import _

from cautery.records.evidence import Family
from cautery.scan.facts import Facts
from cautery.scan.incidences import Incidences, make_incidences
from cautery.scan.minute_pairs import Activity, leaders, synchronous_pairs

MINUTES_HELD: Final = 1 << 32
"""Room for the minutes since 1970 in a key of account and minute: one number is told apart and
sorted many times as fast as two."""


class SharedMinutesLink:
    """Account-token pairs of accounts that one scheduler seems to drive."""

    name: Final = "shared_minutes"
    label: Final = "active in the same minutes"
    family: Final[Family] = "behaviour"
    needs: Final = ("time_start",)

    def incidences(self, facts: Facts) -> Incidences:
        """Collect every account that is synchronous with another beyond chance.

        Args:
            facts: What the log says.

        Returns:
            Account-token pairs with the minutes in common; the token is the group's leading
            account.
        """
        active = (
            facts.exchanges.mutate(minute=(_.second // 60).cast("int64"))
            .select(key=_.account.cast("int64") * MINUTES_HELD + _.minute)
            .distinct()
            .to_pyarrow()
        )
        key = np.sort(active["key"].to_numpy())
        activity = Activity(account=key // MINUTES_HELD, minute=key % MINUTES_HELD)
        accounts, leading, minutes = leaders(synchronous_pairs(activity, facts.account_count))
        names = np.array(facts.account_ids, dtype=object)[leading]
        return make_incidences(accounts, names, minutes)


MEMBER: Final = SharedMinutesLink()
