"""Permutation tests whose units are accounts: exchanges of one account are never independent."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

DRAWS: Final = 199
"""Random relabellings; the smallest p-value is 1 / 200."""
SEED: Final = 20_261_125
DIGITS: Final = 10
"""Digits that count in a comparison, so that no order of summation decides a tie."""


def relabellings(members: int, others: int, draws: int = DRAWS) -> NDArray[np.bool_]:
    """Draw random sets of accounts as large as the group.

    Args:
        members: Accounts of the group.
        others: Accounts that it is compared with.
        draws: How many sets.

    Returns:
        Which of the members and others are in each set, shape (draws, members + others); the same
        for the same sizes.
    """
    random = np.random.default_rng([SEED, members, others])
    total = members + others
    chosen = np.argsort(random.random((draws, total)), axis=1)[:, :members]
    inside = np.zeros((draws, total), dtype=np.bool_)
    np.put_along_axis(inside, chosen, values=True, axis=1)
    return inside


def permutation_p(observed: float, drawn: Floats) -> float:
    """Chance that a relabelling gives this much or more, the observed labels counted.

    Args:
        observed: Statistic of the group.
        drawn: The same of the relabellings.

    Returns:
        ``(1 + draws as large) / (1 + draws)`` (Phipson and Smyth 2010): never 0, and valid.

    Example:
        >>> permutation_p(3.0, np.array([1.0, 2.0, 3.0]))
        0.5
    """
    as_large = np.round(drawn, DIGITS) >= round(observed, DIGITS)
    return float((1 + int(as_large.sum())) / (1 + drawn.size))


def compare(
    inside: Floats, others: Floats, statistic: Callable[[Floats, Floats], Floats]
) -> tuple[float, float]:
    """Test whether the accounts of a group are like others, by a statistic of their means.

    Null: which of these accounts form the group is random.

    Args:
        inside: Values of the group's accounts, shape (members, values).
        others: Values of the matched accounts, shape (others, values).
        statistic: Takes means of both sides, shape (sets, values), and gives one number a set.

    Returns:
        The statistic of the group and its p-value; 1 if there is nobody to compare with.
    """
    if not inside.shape[0] or not others.shape[0]:
        return 0.0, 1.0
    values = np.concatenate([inside, others])
    sets = relabellings(inside.shape[0], others.shape[0])
    labels = np.concatenate([np.arange(values.shape[0])[None, :] < inside.shape[0], sets])
    first = labels @ values / inside.shape[0]
    second = (values.sum(axis=0) - first * inside.shape[0]) / others.shape[0]
    found = statistic(first, second)
    return float(found[0]), permutation_p(float(found[0]), found[1:])
