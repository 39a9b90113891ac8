"""Accounts that one scheduler wakes together, and people who all begin at nine."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.scan.conftest import ReadLog
from tests.scan.grouping import named
from tests.scan.signals.conftest import NullWeights
from tests.scan.small_logs import SmallLog, exchange, moment
from tests.scan.weighed import (
    assert_readable,
    least,
    mean_bits,
    most,
    weigh,
    weigh_one,
)
from tests.scan.worlds import DAY, HOUR, ordinary, planted

from cautery.registry import SIGNALS
from cautery.scan.signals.co_activity import CURVE, FEWEST_DAYS, WINDOW_SECONDS, _log_ratio

NAME = "co_activity"
DAYS = 10
COUNTS = st.floats(0.0, 1e12)


def scheduled(name: str, *, accounts: int = 12, days: int = DAYS, joint: bool = True) -> SmallLog:
    """Make accounts that work twice a day at random times, all at the same ones if joint."""
    rows = []
    for number in range(accounts):
        generator = np.random.default_rng([17] if joint else [number, *name.encode()])
        for day in range(days):
            for begin in generator.integers(0, DAY // WINDOW_SECONDS, 2).tolist():
                second = day * DAY + begin * WINDOW_SECONDS + number * 20
                rows.append(exchange(f"{name}-{number:03d}", second))
    return SmallLog(exchanges=tuple(rows))


def nine_to_five(name: str, *, accounts: int = 12) -> SmallLog:
    """Make accounts that work every day from nine, in the first window of every hour."""
    return SmallLog(
        exchanges=tuple(
            exchange(f"{name}-{number:03d}", day * DAY + hour * HOUR + number * 20)
            for number in range(accounts)
            for day in range(DAYS)
            for hour in range(9, 17)
        )
    )


STRANGERS = scheduled("stranger", accounts=20, joint=False)


def test_planted_group(read_log: ReadLog) -> None:
    """Accounts that wake at the same random minutes weigh most of what the curve gives."""
    facts = read_log(STRANGERS + scheduled("planted"))
    row = weigh_one(facts, NAME, named(facts, "planted"))
    assert 0.7 * most(CURVE) <= row.bits <= most(CURVE)
    assert row.sample_size == 12 * 11 // 2 * 2 * DAYS


def test_office_hours(read_log: ReadLog) -> None:
    """People who all work from nine each day meet as often as their rhythm has it."""
    facts = read_log(STRANGERS + nine_to_five("office"))
    row = weigh_one(facts, NAME, named(facts, "office"))
    assert abs(row.bits) <= 0.2
    assert row.observed == "1.0 times the coincidences of its rhythm"


def test_everybody_is_woken(read_log: ReadLog) -> None:
    """If the same minutes wake the strangers too, as an outage does, a group weighs nothing."""
    facts = read_log(scheduled("planted") + scheduled("stranger", accounts=20))
    assert weigh_one(facts, NAME, named(facts, "planted")).bits <= 0.2


def test_strangers_at_random(read_log: ReadLog) -> None:
    """Accounts with times of their own do not coincide more than chance has it."""
    facts = read_log(STRANGERS + scheduled("group", joint=False, accounts=20))
    assert abs(weigh_one(facts, NAME, named(facts, "group")).bits) <= 0.3


def test_few_days(read_log: ReadLog) -> None:
    """In fewer days than it takes, rhythm and synchrony cannot be told apart."""
    facts = read_log(STRANGERS + scheduled("planted", days=FEWEST_DAYS - 1))
    assert weigh_one(facts, NAME, named(facts, "planted")).bits == 0.0


def test_single_account(read_log: ReadLog) -> None:
    """An account does not coincide with itself."""
    facts = read_log(STRANGERS + scheduled("planted"))
    row = weigh_one(facts, NAME, ["planted-000"])
    assert (row.bits, row.sample_size) == (0.0, 0)


def test_other_groups_are_no_strangers(read_log: ReadLog) -> None:
    """A second scheduler in the log takes nothing from what the first one weighs."""
    facts = read_log(STRANGERS + scheduled("planted") + scheduled("second"))
    alone = weigh_one(read_log(STRANGERS + scheduled("planted")), NAME, named(facts, "planted"))
    both = weigh(facts, NAME, named(facts, "planted"), named(facts, "second"))
    assert [row.bits for row in both] == [alone.bits] * 2


@given(COUNTS, COUNTS, COUNTS)
def test_log_ratio(observed: float, more: float, expected: float) -> None:
    """As many as expected is none, more is more, and one or two prove little."""

    def ratio(seen: float) -> float:
        return float(_log_ratio(np.array([seen]), np.array([expected]))[0])

    assert ratio(expected) == 0.0
    assert ratio(observed) <= ratio(observed + more)
    assert abs(ratio(observed)) <= abs(np.log2(max(observed, 1e-9) / max(expected, 1e-9))) + 1e-9


def test_null(null_weights: NullWeights) -> None:
    """Random groups of strangers, each with hours of its own, weigh about nothing."""
    rows = null_weights[NAME]
    assert abs(mean_bits(rows)) <= 0.25
    assert max(abs(row.bits) for row in rows) <= 1.0


def test_times_are_always_there() -> None:
    """It needs nothing but the time that every exchange must have, so no log lacks it."""
    assert SIGNALS.load(NAME).needs == ("time_start",)


@pytest.mark.parametrize("second", [-3 * 365 * DAY, 53 * DAY])
def test_clocks_that_are_wrong(read_log: ReadLog, second: float) -> None:
    """A time that is years or weeks away spoils neither the bits nor the run."""

    def odd(number: int, turn: int) -> dict[str, str]:
        return {"time_start": moment(second)} if number == turn == 0 else {}

    facts = read_log(ordinary(12) + planted(8, columns=odd))
    (row,) = weigh(facts, NAME, named(facts, "planted"))
    assert_readable(row)
    assert least(CURVE) <= row.bits <= most(CURVE)
