"""The null models give the exact chances, far into the tail, and keep their promised error."""

from __future__ import annotations

import math
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy import stats

from cautery.scan.null_models import (
    FALSE_DISCOVERY_RATE,
    accepted,
    accepted_within,
    binomial_p,
    chance_of_two,
    overlap_log_p,
    poisson_log_p,
    sum_log_p,
)


def exact_tail(population: int, first: int, second: int, shared: int) -> Fraction:
    """Hypergeometric upper tail in whole numbers."""
    ways = sum(
        math.comb(first, k) * math.comb(population - first, second - k)
        for k in range(shared, min(first, second) + 1)
    )
    return Fraction(ways, math.comb(population, second))


def log_of(chance: Fraction) -> float:
    """Natural logarithm of a fraction that may be too small for a float."""
    return math.log(chance.numerator) - math.log(chance.denominator)


def one_log_p(population: int, first: int, second: int, shared: int) -> float:
    """Ask for one pair."""
    sizes = (np.array([value]) for value in (first, second, shared))
    return float(overlap_log_p(population, *sizes)[0])


@st.composite
def overlaps(draw: st.DrawFn) -> tuple[int, int, int, int]:
    """Draw a population, two sets and an overlap that is possible."""
    population = draw(st.integers(2, 400))
    first = draw(st.integers(1, population))
    second = draw(st.integers(1, population))
    least = max(0, first + second - population)
    return population, first, second, draw(st.integers(least, min(first, second)))


@given(st.integers(0, 3_000), st.data(), st.floats(1e-6, 1.0))
def test_binomial_tail_agrees_with_scipy(known: int, data: st.DataObject, chance: float) -> None:
    """At the ends, in the middle and where every exchange holds."""
    held = data.draw(st.integers(0, known))
    expected = float(stats.binom.sf(held - 1, known, chance))
    assert binomial_p(held, known, chance) == pytest.approx(expected, rel=1e-8, abs=1e-300)


@given(overlaps())
def test_overlap_is_exact(case: tuple[int, int, int, int]) -> None:
    """Above the mean the chance is the exact tail, at or below it 1."""
    population, first, second, shared = case
    if shared * population > first * second:
        expected = log_of(exact_tail(*case))
        assert one_log_p(*case) == pytest.approx(expected, rel=1e-9, abs=1e-9)
    else:
        assert one_log_p(*case) == 0.0


def test_overlap_agrees_with_scipy() -> None:
    """All pairs at once are what scipy gives one by one."""
    generator = np.random.default_rng(4)
    first, second = generator.integers(5, 400, size=(2, 300))
    shared = np.minimum(first * second // 2_000 + generator.integers(1, 12, 300), first)
    shared = np.minimum(shared, second)
    found = overlap_log_p(2_000, first, second, shared)
    expected = stats.hypergeom.logsf(shared - 1, 2_000, first, second)
    above = shared > first * second / 2_000
    np.testing.assert_allclose(found[above], expected[above], rtol=1e-7)


@pytest.mark.parametrize(
    "case",
    [
        (200_000, 900, 900, 900),
        (200_000, 1_500, 1_200, 1_000),
        (24_000_000, 20_000, 400, 400),
        (100_000, 50_000, 50_000, 26_000),
    ],
)
def test_far_tail(case: tuple[int, int, int, int]) -> None:
    """A chance too small for a float stays a finite logarithm, and the right one."""
    population, first, second, shared = case
    found = one_log_p(*case)
    assert math.isfinite(found)
    terms = np.arange(shared, min(first, second) + 1)
    expected = float(np.logaddexp.reduce(stats.hypergeom(population, first, second).logpmf(terms)))
    assert found == pytest.approx(expected, rel=1e-6)


@given(overlaps())
def test_more_shared_is_never_more_likely(case: tuple[int, int, int, int]) -> None:
    """The chance falls with the overlap, and the two sets may change places."""
    population, first, second, shared = case
    assert one_log_p(population, second, first, shared) == pytest.approx(one_log_p(*case))
    if shared < min(first, second):
        assert one_log_p(population, first, second, shared + 1) <= one_log_p(*case) + 1e-9


def test_size_under_the_null() -> None:
    """Random sets pass any limit no more often than it says."""
    generator = np.random.default_rng(5)
    shared = generator.hypergeometric(60, 940, 80, size=20_000)
    log_p = overlap_log_p(1_000, np.full(20_000, 60), np.full(20_000, 80), shared)
    for limit in (0.1, 0.01, 0.001):
        passed = int(np.sum(log_p <= math.log(limit)))
        assert stats.binomtest(passed, 20_000, limit, "greater").pvalue > 1e-4


@given(st.integers(2, 200), st.data())
def test_chance_of_two(population: int, data: st.DataObject) -> None:
    """The chance that two of a set are drawn is one minus none and one, exactly."""
    size = data.draw(st.integers(0, population))
    drawn = data.draw(st.integers(0, population))
    expected = exact_tail(population, size, drawn, 2)
    found = float(chance_of_two(population, np.array([size]), drawn)[0])
    assert found == pytest.approx(float(expected), abs=1e-9)


@given(st.lists(st.floats(0.0, 1.0), min_size=1, max_size=12), st.integers(1, 12))
def test_poisson_bounds_sums_of_rare_events(chances: list[float], observed: int) -> None:
    """The bound is never below the exact chance of a sum of independent events."""
    exact = np.array([1.0])
    for chance in chances:
        exact = np.convolve(exact, [1.0 - chance, chance])
    tail = float(exact[observed:].sum())
    bound = math.exp(poisson_log_p(np.array([observed]), np.array([sum(chances)]))[0])
    assert bound >= tail - 1e-9


@given(st.floats(1e-6, 50.0), st.integers(0, 200))
def test_poisson_bounds_the_poisson_tail(mean: float, observed: int) -> None:
    """The bound is never below the Poisson tail, and 1 where the count is no surprise."""
    bound = float(poisson_log_p(np.array([observed]), np.array([mean]))[0])
    assert bound >= stats.poisson.logsf(observed - 1, mean) - 1e-9
    assert bound <= 0.0
    if observed <= mean:
        assert bound == 0.0


def test_poisson_without_expectation() -> None:
    """Nothing seen is no surprise, and something seen where nothing can be is a finite one."""
    found = poisson_log_p(np.array([0, 3, 100_000]), np.array([0.0, 0.0, 1.0]))
    assert found[0] == 0.0
    assert np.isfinite(found).all()
    assert (found[1:] < -100).all()


def plain_benjamini_hochberg(chances: list[float], tests: int, rate: float) -> list[bool]:
    """Reject the k smallest, for the largest k whose k-th is at most k * rate / tests."""
    ordered = sorted(chances)
    largest = max(
        (k for k in range(1, len(ordered) + 1) if ordered[k - 1] <= k * rate / tests), default=0
    )
    return [largest > 0 and chance <= ordered[largest - 1] for chance in chances]


@given(
    st.lists(
        st.sampled_from([1e-9, 1e-6, 1e-4, 0.0007, 0.003, 0.004, 0.02, 0.3, 1.0]), max_size=30
    ),
    st.integers(0, 1_000),
    st.sampled_from([0.01, 0.05, 0.2]),
)
def test_accepted_is_benjamini_hochberg(
    chances: list[float], never_formed: int, rate: float
) -> None:
    """The discoveries are those of the textbook, tests that were never formed included."""
    tests = len(chances) + never_formed
    found = accepted(np.log(np.array(chances)), tests, rate)
    assert found.tolist() == plain_benjamini_hochberg(chances, max(tests, 1), rate)


@given(st.lists(st.floats(-800.0, 0.0), min_size=1, max_size=20), st.data())
def test_accepted_does_not_depend_on_order(values: list[float], data: st.DataObject) -> None:
    """Pairs are accepted by their chance and not by their place."""
    log_p = np.array(values)
    order = np.array(data.draw(st.permutations(range(log_p.size))))
    assert accepted(log_p[order], 40).tolist() == accepted(log_p, 40)[order].tolist()


def test_accepted_beyond_floats() -> None:
    """Chances below the smallest float are told apart from those that are not enough."""
    assert accepted(np.array([-5_000.0, -1.0]), tests=10**12).tolist() == [True, False]
    assert accepted(np.zeros(0), tests=0).tolist() == []


def test_false_discoveries_under_the_null() -> None:
    """If nothing is there, any discovery at all is as rare as the rate says."""
    generator = np.random.default_rng(6)
    runs, tests = 4_000, 50
    uniform: NDArray[np.float64] = generator.random((runs, tests))
    alarms = sum(bool(accepted(np.log(row), tests).any()) for row in uniform)
    assert stats.binomtest(alarms, runs, FALSE_DISCOVERY_RATE, "greater").pvalue > 1e-4


def test_false_discoveries_among_true_ones() -> None:
    """Among many true effects, the share of false discoveries stays under the rate on average."""
    generator = np.random.default_rng(7)
    shares = []
    for _run in range(400):
        log_p = np.log(generator.random(200))
        log_p[:40] -= 25.0
        found = accepted(log_p, 200, rate=0.1)
        shares.append(found[40:].sum() / max(int(found.sum()), 1))
    assert float(np.mean(shares)) <= 0.1


@given(st.lists(st.floats(0.0, 0.6), min_size=1, max_size=9), st.data())
def test_sum_bound_holds_for_unequal_chances(chances: list[float], data: st.DataObject) -> None:
    """No sum of as many independent variables of that mean reaches the count more often."""
    observed = data.draw(st.integers(0, len(chances)))
    exact = np.array([1.0])
    for chance in chances:
        exact = np.convolve(exact, [1.0 - chance, chance])
    tail = float(exact[observed:].sum())
    mean = np.array([sum(chances)])
    bound = float(sum_log_p(np.array([observed]), mean, np.array([len(chances)]))[0])
    assert math.exp(bound) >= tail - 1e-12


@given(st.integers(1, 3_000), st.data(), st.floats(1e-6, 0.9))
def test_sum_of_equal_chances_is_exact(most: int, data: st.DataObject, chance: float) -> None:
    """Where all chances are equal the bound is the binomial tail, from one above the mean on."""
    observed = data.draw(st.integers(0, most))
    mean = most * chance
    bound = float(sum_log_p(np.array([observed]), np.array([mean]), np.array([most]))[0])
    expected = float(stats.binom.logsf(observed - 1, most, chance)) if observed else 0.0
    if observed < mean + 1.0:
        assert bound == 0.0
    elif math.isfinite(expected):
        assert bound == pytest.approx(expected, rel=1e-6, abs=1e-8)


def test_sum_log_p_far_out() -> None:
    """A chance of 1e-600 is printed, and no more than all cannot be."""
    found = sum_log_p(np.array([300]), np.array([3.0]), np.array([300]))
    assert found[0] == pytest.approx(300 * math.log(0.01))


@given(st.lists(st.tuples(st.integers(0, 4), st.floats(-30.0, 0.0)), max_size=40))
def test_families_are_tested_each_by_itself(pairs: list[tuple[int, float]]) -> None:
    """What is accepted within a family is what would be accepted if it were the only one."""
    family = np.array([number for number, _log_p in pairs], dtype=np.int64)
    log_p = np.array([value for _number, value in pairs])
    tests = 20 + 10 * family
    found = accepted_within(log_p, family, tests, 0.05)
    for number in np.unique(family):
        mine = family == number
        alone = accepted(log_p[mine], int(tests[mine][0]), 0.05)
        assert found[mine].tolist() == alone.tolist()
