"""The law of weighted green tokens: against all outcomes, the binomial law, and simulation."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cautery.provenance import signed_green_law
from cautery.provenance.signed_green_law import log10_upper_tail
from cautery.watermark.null_distributions import GreenCount


def enumerated(weights: list[int], share: float, statistic: int) -> float:
    """Sum the chances of all outcomes that reach the statistic."""
    total = 0.0
    for outcome in itertools.product((0, 1), repeat=len(weights)):
        if sum(w for w, green in zip(weights, outcome, strict=True) if green) >= statistic:
            total += math.prod(share if green else 1.0 - share for green in outcome)
    return total


@settings(deadline=None)
@given(
    st.lists(st.integers(-9, 9), min_size=1, max_size=9),
    st.floats(0.05, 0.95),
    st.lists(st.booleans(), min_size=9, max_size=9),
)
def test_the_tail_is_that_of_all_outcomes(
    weights: list[int], share: float, green: list[bool]
) -> None:
    """For every statistic that can occur, of any signs."""
    statistic = sum(w for w, one in zip(weights, green, strict=False) if one)
    found = 10 ** log10_upper_tail(np.array(weights), share, statistic)
    assert found == pytest.approx(enumerated(weights, share, statistic), rel=1e-9)


@pytest.mark.parametrize("greens", [200, 260, 400, 700, 999, 1_000])
def test_equal_weights_are_binomial(greens: int) -> None:
    """Down to chances that no float holds."""
    found = log10_upper_tail(np.full(1_000, 3), 0.25, 3 * greens)
    assert found == pytest.approx(GreenCount(0.25).log10_upper_tail(greens, 1_000), rel=1e-8)


def test_chances_are_uniform() -> None:
    """Simulated sums of mixed weights have uniform chances."""
    draw = np.random.default_rng(3)
    weights = draw.integers(-6, 9, 300)
    sums = (draw.random((400, 300)) < 0.25) @ weights
    chances = 10 ** np.array([log10_upper_tail(weights, 0.25, int(one)) for one in sums])
    for level in (0.05, 0.2, 0.5):
        assert abs((chances <= level).mean() - level) < 4 * math.sqrt(level * (1 - level) / 400)


def test_nothing_says_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """No weight is a chance of 1; more places than memory should hold are refused."""
    assert log10_upper_tail(np.array([], dtype=np.int64), 0.25, 0) == 0.0
    assert log10_upper_tail(np.array([0, 0]), 0.25, 0) == 0.0
    monkeypatch.setattr(signed_green_law, "MOST_PLACES", 64)
    with pytest.raises(ValueError, match="places"):
        log10_upper_tail(np.full(1_000, 50), 0.25, 30_000)
