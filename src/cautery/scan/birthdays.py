"""Birthdays: whether accounts meet on items as often as independent draws would.

Null: with the copies of every item and the exchanges of every account given, which exchange sends
which item is random. Independent accounts that draw from the pool's own items are of this kind. A
work queue gives an item to one account and its retries to the same: its accounts meet too seldom.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.special import gammaln, ndtr

Integers = NDArray[np.int64]
Floats = NDArray[np.float64]

MOST_EXACT: Final = 4_096
"""Repeated items up to which the chance is summed exactly; beyond it is normal to many digits."""
MOST_COPIES: Final = 16
"""Copies from which items count alike: they meet almost surely, and fewer is the safe side."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Birthday:
    """The test of one pool."""

    repeated: int
    """Items that were sent more than once: the sample size."""
    met: int
    """Those that two accounts or more sent."""
    expected: float
    """Those that would be if accounts drew independently."""
    p_value: float
    """Chance of so few or fewer."""


def birthday(copies: Integers, items: Integers, met: int, volumes: Integers) -> Birthday:
    """Test whether accounts meet too seldom.

    Args:
        copies: Numbers of copies, each at least 2 and once.
        items: Items with so many copies.
        met: Items of these that two accounts or more sent.
        volumes: Exchanges of each account.

    Returns:
        The test; without repeated items, a chance of 1.

    Example:
        Ten accounts with ten exchanges each and twenty pairs of copies, none across accounts:

        >>> found = birthday(np.array([2]), np.array([20]), 0, np.full(10, 10))
        >>> round(found.expected, 1), found.p_value < 1e-9
        (18.2, True)
    """
    repeated = int(items.sum())
    if not repeated:
        return Birthday(repeated=0, met=0, expected=0.0, p_value=1.0)
    chances = meeting_chances(copies, volumes)
    expected = float((items * chances).sum())
    p_value = _few_or_fewer(items, chances, met)
    return Birthday(repeated=repeated, met=met, expected=round(expected, 6), p_value=p_value)


def meeting_chances(copies: Integers, volumes: Integers) -> Floats:
    """Chance that the copies of an item are not all in one account.

    Args:
        copies: Copies of each item.
        volumes: Exchanges of each account.

    Returns:
        One chance a number of copies: exact, drawing without replacement.
    """
    n, total = volumes.astype(np.float64)[None, :], float(volumes.sum())
    m = np.minimum(copies, max(int(total), 1)).astype(np.float64)[:, None]
    fits = n >= m
    kept = np.where(fits, n, m)
    logs = gammaln(kept + 1) - gammaln(kept - m + 1) - gammaln(total + 1) + gammaln(total - m + 1)
    alone: Floats = np.where(fits, np.exp(logs), 0.0).sum(axis=1)
    return np.asarray(np.clip(1.0 - alone, 0.0, 1.0), dtype=np.float64)


def _few_or_fewer(items: Integers, chances: Floats, met: int) -> float:
    """Lower tail of a sum of independent events, by its characteristic function."""
    repeated = int(items.sum())
    if repeated > MOST_EXACT:
        spread = float(np.sqrt(max((items * chances * (1.0 - chances)).sum(), 1e-12)))
        return float(ndtr((met + 0.5 - float((items * chances).sum())) / spread))
    angle = np.exp(2j * np.pi * np.arange(repeated + 1) / (repeated + 1))[None, :]
    logs = items[:, None] * np.log(1.0 - chances[:, None] + chances[:, None] * angle + 1e-300)
    chance = np.fft.fft(np.exp(logs.sum(axis=0))).real / (repeated + 1)
    return float(round(min(max(float(chance[: met + 1].sum()), 0.0), 1.0), 12))
