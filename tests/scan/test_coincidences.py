"""Coincidences: what a rhythm of day and night gives anyway is expected, the rest is synchrony."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import ibis
import numpy as np
import pyarrow as pa
import pytest
from numpy.typing import NDArray

from cautery.scan.coincidences import WINDOW_SECONDS, WINDOWS_A_DAY, Coincidences, coincidences

Integers = NDArray[np.int64]
DAY = 86_400
DAYS = 20


@pytest.fixture
def connection() -> Iterator[Any]:
    """Open an engine of the test's own, and close it."""
    opened = ibis.duckdb.connect()
    yield opened
    opened.disconnect()


def counted(connection: Any, rows: list[tuple[int, int, int]], groups: int = 1) -> Coincidences:
    """Count the coincidences of rows of group, account and second."""
    names = ("group", "account", "second")
    columns = np.array(rows, dtype=np.int64).reshape(-1, 3).T
    table = pa.table({name: pa.array(column) for name, column in zip(names, columns, strict=True)})
    return coincidences(connection.create_table("exchanges", table, overwrite=True), groups)


def circadian_week(seed: int, accounts: int = 12) -> list[tuple[int, int, int]]:
    """Draw the null: each account keeps its hours, and chooses its days by itself."""
    generator = np.random.default_rng([13, seed])
    rows = []
    for account in range(accounts):
        slots = np.unique((generator.normal(13.0, 3.0, 40) * 6).astype(int) % WINDOWS_A_DAY)
        active = generator.random((DAYS, slots.size)) < 0.3
        active[[0, -1], 0] = True
        for day, slot in np.argwhere(active):
            rows.append((0, account, int(day) * DAY + int(slots[slot]) * WINDOW_SECONDS))
    return rows


def test_expectation_under_the_null(connection: Any) -> None:
    """Accounts that share only the time of day meet as often as expected, on average."""
    found = [counted(connection, circadian_week(seed)) for seed in range(25)]
    observed = np.array([one.observed[0] for one in found])
    expected = np.array([one.expected[0] for one in found])
    error = (observed - expected).std(ddof=1) / np.sqrt(observed.size)
    assert expected.mean() > 20
    assert abs((observed - expected).mean()) < max(4 * error, 0.05 * expected.mean())


def test_planted_synchrony_is_seen(connection: Any) -> None:
    """Accounts that one program wakes at random minutes meet far more often than expected."""
    generator = np.random.default_rng(14)
    moments = generator.integers(0, DAYS * DAY, 60)
    rows = [(0, account, int(second) + account) for second in moments for account in range(8)]
    found = counted(connection, rows)
    assert found.observed[0] > 10 * found.expected[0]


def test_golden_count(connection: Any) -> None:
    """Three accounts in one window are three pairs; the same account twice is none."""
    rows = [(0, 0, 5), (0, 0, 9), (0, 1, 599), (0, 2, 0), (0, 2, 600), (1, 3, 0)]
    found = counted(connection, rows, groups=3)
    assert found.observed.tolist() == [3.0, 0.0, 0.0]
    assert found.days.tolist() == [1, 1, 0]
    assert found.expected.tolist() == [3.0, 0.0, 0.0]


def test_expectation_by_hand(connection: Any) -> None:
    """Two accounts, each active in half of its days in one slot, are expected in a quarter."""
    first, second = [(0, 0, day * DAY) for day in (0, 3)], [(0, 1, day * DAY) for day in (1, 2)]
    found = counted(connection, first + second)
    assert found.observed[0] == 0.0
    # Account 0 is active on 2 of its 4 days, account 1 on both of its 2 days, which both lived.
    assert found.expected[0] == pytest.approx(2 * 0.5 * 1.0)


def test_order_of_rows(connection: Any) -> None:
    """The order of the rows changes nothing."""
    rows = circadian_week(3)
    plain, turned = counted(connection, rows), counted(connection, rows[::-1])
    assert plain.observed.tolist() == turned.observed.tolist()
    assert plain.expected.tolist() == turned.expected.tolist()


def test_groups_do_not_mix(connection: Any) -> None:
    """Two groups side by side give what each gives alone."""
    one, two = circadian_week(4), circadian_week(5)
    moved = [(1, account + 100, second) for _group, account, second in two]
    together = counted(connection, one + moved, groups=2)
    alone = [counted(connection, rows) for rows in (one, two)]
    assert together.observed.tolist() == [part.observed[0] for part in alone]
    assert together.expected.tolist() == [part.expected[0] for part in alone]


def test_no_exchanges(connection: Any) -> None:
    """Groups without exchanges have no pairs and no days."""
    found = counted(connection, [], groups=2)
    assert found.observed.tolist() == found.expected.tolist() == [0.0, 0.0]
