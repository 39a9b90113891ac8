"""Paired statistics: against other computations, and by simulation under the null."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binomtest

from cautery.provenance.paired_tests import (
    PairedCounts,
    difference_interval,
    log10_chance_of_loss,
    loss_needed,
    power_of_loss,
    wilson,
)

LEVEL = math.log10(0.05)


@given(st.integers(0, 60), st.integers(0, 60))
def test_the_chance_is_the_binomial_one(lost: int, gained: int) -> None:
    """It equals the exact binomial test of the pairs that differ."""
    wanted = binomtest(lost, lost + gained, alternative="greater").pvalue if lost + gained else 1.0
    assert 10 ** log10_chance_of_loss(lost, gained) == pytest.approx(wanted, rel=1e-9)


def test_the_smallest_chances_stay_numbers() -> None:
    """Two thousand of two thousand lost is 2 to the minus 2000."""
    assert log10_chance_of_loss(2000, 0) == pytest.approx(-2000 * math.log10(2))


@pytest.mark.parametrize(("pairs", "guarded"), [(30, 0.5), (30, 0.9), (200, 0.7)], ids=range(3))
def test_size_under_the_null(pairs: int, guarded: float) -> None:
    """Of 4,000 suspects that do as the teacher does, no more than the level are named."""
    random = np.random.default_rng(7)
    chance = np.clip(random.normal(guarded, 0.2, pairs), 0, 1)  # some items are harder
    teacher, suspect = random.random((2, 4000, pairs)) < chance
    lost = (teacher & ~suspect).sum(axis=1)
    gained = (suspect & ~teacher).sum(axis=1)
    counts = list(zip(lost.tolist(), gained.tolist(), strict=True))
    named = {each: log10_chance_of_loss(*each) <= LEVEL for each in counts}
    share = sum(named[each] for each in counts) / len(counts)
    assert 0.0 < share < 0.05 + 3 * math.sqrt(0.05 * 0.95 / 4000)


def test_the_interval_covers() -> None:
    """Of 2,000 samples of 30 pairs, about 95 % of the intervals hold the true difference."""
    random = np.random.default_rng(11)
    shares = np.array([0.5, 0.3, 0.05, 0.15])
    covered = 0
    for counts in random.multinomial(30, shares, 2000).tolist():
        pairs = PairedCounts(both=counts[0], lost=counts[1], gained=counts[2], neither=counts[3])
        _, low, high = difference_interval(pairs)
        covered += low <= 0.25 <= high
    assert 0.93 < covered / 2000 < 0.98


@given(*[st.integers(0, 50)] * 4)
def test_the_interval_is_one(both: int, lost: int, gained: int, neither: int) -> None:
    """It holds the difference, stays within -1 and 1, and turns with the roles."""
    counts = PairedCounts(both=both, lost=lost, gained=gained, neither=neither)
    turned = PairedCounts(both=both, lost=gained, gained=lost, neither=neither)
    value, low, high = difference_interval(counts)
    assert -1 <= low <= value <= high <= 1
    assert difference_interval(turned) == pytest.approx((-value, -high, -low))


def test_power_is_what_a_simulation_says() -> None:
    """Chance and simulation agree within the simulation's error."""
    random = np.random.default_rng(3)
    drawn = random.multinomial(30, [0.4, 0.05, 0.55], 4000).tolist()
    shown = np.mean([log10_chance_of_loss(lost, gained) <= -2.0 for lost, gained, _ in drawn])
    assert power_of_loss(30, 0.4, 0.05, -2.0) == pytest.approx(float(shown), abs=0.03)
    assert power_of_loss(0, 0.4, 0.05, -2.0) == power_of_loss(30, 0.0, 0.0, -2.0) == 0.0


def test_the_loss_that_shows() -> None:
    """It has 90 % power, falls with the pairs, and is none where there are too few."""
    needed = loss_needed(30, 0.0, -2.6)
    assert needed is not None
    assert power_of_loss(30, needed, 0.0, -2.6) == pytest.approx(0.9, abs=1e-4)
    more = loss_needed(300, 0.0, -2.6)
    assert more is not None
    assert more < needed / 5
    assert loss_needed(30, 0.0, -2.6, most=0.2) is None
    assert loss_needed(5, 0.0, -2.6) is None
    assert loss_needed(0, 0.0, -2.6) is None


def test_wilson_without_tries() -> None:
    """Nothing is known, and the ends are reached where all tries are alike."""
    assert wilson(0, 0) == (0.0, 1.0)
    assert wilson(0, 10)[0] == 0.0
    assert wilson(10, 10)[1] == 1.0
