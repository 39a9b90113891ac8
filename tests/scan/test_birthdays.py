"""Birthdays: exact chances, size under independent draws, and queues that never meet."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy.stats import binom

from cautery.scan.birthdays import MOST_COPIES, MOST_EXACT, Birthday, birthday, meeting_chances

Integers = NDArray[np.int64]


def judged(account: Integers, item: Integers) -> Birthday:
    """Test exchanges given by account and item."""
    _names, number, copies = np.unique(item, return_inverse=True, return_counts=True)
    first = np.full(copies.size, account.max() + 1)
    last = np.full(copies.size, -1)
    np.minimum.at(first, number, account)
    np.maximum.at(last, number, account)
    again = copies > 1
    sizes, items = np.unique(np.minimum(copies[again], MOST_COPIES), return_counts=True)
    return birthday(sizes, items, int((first < last)[again].sum()), np.bincount(account))


def test_size() -> None:
    """Accounts that draw independently from common items get small p-values rarely enough."""
    generator = np.random.default_rng(7)
    chances = []
    for _log in range(300):
        volumes = generator.integers(5, 60, 12)
        account = np.repeat(np.arange(12), volumes)
        items = generator.zipf(1.6, account.size) % 2_000
        chances.append(judged(account, items).p_value)
    assert np.mean(np.array(chances) <= 0.01) <= 0.01
    assert np.mean(np.array(chances) <= 0.05) <= 0.05


def test_queue_with_retries() -> None:
    """Items that go to one account each, and are retried there, meet far too seldom."""
    account = np.repeat(np.arange(10), 40)
    items = np.arange(400) // 2
    found = judged(account, items)
    assert (found.repeated, found.met) == (200, 0)
    assert found.expected == pytest.approx(200 * 0.9023, abs=0.1)
    assert found.p_value < 1e-9


def test_meeting_on_everything() -> None:
    """Items that all accounts send meet as often as chance has it, or more."""
    account, item = (part.ravel() for part in np.indices((10, 12)))
    assert judged(account, item).p_value > 0.5


def test_no_repeated_item() -> None:
    """Where no item comes twice there is nothing to be surprised at."""
    assert judged(np.arange(30) % 3, np.arange(30)) == Birthday(
        repeated=0, met=0, expected=0.0, p_value=1.0
    )


def test_exact_chance() -> None:
    """The chance is that of a binomial where all items have two copies."""
    volumes = np.full(10, 10)
    chance = float(meeting_chances(np.array([2]), volumes)[0])
    assert chance == pytest.approx(1 - 10 * 45 / 4_950)
    found = birthday(np.array([2]), np.array([20]), 15, volumes)
    assert found.p_value == pytest.approx(binom.cdf(15, 20, chance), abs=1e-9)


def test_many_items() -> None:
    """Beyond the exact bound the normal tail goes on where the exact one ends."""
    volumes = np.full(10, 2_000)
    share = 0.89
    below, above = (
        birthday(np.array([2]), np.array([count]), int(share * count), volumes).p_value
        for count in (MOST_EXACT, MOST_EXACT + 1)
    )
    assert below == pytest.approx(above, rel=0.1, abs=1e-4)


@given(st.lists(st.integers(1, 30), min_size=1, max_size=12), st.integers(2, MOST_COPIES))
def test_more_copies_meet_more(volumes: list[int], copies: int) -> None:
    """An item with one copy more meets at least as surely."""
    sizes = np.array([copies, copies + 1])
    fewer, more = meeting_chances(sizes, np.array(volumes))
    assert 0.0 <= fewer <= more + 1e-9 <= 1.0 + 1e-9
