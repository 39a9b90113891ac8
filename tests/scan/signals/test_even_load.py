"""Accounts that a balancer loads evenly, and people who work as much as each of them needs."""

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
from tests.scan.small_logs import HOSTILE, SmallLog, exchange
from tests.scan.weighed import (
    least,
    mean_bits,
    most,
    weigh,
    weigh_bare,
    weigh_one,
    with_totals,
)
from tests.scan.worlds import DAY

from cautery.registry import SIGNALS
from cautery.scan.signals.even_load import CURVE, FEWEST_ACCOUNTS

NAME = "even_load"
PEOPLE = np.random.default_rng(5).lognormal(2.0, 1.2, 200).astype(np.int64) + 1
"""Loads of people: a few work very much."""
Loads = Sequence[int]


def bits_of(loads: Loads, strangers: Loads, days: Sequence[int] | None = None) -> float:
    """Weigh a group with such exchanges a day among strangers with others."""
    count = len(loads) + len(strangers)
    facts = with_totals(
        bare_facts(count),
        exchanges=[*loads, *strangers],
        active_days=days or [1] * count,
    )
    (bits,) = weigh_bare(NAME, facts, bare_groups(count, [range(len(loads))]))
    return bits


def people(count: int) -> list[int]:
    """Take loads of so many people."""
    return [int(load) for load in PEOPLE[:count]]


def test_planted_group() -> None:
    """Accounts that all do 25 a day among uneven strangers weigh what the curve gives."""
    assert bits_of([25] * 20, people(200)) == most(CURVE)


def test_load_is_by_active_day() -> None:
    """Accounts that worked two days or six at the same pace are as even as the others."""
    days = [2, 6] * 10 + [1] * 200
    loads = [25 * number for number in days[:20]]
    assert bits_of(loads, people(200), days) == most(CURVE)


def test_everybody_is_even() -> None:
    """Where a quota makes everybody's load the same, an even group weighs nothing."""
    assert bits_of([25] * 20, [25] * 200) == 0.0


def test_uneven_group() -> None:
    """Colleagues who work as much as each of them needs are weighed down."""
    assert bits_of([1] * 19 + [500], people(200)) < 0.0
    assert bits_of([1] * 99 + [10_000], people(200)) == least(CURVE)


def test_few_accounts() -> None:
    """Evenness of fewer accounts than it takes is chance."""
    assert bits_of([25] * (FEWEST_ACCOUNTS - 1), people(200)) == 0.0


def test_more_even_weighs_more() -> None:
    """The wider the loads are spread the fewer the bits."""
    spread = [bits_of([100 - step, 100 + step] * 10, people(200)) for step in range(0, 100, 9)]
    assert spread == sorted(spread, reverse=True)


@given(st.lists(st.integers(1, 1_000), min_size=FEWEST_ACCOUNTS, max_size=20), st.integers(1, 9))
def test_volume_does_not_matter(loads: list[int], times: int) -> None:
    """A group that works so many times as much is as even as before."""
    strangers = people(50)
    assert bits_of(loads, strangers) == pytest.approx(
        bits_of([times * load for load in loads], strangers), abs=0.11
    )


@given(st.lists(st.integers(0, 2**40), min_size=1, max_size=20))
def test_bounded(loads: list[int]) -> None:
    """Whatever the loads, the bits never leave the curve; a log of no strangers is none."""
    assert least(CURVE) <= bits_of(loads, people(20)) <= most(CURVE)
    assert bits_of(loads, []) <= 0.0


def test_null(null_weights: NullWeights) -> None:
    """Random groups of strangers are about as even as strangers are."""
    assert abs(mean_bits(null_weights[NAME])) <= 0.3


@pytest.mark.parametrize("seed", range(3))
def test_null_of_uneven_people(seed: int) -> None:
    """Random groups of people with very different loads are never weighed up on average."""
    loads = people(200)
    np.random.default_rng(seed).shuffle(loads)
    facts = with_totals(bare_facts(200), exchanges=loads, active_days=[1] * 200)
    groups = bare_groups(200, [range(start, start + 12) for start in range(0, 96, 12)])
    assert -2.0 <= float(np.mean(weigh_bare(NAME, facts, groups))) <= 0.3


def load_log(name: str, loads: Loads) -> SmallLog:
    """Make accounts with so many exchanges on one day each."""
    rows = [
        exchange(f"{name}-{number:03d}", number * DAY / 10 + turn)
        for number, load in enumerate(loads)
        for turn in range(load)
    ]
    return SmallLog(exchanges=tuple(rows))


def test_in_a_log(read_log: ReadLog) -> None:
    """Account ids and times are enough to tell an even pool from an office."""
    log = load_log("pool", [12] * 8) + load_log("office", [1] * 7 + [60])
    facts = read_log(log + load_log("other", people(30)))
    pool, office = weigh(facts, NAME, named(facts, "pool"), named(facts, "office"))
    assert SIGNALS.load(NAME).needs == ()
    assert pool.bits > 0.0 > office.bits
    assert pool.observed == "12 a day, give or take 0 %"


def test_hostile_ids(read_log: ReadLog) -> None:
    """Hostile ids are accounts like others and do not get into the row."""
    rows = tuple(exchange(f"{text}{place}") for place, text in enumerate(HOSTILE))
    facts = read_log(SmallLog(exchanges=rows))
    assert weigh_one(facts, NAME, facts.account_ids).bits == 0.0
