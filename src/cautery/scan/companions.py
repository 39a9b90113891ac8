"""Companions: accounts that pay with an instrument which is a campaign's.

An account that has asked for little yet, or that carries cover traffic only, shows none of its
operator's prompts. What it pays with tells: where most customers on a card are sure members of one
group, the card is the operator's, and so are its other accounts.
"""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from cautery.scan.distinct import distinct
from cautery.scan.groups import NO_GROUP, Basis
from cautery.scan.incidences import Incidences

Integers = NDArray[np.int64]

FEWEST_SURE: Final = 5
"""Sure members on an instrument by which it is their operator's: a firm or a family among strangers
has up to four (``member_worth.PARTY_ACCOUNTS``)."""
LEAST_SURE_SHARE: Final = 0.6
"""Part of the instrument's customers that they must be."""


def companions(
    group_of: Integers,
    basis: tuple[Basis, ...],
    sure: NDArray[np.bool_],
    payments: Incidences | None,
    customers: Integers,
) -> Integers:
    """Find whose instrument each account pays with.

    Args:
        group_of: Group of each account, -1 if none.
        basis: Families of links that formed each group; only groups of both have sure members.
        sure: Members that share infrastructure with their group and live on its templates.
        payments: Account-token pairs of the payment link; None if it is not known.
        customers: Customer of each account.

    Returns:
        Group of each account's instrument, -1 if it is nobody's.
    """
    found = np.full(group_of.size, NO_GROUP, dtype=np.int64)
    if payments is None or payments.account.size == 0:
        return found
    both = np.array([*(kind == "both" for kind in basis), False], dtype=np.bool_)
    speaks = sure & both[group_of]
    span, width = int(customers.max(initial=0)) + 1, len(basis) + 1
    everybody = distinct(payments.token * span + customers[payments.account])
    holders = np.bincount(everybody // span, minlength=payments.token_count)
    told = speaks[payments.account]
    account, token = payments.account[told], payments.token[told]
    each = distinct((token * width + group_of[account]) * span + customers[account])
    keys, counts = np.unique(each // span, return_counts=True)
    of_token = keys // width
    owned = (counts >= FEWEST_SURE) & (counts >= LEAST_SURE_SHARE * holders[of_token])
    owner = np.full(payments.token_count, NO_GROUP, dtype=np.int64)
    owner[of_token[owned]] = keys[owned] % width
    held = owner[payments.token] != NO_GROUP
    found[payments.account[held]] = owner[payments.token[held]]
    return found
