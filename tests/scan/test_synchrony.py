"""Synchrony: fair for customers who act alone, and told where a queue starts them."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from cautery.scan.synchrony import coincidence_test

MEMBERS, CUSTOMERS = 15, 120


def hours(seed: int, *, queue: bool = False, hour_top: bool = False) -> float:
    """Test a day of 120 customers, the first 15 of them the group; return the e-value."""
    random = np.random.default_rng(seed)
    starts = random.integers(0, 144, 25)
    customers, windows = [], []
    for customer in range(CUSTOMERS):
        # Members are three times as busy, which alone must not tell.
        count = random.poisson(18 if customer < MEMBERS else 6)
        chosen: NDArray[np.int64] = random.integers(0, 144, count)
        if hour_top:
            chosen = chosen // 6 * 6
        if queue and customer < MEMBERS:
            chosen[: count // 2] = random.choice(starts, count // 2)
        chosen = np.unique(chosen)
        customers.append(np.full(chosen.size, customer))
        windows.append(chosen)
    everybody: NDArray[np.int64] = np.concatenate(customers)
    return coincidence_test(everybody, np.concatenate(windows), everybody < MEMBERS, seed)[0]


def test_fair_under_the_null() -> None:
    """The mean over days is 1, also for busy members and where all begin on the hour."""
    for hour_top in (False, True):
        found = np.array([hours(seed, hour_top=hour_top) for seed in range(60)])
        error = found.std() / np.sqrt(found.size)
        assert found.mean() <= 1.0 + 3.0 * error


def test_a_queue_is_told() -> None:
    """Accounts that a scheduler starts together reach the most that one day can say."""
    assert min(hours(seed, queue=True) for seed in range(5)) > 5.0


def test_the_same_day_gives_the_same() -> None:
    """The random sets follow from the day."""
    assert hours(3) == hours(3)
