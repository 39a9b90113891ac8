"""E-values: fair under the null, and products of them keep their bound whenever one stops."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cautery.scan.e_values import (
    calibrated,
    e_of_discrete,
    e_of_permutations,
    overlap_chances,
)

STREAMS, DAYS = 20_000, 30


def test_calibrator_is_fair() -> None:
    """Its mean over uniform p-values is 1 at most: midpoints of a fine grid in ln p."""
    edges = np.concatenate([[0.0], np.geomspace(1e-250, 1.0, 200_001)])
    # The function falls, so values at the lower ends of cells are above its mean in them.
    mean = float((calibrated(edges[1:-1]) * np.diff(edges)[1:]).sum())
    assert 0.97 < mean < 1.0
    assert calibrated(np.array([1.0]))[0] == 0.5


@given(st.floats(1e-12, 1.0), st.floats(1e-12, 1.0))
def test_smaller_p_values_are_worth_more(first: float, second: float) -> None:
    """The calibrator never rises, through the series near 1 as well."""
    low, high = sorted((first, second))
    e_low, e_high = calibrated(np.array([low, high])).tolist()
    assert e_low >= e_high - 1e-7


@given(st.integers(1, 60), st.integers(0, 60), st.integers(0, 60))
def test_overlaps_are_fair(population: int, first: int, second: int) -> None:
    """The mean e-value of an overlap under the null is 1 exactly, however few outcomes."""
    first, second = min(first, population), min(second, population)
    _most, chances = overlap_chances(population, first, second)
    mean = sum(chances[k] * e_of_discrete(chances, k) for k in range(chances.size))
    assert mean == pytest.approx(1.0)


@given(st.lists(st.integers(0, 4), min_size=2, max_size=40))
def test_permutations_are_fair(values: list[int]) -> None:
    """Under the null every value is as likely the observed one: their mean is 1, ties and all."""
    array = np.array(values, dtype=np.float64)
    found = [e_of_permutations(array[k], np.delete(array, k)) for k in range(array.size)]
    assert np.mean(found) == pytest.approx(1.0)


@pytest.mark.parametrize("alpha", [0.1, 0.05, 0.01])
def test_bound_at_any_stopping_day(alpha: float) -> None:
    """Of 20,000 null streams no more than alpha ever reach 1/alpha, looked at on each of 30 days.

    Two tests a day, averaged: overlaps of random subsets, and uniform p-values that depend on them
    (both come from one number), as the tests of a day may depend on each other.
    """
    random = np.random.default_rng(5)
    products = np.zeros((2, STREAMS))
    highest = np.zeros(STREAMS)
    for day in range(DAYS):
        _most, chances = overlap_chances(80 + day, 9, 12)
        uniform = random.random(STREAMS)
        place = np.minimum(np.searchsorted(np.cumsum(chances), uniform), chances.size - 1)
        overlaps = np.array([e_of_discrete(chances, k) for k in range(chances.size)])
        products += np.log(np.stack([overlaps[place], calibrated(uniform)]))
        highest = np.maximum(highest, np.exp(products).mean(axis=0))
    reached = float(np.mean(highest >= 1.0 / alpha))
    assert reached <= alpha + 3.0 * np.sqrt(alpha / STREAMS)
    assert reached > 0.0  # the bound is not kept by doing nothing


def test_daily_looks_break_a_p_value() -> None:
    """The smallest of thirty daily p-values is under 0.05 far too often."""
    random = np.random.default_rng(6)
    assert np.mean(random.random((2_000, DAYS)).min(axis=1) <= 0.05) > 0.7


def test_evidence_grows() -> None:
    """Three of five newcomers that do both, day after day, soon cannot be chance."""
    most, chances = overlap_chances(100, 5, 6)
    assert e_of_discrete(chances, most - 3) > 20.0
