"""All pairs at once are counted as one pair after another would be."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from cautery.scan.minute_nulls import (
    MINUTES_A_DAY,
    MINUTES_AN_HOUR,
    PAIRS_AT_ONCE,
    meetings,
    tables_of,
)

START = 29_000_000
ACTIVE = st.sets(st.integers(START, START + 4 * MINUTES_A_DAY), min_size=1, max_size=40)


def counted(held: list[set[int]], first: list[int], second: list[int]) -> list[list[float]]:
    """Count some pairs: seen, expected and most by day, the same by hour, minutes in common."""
    rows = sorted((account, minute) for account, mine in enumerate(held) for minute in mine)
    table = np.array(rows, dtype=np.int64).reshape(-1, 2)
    minutes = tables_of(table[:, 0], table[:, 1], len(held))
    days, hours, together = meetings(minutes, np.array(first, np.int64), np.array(second, np.int64))
    columns = [days.seen, days.expected, days.most, hours.seen, hours.expected, hours.most]
    found: list[list[float]] = np.stack([*columns, together], axis=1).tolist()
    return found


def one_by_one(a: set[int], b: set[int]) -> list[float]:
    """Count one pair in the plainest way."""
    common = a & b
    days = [{minute // MINUTES_A_DAY for minute in part} for part in (a, b)]
    both = len(days[0] & days[1])
    met = sum(x % MINUTES_A_DAY == y % MINUTES_A_DAY for x in a for y in b) - len(common)
    chance = min((met + 1) / (len(days[0]) * len(days[1]) - both + 1), 1.0)
    liked = sum(x % MINUTES_AN_HOUR == y % MINUTES_AN_HOUR for x in a for y in b)
    meeting = max(liked / (len(a) * len(b)), 1 / MINUTES_AN_HOUR)
    hours = [[minute // MINUTES_AN_HOUR for minute in part] for part in (a, b)]
    shared = set(hours[0]) & set(hours[1])
    expected = sum(min(hours[0].count(h) * hours[1].count(h) * meeting, 1.0) for h in shared)
    return [
        len({minute // MINUTES_A_DAY for minute in common}),
        both * chance,
        both,
        len({minute // MINUTES_AN_HOUR for minute in common}),
        expected,
        len(shared),
        len(common),
    ]


@given(held=st.lists(ACTIVE, min_size=2, max_size=5))
def test_as_one_by_one(held: list[set[int]]) -> None:
    """Every pair has the counts and means of the plain definition."""
    first, second = (side.tolist() for side in np.triu_indices(len(held), 1))
    wanted = [one_by_one(held[a], held[b]) for a, b in zip(first, second, strict=True)]
    np.testing.assert_allclose(counted(held, first, second), wanted, rtol=1e-12)


def test_more_pairs_than_one_round() -> None:
    """Rounds are put together in the order of the pairs."""
    held = [{START, START + 61}, {START, START + 5}, {START + 61}]
    first = [0] * (PAIRS_AT_ONCE + 1)
    second = [1] * PAIRS_AT_ONCE + [2]
    found = counted(held, first, second)
    assert found[0] == one_by_one(held[0], held[1])
    assert found[-1] == one_by_one(held[0], held[2])


def test_nothing() -> None:
    """No minutes and no pairs give nothing."""
    assert counted([set(), set()], [], []) == []
