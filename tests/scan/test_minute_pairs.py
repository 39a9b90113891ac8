"""Common minutes tell of one scheduler, and clocks, lectures, cron and bursts do not."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from cautery.scan import minute_pairs
from cautery.scan.minute_nulls import meetings, tables_of
from cautery.scan.minute_pairs import (
    FEWEST_DAYS,
    Activity,
    SynchronousPairs,
    alike_pairs,
    leaders,
    pair_log_p,
    synchronous_pairs,
)
from cautery.scan.null_models import accepted, sum_log_p

Integers = NDArray[np.int64]
DAY, HOUR = 1_440, 60
DAYS = 14


def activity(minutes: dict[int, list[int]]) -> Activity:
    """Sort the minutes of some accounts."""
    rows = sorted((account, minute) for account, held in minutes.items() for minute in set(held))
    table = np.array(rows, dtype=np.int64).reshape(-1, 2)
    return Activity(account=table[:, 0], minute=table[:, 1])


def strangers(count: int, generator: np.random.Generator, first: int = 0) -> dict[int, list[int]]:
    """Have accounts work in sessions in their own office hours."""
    found: dict[int, list[int]] = {}
    for account in range(first, first + count):
        own = int(generator.integers(7, 18)) * HOUR
        held: list[int] = []
        for day in range(DAYS):
            if generator.random() < 0.7:
                start = day * DAY + own + int(generator.integers(-60, 120))
                held += (start + np.arange(int(generator.integers(3, 40)))).tolist()
        found[account] = held
    return found


def found_in(minutes: dict[int, list[int]]) -> list[tuple[int, int]]:
    """Name the pairs that are together beyond chance."""
    pairs = synchronous_pairs(activity(minutes), max(minutes) + 1)
    return list(zip(pairs.first.tolist(), pairs.second.tolist(), strict=True))


def woken(generator: np.random.Generator, each: int = 6) -> list[int]:
    """Draw the minutes of a scheduler that chooses other ones every day."""
    return [
        day * DAY + int(minute)
        for day in range(DAYS)
        for minute in generator.choice(DAY, each, replace=False)
    ]


def test_one_scheduler() -> None:
    """Accounts that are woken together are found, all of them, each in one group."""
    generator = np.random.default_rng(1)
    clock = woken(generator)
    pool = dict.fromkeys(range(100, 112), clock)
    pairs = synchronous_pairs(activity(strangers(100, generator) | pool), 112)
    accounts, leading, minutes = leaders(pairs)
    assert accounts.tolist() == list(range(100, 112))
    assert set(leading.tolist()) == {100}
    assert minutes.tolist() == [len(set(clock))] * 12


def test_one_scheduler_under_cover() -> None:
    """A third of each account's minutes may be cover of its own."""
    generator = np.random.default_rng(2)
    clock = woken(generator)
    pool = {account: clock + woken(generator, 3) for account in range(100, 110)}
    found = found_in(strangers(100, generator) | pool)
    assert {account for pair in found for account in pair} == set(pool)


@pytest.mark.parametrize("seed", range(3))
def test_size_under_the_null(seed: int) -> None:
    """Strangers with office hours and long sessions, whose minutes meet often, are never linked."""
    generator = np.random.default_rng([3, seed])
    assert found_in(strangers(300, generator)) == []


def test_chances_are_no_smaller_than_they_say() -> None:
    """Tested directly, without the sketch, few strangers' pairs are as striking as claimed."""
    own = activity(strangers(120, np.random.default_rng(4)))
    first, second = np.triu_indices(120, 1)
    log_p, _together = pair_log_p(own, first.astype(np.int64), second.astype(np.int64), 120)
    for level in (1e-2, 1e-3):
        assert np.mean(log_p <= np.log(level)) <= level


@pytest.mark.parametrize("seed", range(5))
def test_bystanders_change_nothing(seed: int) -> None:
    """What is expected of a pair is what the tables of all accounts expect, others or none."""
    generator = np.random.default_rng(seed)
    own = activity(strangers(20, generator))
    first, second = generator.permutation(20)[:8].reshape(2, 4).astype(np.int64)
    log_p, together = pair_log_p(own, first, second, 20)
    days, hours, common = meetings(tables_of(own.account, own.minute, 20), first, second)
    wanted = [sum_log_p(unit.seen, unit.expected, unit.most) for unit in (days, hours)]
    assert log_p.tolist() == np.maximum(*wanted).tolist()
    assert together.tolist() == common.tolist()


def test_jobs_at_the_full_hour() -> None:
    """Cron jobs, every hour or at two in the morning, meet every day and say nothing."""
    hourly = {account: list(range(0, DAYS * DAY, HOUR)) for account in range(20)}
    nightly = {
        account: [day * DAY + 2 * HOUR + minute for day in range(DAYS) for minute in range(5)]
        for account in range(20, 40)
    }
    assert found_in(hourly | nightly) == []


def test_jobs_at_the_full_hour_of_changing_hours() -> None:
    """What begins at the full hour, at other hours every day, is expected of the full hour."""
    generator = np.random.default_rng(6)
    hours = [day * 24 + int(hour) for day in range(DAYS) for hour in generator.choice(24, 5, False)]
    assert found_in({account: [hour * HOUR for hour in hours] for account in range(30)}) == []


def test_lectures() -> None:
    """A class works in the same hours of changing days, each student at his own pace."""
    generator = np.random.default_rng(7)
    lessons = [day * DAY + int(generator.integers(8, 17)) * HOUR for day in range(0, DAYS, 2)]
    students = {
        account: [
            start + int(minute)
            for start in lessons
            for minute in generator.choice(90, 15, replace=False)
        ]
        for account in range(60)
    }
    assert found_in(students) == []


def test_hours_in_common_are_no_minutes_in_common() -> None:
    """Who fills one hour a day, another one each day, meets in it and is expected to."""
    generator = np.random.default_rng(11)
    hours = [day * DAY + int(hour) * HOUR for day, hour in enumerate(generator.permutation(24))]
    full = {
        account: [
            start + int(minute)
            for start in hours[:DAYS]
            for minute in generator.choice(HOUR, 40, replace=False)
        ]
        for account in range(12)
    }
    assert alike_pairs(activity(full), 12)[0].size > 0  # else nothing would be tested
    assert found_in(full) == []


def test_pairs_that_are_never_formed_are_tested(monkeypatch: pytest.MonkeyPatch) -> None:
    """The false-discovery rate is over all pairs of eligible accounts, not the few alike ones."""
    told: list[int] = []

    def noted(log_p: NDArray[np.float64], tests: int) -> NDArray[np.bool_]:
        told.append(tests)
        return accepted(log_p, tests)

    monkeypatch.setattr(minute_pairs, "accepted", noted)
    generator = np.random.default_rng(1)
    pool = dict.fromkeys(range(100, 112), woken(generator))
    pairs = synchronous_pairs(activity(strangers(100, generator) | pool), 112)
    assert told == [pairs.tests] == [112 * 111 // 2]


def test_an_outage() -> None:
    """Everybody comes back in one minute after an outage; one day proves nothing."""
    generator = np.random.default_rng(8)
    back = [5 * DAY + 11 * HOUR + minute for minute in range(30)]
    everybody = {a: held + back for a, held in strangers(100, generator).items()}
    assert found_in(everybody) == []


def test_few_days() -> None:
    """Accounts of fewer days than it needs are not looked at, however alike they are."""
    clock = [
        minute for minute in woken(np.random.default_rng(9)) if minute < (FEWEST_DAYS - 1) * DAY
    ]
    pairs = synchronous_pairs(activity(dict.fromkeys(range(9), clock)), 9)
    assert (pairs.tests, pairs.first.size) == (0, 0)


def test_a_crowd_makes_no_square() -> None:
    """Accounts of one bucket are compared with its first: pairs grow with the accounts."""
    clock = woken(np.random.default_rng(10))
    first, second = alike_pairs(activity(dict.fromkeys(range(500), clock)), 500)
    assert first.size == 499
    assert set(first.tolist()) == {0}
    assert second.tolist() == list(range(1, 500))


def test_no_chain() -> None:
    """Groups stand around one account: what is linked to a member only is another group or none."""
    one, two = np.array([0, 1, 2, 3]), np.array([1, 2, 3, 4])
    chain = SynchronousPairs(
        first=one, second=two, together=np.array([9, 8, 7, 6]), log_p=np.zeros(4), tests=10
    )
    accounts, leading, minutes = leaders(chain)
    assert accounts.tolist() == [0, 1, 2, 3, 4]
    assert leading.tolist() == [1, 1, 1, 3, 3]
    assert minutes.tolist() == [9, 9, 8, 6, 6]


def test_nobody() -> None:
    """Without accounts, or without pairs, there is nothing to group."""
    pairs = synchronous_pairs(activity({}), 0)
    assert pairs.first.size == 0
    assert [part.size for part in leaders(pairs)] == [0, 0, 0]
