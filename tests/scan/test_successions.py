"""A thing that passes from ended to fresh accounts is found; offices, hubs and events are not."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray
from tests.scan.grouping import things

from cautery.scan.facts import MICROSECONDS_A_DAY, NO_TIME
from cautery.scan.successions import (
    FEWEST_SUCCESSIONS,
    LAGS,
    Lives,
    handed_over,
    lives_of,
    successions,
)

Integers = NDArray[np.int64]
HOUR = MICROSECONDS_A_DAY // 24
DAYS = 28


def lives(begin: Integers, end: Integers) -> Lives:
    """Say when accounts begin and end, in a log of four weeks, by their exchanges alone."""
    edges = np.array([0, DAYS * MICROSECONDS_A_DAY])
    unknown = np.full(begin.size + 2, NO_TIME)
    return lives_of(np.append(begin, [0, 0]), np.append(end, edges), unknown, unknown)


def chain(count: int, *, gap: int = HOUR // 2, life: int = 53 * HOUR) -> tuple[Integers, Integers]:
    """Have each account begin soon after the last one's end."""
    begin = 30 * HOUR + np.arange(count, dtype=np.int64) * (life + gap)
    return begin, begin + life


def part_of(begin: Integers, end: Integers, holders: dict[str, list[int]]) -> list[int]:
    """Name the accounts that hand over or take over."""
    pairs = things(holders)
    return sorted(set(pairs.account[handed_over(pairs, lives(begin, end))].tolist()))


def test_a_chain() -> None:
    """Every account of a chain is part of it, by exchanges alone."""
    begin, end = chain(8)
    assert part_of(begin, end, {"card": list(range(8))}) == list(range(8))


def test_who_is_not_in_turn() -> None:
    """A holder who was there all the time is no part of the chain."""
    begin, end = chain(8)
    begin, end = np.append(begin, 5 * HOUR), np.append(end, 27 * 24 * HOUR)
    assert part_of(begin, end, {"card": list(range(9))}) == list(range(8))


@pytest.mark.parametrize("count", [2, 3])
def test_one_leaves_and_one_comes(count: int) -> None:
    """A new colleague on the desk of one who left, once or twice, is no chain."""
    begin, end = chain(count)
    assert part_of(begin, end, {"desk": list(range(count))}) == []
    assert count <= FEWEST_SUCCESSIONS


def test_all_at_once() -> None:
    """After one closure twenty sign up: one event, however many they are."""
    begin = np.concatenate([[30 * HOUR], np.full(20, 101 * HOUR) + np.arange(20)])
    end = np.concatenate([[100 * HOUR], np.full(20, 300 * HOUR) + np.arange(20) * HOUR])
    assert part_of(begin, end, {"card": list(range(21))}) == []


def test_a_hub() -> None:
    """At an office of two hundred somebody leaves and comes every day."""
    generator = np.random.default_rng(1)
    begin = generator.integers(0, DAYS * 24, 200) * HOUR
    end = np.minimum(begin + generator.integers(1, 200, 200) * HOUR, DAYS * 24 * HOUR)
    assert part_of(begin, end, {"office": list(range(200))}) == []


def test_size_under_the_null() -> None:
    """Lives on random days: hardly a thing of three thousand is found, at office hours too."""
    found = tested = 0
    striking = np.zeros(3)
    for seed in range(10):
        generator = np.random.default_rng([2, seed])
        count = 1_500
        day = generator.integers(0, DAYS - 8, count) * 24
        begin = (day + generator.integers(8, 12, count)) * HOUR + generator.integers(0, HOUR, count)
        end = (
            begin + (generator.integers(0, 8, count) * 24 + generator.integers(1, 9, count)) * HOUR
        )
        holders = {
            f"card-{card}": generator.choice(count, int(generator.integers(2, 15)), False).tolist()
            for card in range(300)
        }
        pairs, when = things(holders), lives(begin, end)
        found += np.unique(pairs.token[handed_over(pairs, when)]).size
        for place, lag in enumerate(LAGS):
            striking[place] += np.sum(successions(pairs, when, lag).log_p <= np.log(0.01))
        tested += pairs.token_count
    assert found == 0
    assert np.all(striking <= 0.01 * tested)


def test_closed_and_created() -> None:
    """An account that the provider closed has ended; one that signed up long ago is not fresh."""
    first, last = (
        np.array([0, 5, 9]) * MICROSECONDS_A_DAY,
        np.array([5, 9, 10]) * MICROSECONDS_A_DAY,
    )
    closed = np.array([NO_TIME, int(9.5 * MICROSECONDS_A_DAY), NO_TIME])
    created = np.array([NO_TIME, -90 * MICROSECONDS_A_DAY, 9 * MICROSECONDS_A_DAY])
    found = lives_of(first, last, created, closed)
    assert found.ends.tolist() == [True, True, False]
    assert found.begins.tolist() == [False, False, True]
    assert found.end[1] == int(9.5 * MICROSECONDS_A_DAY)


def test_order_and_nobody() -> None:
    """Renumbered accounts give the same chain; no thing and no account give none."""
    begin, end = chain(8)
    turned = np.arange(8)[::-1]
    assert part_of(begin[turned], end[turned], {"card": list(range(8))}) == list(range(8))
    empty = np.zeros(0, dtype=np.int64)
    assert handed_over(things({}), lives_of(empty, empty, empty, empty)).size == 0
