"""What two nulls expect of the minutes that pairs of accounts have in common, all pairs at once.

Accounts are rows of sparse tables of minutes, days, hours, minutes of the day and of the hour. The
product of two rows, entry by entry, holds what both have.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

Integers = NDArray[np.int64]
Floats = NDArray[np.float64]

MINUTES_A_DAY: Final = 1_440
MINUTES_AN_HOUR: Final = 60
PAIRS_AT_ONCE: Final = 4_096
"""Pairs of one round, which bounds the memory."""


@dataclass(frozen=True, kw_only=True)
class Meetings:
    """Units of time in which the accounts of each pair meet, and what a null expects."""

    seen: Integers
    """Days, or hours, with a common minute."""
    expected: Floats
    """Their mean by the null: at least the true one."""
    most: Integers
    """Days, or hours, in which both work."""


@dataclass(frozen=True, kw_only=True)
class Minutes:
    """Active minutes of accounts as sparse tables, one row an account."""

    minutes: sparse.csr_matrix
    days: sparse.csr_matrix
    hours: sparse.csr_matrix
    minutes_of_day: sparse.csr_matrix
    minutes_of_hour: sparse.csr_matrix


def tables_of(account: Integers, minute: Integers, account_count: int) -> Minutes:
    """Count each account's minutes by day, hour, minute of the day and of the hour.

    Args:
        account: Accounts of the active minutes, each minute of an account once.
        minute: Minutes since 1970.
        account_count: Number of accounts.

    Returns:
        The tables.
    """
    start = int(minute.min()) // MINUTES_A_DAY * MINUTES_A_DAY if minute.size else 0
    offset = minute - start

    def table(columns: Integers) -> sparse.csr_matrix:
        shape = (account_count, int(columns.max(initial=0)) + 1)
        ones = np.ones(account.size, dtype=np.int64)
        made = sparse.csr_matrix((ones, (account, columns)), shape=shape)
        made.sum_duplicates()
        return made

    return Minutes(
        minutes=table(offset),
        days=table(offset // MINUTES_A_DAY),
        hours=table(offset // MINUTES_AN_HOUR),
        minutes_of_day=table(offset % MINUTES_A_DAY),
        minutes_of_hour=table(offset % MINUTES_AN_HOUR),
    )


def meetings(
    held: Minutes, first: Integers, second: Integers
) -> tuple[Meetings, Meetings, Integers]:
    """Count the meetings of pairs of accounts by day and by hour.

    Args:
        held: Minutes of all accounts.
        first: One account of each pair.
        second: The other.

    Returns:
        Meetings by day (null of whole days), by hour (null within the hour), and the minutes in
        common, by pair.
    """
    by_day, by_hour, together = [], [], [np.zeros(0, dtype=np.int64)]
    for start in range(0, first.size, PAIRS_AT_ONCE):
        chosen = slice(start, start + PAIRS_AT_ONCE)
        one, two = first[chosen], second[chosen]
        common = _both(held.minutes, one, two)
        together.append(np.diff(common.indptr).astype(np.int64))
        by_day.append(_by_days(held, one, two, common))
        by_hour.append(_by_hours(held, one, two, common))
    return _joined(by_day), _joined(by_hour), np.concatenate(together)


def _both(table: sparse.csr_matrix, one: Integers, two: Integers) -> sparse.csr_matrix:
    """Products of the rows of pairs, entry by entry."""
    found = sparse.csr_matrix(table[one].multiply(table[two]))
    found.sort_indices()
    return found


def _rows_of(table: sparse.csr_matrix) -> Integers:
    return np.repeat(np.arange(table.shape[0]), np.diff(table.indptr))


def _sums(table: sparse.csr_matrix) -> Integers:
    return np.asarray(table.sum(axis=1), dtype=np.int64).ravel()


def _distinct(common: sparse.csr_matrix, length: int) -> Integers:
    """Number of different units of time, each of so many minutes, by row."""
    rows = _rows_of(common)
    units = common.indices // length
    new = np.ones(rows.size, dtype=np.bool_)
    new[1:] = (rows[1:] != rows[:-1]) | (units[1:] != units[:-1])
    return np.bincount(rows[new], minlength=common.shape[0]).astype(np.int64)


def _by_days(held: Minutes, one: Integers, two: Integers, common: Any) -> Meetings:
    """Days with a common minute: of all pairs of two different days, how many have one, at most."""
    both = np.diff(_both(held.days, one, two).indptr).astype(np.int64)
    active = np.diff(held.days.indptr).astype(np.int64)
    different = active[one] * active[two] - both
    met = _sums(_both(held.minutes_of_day, one, two)) - np.diff(common.indptr)
    chance = np.minimum((met + 1.0) / (different + 1.0), 1.0)
    return Meetings(seen=_distinct(common, MINUTES_A_DAY), expected=both * chance, most=both)


def _by_hours(held: Minutes, one: Integers, two: Integers, common: Any) -> Meetings:
    """Hours with a common minute.

    The mean number of common minutes of an hour is no less than the chance that there is one.
    """
    active = np.diff(held.minutes.indptr).astype(np.int64)
    liked = _sums(_both(held.minutes_of_hour, one, two))
    meeting = liked / np.maximum(active[one] * active[two], 1)
    both = _both(held.hours, one, two)
    rows = _rows_of(both)
    chances = both.data * np.maximum(meeting, 1.0 / MINUTES_AN_HOUR)[rows]
    expected: Floats = np.zeros(one.size)
    np.add.at(expected, rows, np.minimum(chances, 1.0))
    return Meetings(
        seen=_distinct(common, MINUTES_AN_HOUR),
        expected=expected,
        most=np.diff(both.indptr).astype(np.int64),
    )


def _joined(parts: list[Meetings]) -> Meetings:
    return Meetings(
        seen=np.concatenate([np.zeros(0, dtype=np.int64), *(part.seen for part in parts)]),
        expected=np.concatenate([np.zeros(0), *(part.expected for part in parts)]),
        most=np.concatenate([np.zeros(0, dtype=np.int64), *(part.most for part in parts)]),
    )
