"""Paces: a rate that holds for all threads, and waits that hold everybody."""

from __future__ import annotations

import itertools
import math
from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.provenance.virtual_time import VirtualTime

from cautery.errors import ConfigurationError
from cautery.provenance.pacing import Pace


def test_without_a_rate_nothing_is_waited_for() -> None:
    """Every turn comes at once; a pause of one's own is waited for."""
    time = VirtualTime()
    pace = time.pace()
    for _ in range(5):
        pace.take_turn()
    assert time.waits == []
    pace.take_turn(3.0)
    assert time.waits == [3.0]


@given(st.floats(0.5, 6_000.0), st.lists(st.floats(0.0, 50.0), min_size=2, max_size=20))
def test_a_rate_is_never_exceeded(rate: float, pauses: list[float]) -> None:
    """Turns are at least a minute divided by the rate apart, whatever else is waited for."""
    time = VirtualTime()
    pace = time.pace(rate)
    turns = []
    for pause in pauses:
        pace.take_turn(pause)
        turns.append(time.now)
    gaps = [after - before for before, after in itertools.pairwise(turns)]
    assert min(gaps) >= 60.0 / rate - 1e-5


def test_threads_share_a_rate() -> None:
    """Forty turns of eight threads at 60 a minute take 39 seconds or more."""
    time = VirtualTime()
    pace = time.pace(60.0)
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda _: pace.take_turn(), range(40)))
    assert time.now >= 39.0 - 1e-3


def test_a_wait_holds_everybody() -> None:
    """Whoever comes while an endpoint asks to wait waits too; a shorter wait ends none."""
    time = VirtualTime()
    pace = time.pace()
    pace.hold(30.0)
    pace.hold(5.0)
    pace.take_turn()
    assert time.now == 30.0
    pace.take_turn()
    assert time.now == 30.0


@pytest.mark.parametrize("rate", [0.0, -1.0, math.inf, math.nan])
def test_rates_that_are_none(rate: float) -> None:
    """They are refused."""
    with pytest.raises(ConfigurationError, match="above 0"):
        Pace(requests_per_minute=rate)
