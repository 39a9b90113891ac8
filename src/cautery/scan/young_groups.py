"""Young groups: how little a small size proves while a group has not had time to show itself.

Signals of how many accounts or payers a group has speak against small ones: most small groups are
a household, a team, one customer. A customer shows all of its accounts within a week; a pool that
takes on accounts daily has been seen in part. So as long as half of a group's accounts are newer
than that, its size tells less, provided that the accounts are tied by what they pay with.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.typing import NDArray

from cautery.scan.facts import MICROSECONDS_A_DAY
from cautery.scan.sharing import sharing_of

if TYPE_CHECKING:
    from cautery.scan.facts import Facts
    from cautery.scan.groups import Groups

Floats = NDArray[np.float64]

SETTLED_DAYS: Final = 7.0
"""Days after which a customer has shown its accounts: every day of the week was there."""
FULL_SIZE: Final = 20
"""Accounts from which a group on shared cards shows several of them: cards that campaigns share
carry ten to twenty accounts (docs, simulation)."""
LEAST_TIED: Final = 0.5
"""Part of the accounts on shared instruments up to which a group may be two parties with one
prompt; nothing is excused then. Seed 3 of the hydra tier joins ten accounts of a campaign and nine
of red teams so on day 3: 0.53."""
FULLY_TIED: Final = 0.6
"""Part from which sharing counts in full, as in ``shared_payment``."""


def settled(facts: Facts, groups: Groups) -> Floats:
    """Measure how far groups have had time to show their size.

    Args:
        facts: What the log says.
        groups: Candidate groups.

    Returns:
        For each group the median over its accounts of the days since their first exchange, as a
        part of ``SETTLED_DAYS``, 1 at most.
    """
    age = (int(facts.totals["last_us"].max(initial=0)) - facts.totals["first_us"]).astype(float)
    medians = [
        float(np.median(age[groups.members(group)])) if groups.sizes[group] else 0.0
        for group in range(groups.count)
    ]
    return np.clip(np.array(medians) / (SETTLED_DAYS * MICROSECONDS_A_DAY), 0.0, 1.0)


def tied(facts: Facts, groups: Groups) -> Floats:
    """Measure how far shared payment ties the accounts of every group.

    Args:
        facts: What the log says.
        groups: Candidate groups.

    Returns:
        0 for groups of which half share no instrument, 1 from ``FULLY_TIED`` on; 0 without
        payments in the account table.
    """
    if groups.incidences.get("payment") is None:
        return np.zeros(groups.count)
    share = sharing_of(facts, groups, "payment").sharing / np.maximum(groups.sizes, 1)
    return np.clip((share - LEAST_TIED) / (FULLY_TIED - LEAST_TIED), 0.0, 1.0)


def young(facts: Facts, groups: Groups) -> NDArray[np.bool_]:
    """Mark small groups none of whose accounts has been seen for ``SETTLED_DAYS``.

    Args:
        facts: What the log says.
        groups: Candidate groups.

    Returns:
        One truth a group.
    """
    last = int(facts.totals["last_us"].max(initial=0))
    oldest = np.full(groups.count, last, dtype=np.int64)
    inside = groups.group_of >= 0
    np.minimum.at(oldest, groups.group_of[inside], facts.totals["first_us"][inside])
    days = (last - oldest) / MICROSECONDS_A_DAY
    return np.asarray((days < SETTLED_DAYS) & (groups.sizes < FULL_SIZE), dtype=np.bool_)
