"""Accounts that take the place of closed ones at once, and sign-ups that come anyway."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.scan.arrays import bare_facts, bare_groups
from tests.scan.conftest import ReadLog
from tests.scan.grouping import named
from tests.scan.signals.conftest import NullWeights
from tests.scan.small_logs import Row, moment
from tests.scan.weighed import (
    assert_not_in_this_log,
    least,
    mean_bits,
    most,
    weigh_bare,
    weigh_one,
    with_times,
    with_totals,
)
from tests.scan.worlds import DAY, HOUR, ordinary

from cautery.scan.facts import MICROSECONDS_A_DAY
from cautery.scan.signals.replacement import (
    CURVE,
    FEWEST_CLOSURES,
    WINDOW_MICROSECONDS,
    replacement_ratio,
)

NAME = "replacement"
DAYS = 60
"""Days that the logs of this file last."""
TIMES = st.lists(st.integers(0, 40), max_size=12).map(sorted)
"""Times in days."""


def day(number: float) -> int:
    """Write a day in microseconds."""
    return round(number * MICROSECONDS_A_DAY)


def ratio_of(closures: Sequence[float], births: Sequence[float]) -> tuple[float, int, float]:
    """Compare sign-ups with closures on these days of a log."""
    times = [np.array([day(one) for one in sorted(days)], np.int64) for days in (closures, births)]
    return replacement_ratio(times[0], times[1], day(DAYS))


def bits_of(closures: Sequence[float], births: Sequence[float]) -> float:
    """Weigh a group with these closures and sign-ups, each of an account of its own."""
    count = len(closures) + len(births)
    facts = with_times(
        with_totals(bare_facts(count), first_us=[0] * count, last_us=[day(DAYS)] * count),
        closed_at=[*(day(one) for one in closures), *[None] * len(births)],
        created_at=[*[None] * len(closures), *(day(one) for one in births)],
    )
    (bits,) = weigh_bare(NAME, facts, bare_groups(count, [range(count)]))
    return bits


CLOSURES = (10, 25, 40, 55)


def test_planted_group() -> None:
    """Two new accounts a day after each closure, and none otherwise, weigh most of the curve."""
    births = [closed + 1 for closed in CLOSURES for _once_more in range(2)]
    assert bits_of(CLOSURES, births) >= 0.8 * most(CURVE)


def test_steady_sign_ups() -> None:
    """A customer who adds an account every two days replaces none."""
    assert bits_of(CLOSURES, range(0, DAYS, 2)) <= 0.1


def test_sign_ups_before_closure() -> None:
    """Accounts that came before the closures, as at a hackathon's start, replace none."""
    assert bits_of(CLOSURES, [1, 2, 3, 4, 5, 6, 7, 8]) == 0.0


def test_after_the_log() -> None:
    """Sign-ups and closures that the log does not reach are not compared with it."""
    late = (DAYS - 5, DAYS - 3, DAYS - 2, DAYS - 1)
    assert bits_of(late, [closed + 0.5 for closed in late for _once_more in range(2)]) > 0.0
    assert bits_of(late, [DAYS + 0.5] * 8) == 0.0
    assert bits_of([DAYS + 1] * 4, [DAYS + 2] * 8) == 0.0


def test_late_replacement() -> None:
    """A sign-up after the window is none that leaves no gap."""
    after = WINDOW_MICROSECONDS / MICROSECONDS_A_DAY + 1
    assert bits_of(CLOSURES, [closed + after for closed in CLOSURES]) == 0.0


def test_too_few_closures() -> None:
    """One closure that sign-ups follow is chance."""
    assert bits_of(CLOSURES[: FEWEST_CLOSURES - 1], [10.5, 11, 11.5, 12]) == 0.0


def test_outside_the_log() -> None:
    """What happened before the log began does not count: the tables do not overlap there."""
    assert bits_of([-9, -8, -7, -6], [-8, -7, -6, -5]) == 0.0


@given(TIMES, TIMES)
def test_followed_as_said_in_words(closures: list[int], births: list[int]) -> None:
    """A sign-up follows if some closure is before it by no more than the window."""
    _ratio, followed, _expected = ratio_of(closures, births)
    window = WINDOW_MICROSECONDS / MICROSECONDS_A_DAY
    assert followed == sum(any(0 < born - end <= window for end in closures) for born in births)


@given(TIMES, TIMES)
def test_expected_is_the_covered_time(closures: list[int], births: list[int]) -> None:
    """Expected are as many sign-ups as fall evenly into the time that the windows cover."""
    ratio, followed, expected = ratio_of(closures, births)
    window = int(WINDOW_MICROSECONDS / MICROSECONDS_A_DAY)
    covered = len({end + step for end in closures for step in range(window)})
    assert expected == pytest.approx(len(births) * covered / DAYS)
    assert ratio == pytest.approx((followed + 1) / (expected + 1))


def test_window_longer_than_the_log() -> None:
    """In a log of a day all sign-ups are expected after closures."""
    ends, births = np.array([0, 5], np.int64), np.array([1, 2, 6], np.int64)
    assert replacement_ratio(ends, births, 10) == (1.0, 3, 3.0)


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_null_of_even_sign_ups(seed: int) -> None:
    """Sign-ups and closures at random days of the log weigh little on average."""
    generator = np.random.default_rng(seed)
    bits = [
        bits_of(generator.uniform(0, DAYS, 5).tolist(), generator.uniform(0, DAYS, 20).tolist())
        for _group in range(60)
    ]
    assert float(np.mean(bits)) <= 0.25


def test_null(null_weights: NullWeights) -> None:
    """Random groups of strangers are not replaced."""
    rows = null_weights[NAME]
    assert 0.0 <= mean_bits(rows) <= 0.2
    assert max(row.bits for row in rows) <= most(CURVE) / 2


def test_in_a_log(read_log: ReadLog) -> None:
    """A pool that fills its gaps is seen in the account table of a real log."""

    def pool(number: int) -> Row:
        round_, place = divmod(number, 4)
        times = {"created_at": moment(round_ * 10 * DAY + HOUR + place)}
        return times | ({"closed_at": moment((round_ + 1) * 10 * DAY)} if round_ < 3 else {})

    def spread(_number: int, turn: int) -> Row:
        return {"time_start": moment(turn * 5 * DAY)}

    group = ordinary(16, name="pool", block=3, columns=spread, account_columns=pool)
    facts = read_log(ordinary(20) + group)
    row = weigh_one(facts, NAME, named(facts, "pool"))
    assert row.observed == "12 sign-ups within 3 days of 12 closures"
    assert row.bits > 0.0


def test_missing_columns(read_log: ReadLog) -> None:
    """Without times of closure or of sign-up nothing is known of replacement."""
    log = ordinary(4, account_columns=lambda _number: {"closed_at": moment(DAY)})
    assert_not_in_this_log(read_log(ordinary(4)), NAME, ["accounts.closed_at"])
    facts = read_log(log.without("accounts.created_at"))
    assert_not_in_this_log(facts, NAME, ["accounts.created_at"])


def test_hostile_values(read_log: ReadLog) -> None:
    """Times that are far away, empty or in the wrong order give bounded bits."""
    times = (moment(0), "2015-01-02T00:00:00Z", "", None, moment(3 * DAY), 1_790_000_000)

    def odd(number: int) -> Row:
        return {"created_at": times[number % 6], "closed_at": times[(number + 1) % 6]}

    facts = read_log(ordinary(18, account_columns=odd))
    row = weigh_one(facts, NAME, facts.account_ids)
    assert least(CURVE) <= row.bits <= most(CURVE)
