"""Spread: over how many values of a thing the accounts of a group are spread."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from cautery.scan.groups import Groups
from cautery.scan.incidences import Incidences

Integers = NDArray[np.int64]


def effective_number(groups: Groups, pairs: Incidences) -> NDArray[np.float64]:
    """Effective number of tokens that the accounts of every group live on.

    Args:
        groups: Candidate groups.
        pairs: Account-token pairs of one link; an account counts for its most used token.

    Returns:
        Inverse Simpson index of accounts over tokens (Hill number of order two), at least 1.

    Example:
        Ten accounts on one card give 1, ten on five cards of two give 5.
    """
    inside = np.flatnonzero(groups.group_of[pairs.account] >= 0)
    account, token = pairs.account[inside], pairs.token[inside]
    order = np.lexsort((token, -pairs.exchanges[inside], account))
    first = order[np.unique(account[order], return_index=True)[1]]
    group = groups.group_of[account[first]]
    keys, held = np.unique(group * pairs.token_count + token[first], return_counts=True)
    of_group = keys // pairs.token_count
    total = np.bincount(of_group, weights=held, minlength=groups.count)
    squares = np.bincount(of_group, weights=held**2, minlength=groups.count)
    return np.where(squares > 0, total**2 / np.maximum(squares, 1), 1.0)


def largest_customer(groups: Groups, customers: Integers) -> NDArray[np.float64]:
    """Part of every group's accounts that one open customer holds.

    Args:
        groups: Candidate groups.
        customers: Customer of each account.

    Returns:
        Share of the largest customer, 0 where no customer holds two accounts.
    """
    inside = np.flatnonzero(groups.group_of >= 0)
    count = int(customers.max(initial=0)) + 1
    keys, held = np.unique(groups.group_of[inside] * count + customers[inside], return_counts=True)
    largest = np.zeros(groups.count, dtype=np.int64)
    np.maximum.at(largest, keys // count, held)
    return np.where(largest >= 2, largest / np.maximum(groups.sizes, 1), 0.0)
