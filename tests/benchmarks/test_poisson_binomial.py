"""Poisson-binomial tails are exact, hold far out, and their bound is one."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest
from benchmarks.poisson_binomial import LARGEST_WINDOW, poisson_tail_log_p, tail_log_p
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

CHANCES = st.lists(st.floats(1e-9, 1.0), min_size=1, max_size=10)


def enumerated_tail(observed: int, chances: list[float]) -> float:
    """Add up the chances of all outcomes that reach the count."""
    total = 0.0
    for outcome in itertools.product((0, 1), repeat=len(chances)):
        if sum(outcome) >= observed:
            total += math.prod(p if on else 1.0 - p for p, on in zip(chances, outcome, strict=True))
    return total


@given(CHANCES, st.integers(0, 11))
def test_tail_equals_enumeration(chances: list[float], observed: int) -> None:
    """Every count of every small set of chances, sure and impossible ones included."""
    expected = enumerated_tail(observed, chances)
    found = tail_log_p(observed, np.array(chances))
    if expected == 0.0:
        assert found == -math.inf
    else:
        assert found == pytest.approx(math.log(expected), rel=1e-8, abs=1e-8)


@pytest.mark.parametrize("observed", [1, 3, 5, 20, 100, 250, 399, 400])
def test_equal_chances_are_a_binomial(observed: int) -> None:
    """Near the mean and at 1e-800, against sums of logarithms."""
    at = np.arange(observed, 401)
    terms = stats.binom.logpmf(at, 400, 0.01)
    expected = float(np.logaddexp.reduce(terms))
    assert tail_log_p(observed, np.full(400, 0.01)) == pytest.approx(expected, rel=1e-9)


def test_kinds_count_as_often_as_they_occur() -> None:
    """Two kinds with numbers are the same as each thing by itself."""
    one_by_one = tail_log_p(9, np.repeat([0.02, 0.3], [50, 7]))
    assert tail_log_p(9, np.array([0.02, 0.3]), np.array([50, 7])) == pytest.approx(one_by_one)


def test_a_million_rare_things_are_read_exactly() -> None:
    """The transform is as long as the distribution is wide, not as there are things."""
    found = tail_log_p(60, np.array([1e-6]), np.array([1_000_000]))
    expected = float(np.logaddexp.reduce(stats.binom.logpmf(np.arange(60, 200), 1_000_000, 1e-6)))
    assert found == pytest.approx(expected, rel=1e-9)


def test_too_wide_a_distribution_is_bounded() -> None:
    """Past the longest transform the answer is Chernoff's bound, above the tail and not far."""
    many = LARGEST_WINDOW**2
    found = tail_log_p(many // 2 + 200_000, np.array([0.5]), np.array([many]))
    normal = float(stats.norm.logsf(200_000 / math.sqrt(many / 4)))
    assert normal <= found <= normal + 5.0


@given(CHANCES, st.integers(0, 10))
def test_poisson_bounds_every_tail(chances: list[float], observed: int) -> None:
    """No set of independent chances reaches a count more often than its mean alone says."""
    bound = float(poisson_tail_log_p(np.array([observed]), np.array([sum(chances)]))[0])
    tail = enumerated_tail(observed, chances)
    assert tail == 0.0 or math.log(tail) <= bound + 1e-9


def test_poisson_bound_is_the_poisson_tail() -> None:
    """It equals scipy's where that has digits, and goes on where it has none."""
    counts, means = np.array([3, 12, 50, 900]), np.array([1.0, 2.5, 30.0, 2.0])
    found = poisson_tail_log_p(counts, means)
    expected = [
        float(np.logaddexp.reduce(stats.poisson.logpmf(np.arange(count, count + 400), mean)))
        for count, mean in zip(counts, means, strict=True)
    ]
    assert found.tolist() == pytest.approx(expected, rel=1e-9)
    assert found[-1] < -2_000


def test_poisson_bound_says_nothing_near_the_mean() -> None:
    """Less than one above the mean the theorem does not hold, so the bound is 1."""
    assert poisson_tail_log_p(np.array([0, 2, 3]), np.array([0.0, 1.5, 2.5])).tolist() == [0, 0, 0]
