from __future__ import annotations

import random

import pytest

from cautery.guard.state_templates import LEAST_REQUESTS, Spread, TemplateSketches

DRAW = random.Random(5)
ACCOUNTS = [DRAW.getrandbits(64) for _ in range(5_000)]


@pytest.mark.parametrize("accounts", [20, 200, 2_000])
def test_accounts_are_counted_to_a_tenth(accounts: int) -> None:
    """Each account three times: repetitions do not count."""
    sketches = TemplateSketches(seed=1)
    for account in [*ACCOUNTS[:8], *ACCOUNTS[:accounts] * 3]:
        sketches.add(7, account, now=100.0)
    assert abs(sketches.read(7, 100.0).accounts - accounts) <= max(2, 0.1 * accounts)


def test_accounts_of_one_minute_are_co_active() -> None:
    """Fifty at once are seen as fifty; fifty spread over an hour are not."""
    sketches = TemplateSketches(seed=1)
    for place, account in enumerate(ACCOUNTS[:58]):
        sketches.add(1, account, now=100.0)
        sketches.add(2, account, now=60.0 + 30.0 * place)
    assert 40 <= sketches.read(1, 100.0).busiest_minute <= 56
    assert sketches.read(2, 1_800.0).busiest_minute <= 3


def test_what_is_old_fades() -> None:
    """An hour and a half later nothing is left of the window."""
    sketches = TemplateSketches(seed=1, window_seconds=3_600)
    for account in ACCOUNTS[:100]:
        sketches.add(7, account, now=100.0)
    assert sketches.read(7, 1_900.0).accounts > 80
    assert sketches.read(7, 5_500.0) == Spread(requests=0, accounts=0, busiest_minute=0)


def test_single_texts_do_not_crowd_out_a_template() -> None:
    """A hundred thousand texts that come once leave the heavy template in its place."""
    sketches = TemplateSketches(capacity=64, seed=1)
    draw = random.Random(6)
    for number in range(100_000):
        sketches.add(draw.getrandbits(64) | 1, ACCOUNTS[0], now=100.0)
        if number % 100 == 0:
            sketches.add(2, ACCOUNTS[number // 100], now=100.0)
    spread = sketches.read(2, 100.0)
    assert spread.requests >= 1_000 - LEAST_REQUESTS
    assert spread.accounts > 900


def test_requests_are_an_upper_bound() -> None:
    """What takes another's place takes its number along."""
    sketches = TemplateSketches(capacity=8, seed=1)
    for template in range(1, 60):
        for account in ACCOUNTS[:20]:
            sketches.add(template, account, now=100.0)
    assert sketches.read(59, 100.0).requests >= 20
