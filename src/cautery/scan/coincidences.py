"""Coincidences: pairs of accounts active in the same window, against a circadian-shifted null.

Null: every account keeps the times of day at which it works and the span of days over which it
does, but which days it works at which time is random and its own. Then the chance that an
account is active in a window of day d is its mean over days, and expected pairs are sums of
products; nothing is simulated.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Final

import numpy as np
from ibis import _
from numpy.typing import NDArray
from scipy import sparse

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

WINDOW_SECONDS: Final = 600
WINDOWS_A_DAY: Final = 86_400 // WINDOW_SECONDS


@dataclass(frozen=True, slots=True, kw_only=True)
class Coincidences:
    """One entry a group."""

    observed: Floats
    """Pairs of accounts active in the same window, summed over windows."""
    expected: Floats
    """Mean of the same under the null."""
    days: Integers
    """Days on which the group was active."""


def coincidences(exchanges: Any, group_count: int) -> Coincidences:
    """Count coincidences in every group.

    Args:
        exchanges: Ibis table with ``group``, ``account`` and ``second``.
        group_count: Number of groups.

    Returns:
        Observed and expected pairs by group.
    """
    active = (
        exchanges.mutate(window=(_.second // WINDOW_SECONDS).cast("int64"))
        .select("group", "account", "window")
        .distinct()
        .to_pyarrow()
    )
    group = active["group"].to_numpy().astype(np.int64)
    account = active["account"].to_numpy().astype(np.int64)
    window = active["window"].to_numpy().astype(np.int64)
    order = np.lexsort((window, account, group))
    group, account, window = group[order], account[order], window[order]
    observed, expected = np.zeros(group_count), np.zeros(group_count)
    days = np.zeros(group_count, dtype=np.int64)
    bounds = np.searchsorted(group, np.arange(group_count + 1))
    for index in range(group_count):
        part = slice(bounds[index], bounds[index + 1])
        observed[index], expected[index], days[index] = _one(account[part], window[part])
    return Coincidences(observed=observed, expected=expected, days=days)


def _one(account: Integers, window: Integers) -> tuple[float, float, int]:
    if account.size == 0:
        return 0.0, 0.0, 0
    _windows, crowd = np.unique(window, return_counts=True)
    observed = float((crowd * (crowd - 1) / 2).sum())
    day, slot = window // WINDOWS_A_DAY, window % WINDOWS_A_DAY
    all_days = np.unique(day)
    _accounts, row = np.unique(account, return_inverse=True)
    rows = int(row.max()) + 1
    # Mean activity of each account in each slot over the days of its own span.
    first, last = np.full(rows, np.iinfo(np.int64).max), np.full(rows, -1)
    np.minimum.at(first, row, day)
    np.maximum.at(last, row, day)
    span = (last - first + 1).astype(np.float64)
    counts = sparse.csr_matrix((np.ones(row.size), (row, slot)), shape=(rows, WINDOWS_A_DAY))
    rate = sparse.csr_matrix(sparse.diags(1.0 / span) @ counts)
    # Between two days on which an account begins or ends, every day has the same expectation.
    changes = np.unique(np.concatenate([first, last + 1]))
    expected = 0.0
    for today, until in pairwise(changes.tolist()):
        here = rate[np.flatnonzero((first <= today) & (last >= today))]
        total = np.asarray(here.sum(axis=0)).ravel()
        squares = np.asarray(here.multiply(here).sum(axis=0)).ravel()
        expected += float(((total**2 - squares) / 2).sum()) * (until - today)
    return observed, expected, int(all_days.size)
