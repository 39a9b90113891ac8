from __future__ import annotations

import doctest
import json
import math
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cautery.ports import NullDistribution
from cautery.watermark.null_distributions import (
    DualGammaSum,
    GammaSum,
    GreenCount,
    WeightedBitMean,
)

GOLDEN = json.loads((Path(__file__).parents[1] / "vectors" / "null_tails.json").read_text())
"""Law, its parameter, positions, statistic and log10 of the tail: by ``make_null_tails.py``."""
LINEAR = tuple(np.linspace(10.0, 1.0, 30).tolist())
LAWS = (
    GammaSum(),
    DualGammaSum(0.1),
    DualGammaSum(0.5),
    DualGammaSum(1e-7),
    GreenCount(0.25),
    GreenCount(0.5),
    WeightedBitMean((1.0,) * 9),
    WeightedBitMean(LINEAR),
    WeightedBitMean(LINEAR[:9], share=0.502426),
    WeightedBitMean((2.0, 1.0), share=0.7),
)
NAMES = [f"{place}-{type(law).__name__}" for place, law in enumerate(LAWS)]


def law_of(name: str, parameter: float | None) -> NullDistribution:
    """Make the law that a golden row names."""
    if name == "gamma":
        return GammaSum()
    if name == "dual":
        return DualGammaSum(float(parameter or 0.0))
    if name == "green":
        return GreenCount(float(parameter or 0.0))
    layers = int(parameter or 0)
    weights = (1.0,) * layers if name == "mean" else np.linspace(10.0, 1.0, layers).tolist()
    return WeightedBitMean(tuple(weights))


def draw(law: NullDistribution, count: int, trials: int, seed: int) -> np.ndarray:
    """Draw statistics under the null."""
    generator = np.random.default_rng(seed)
    if isinstance(law, GammaSum):
        return generator.gamma(count, size=trials)
    if isinstance(law, DualGammaSum):
        first, second = generator.gamma(count, size=(2, trials))
        return np.asarray((1.0 - law.alpha) * first + law.alpha * second)
    if isinstance(law, GreenCount):
        return generator.binomial(count, law.share, size=trials).astype(np.float64)
    assert isinstance(law, WeightedBitMean)
    weights = np.asarray(law.weights)
    set_bits = generator.binomial(count, law.share, size=(trials, len(weights)))
    return np.asarray(set_bits @ weights / (count * weights.sum()))


def critical(law: NullDistribution, count: int, level: float) -> float:
    """Find the smallest statistic whose p-value reaches the level."""
    low = law.at_mean(law.mean, count)
    high = min(law.most(count), law.at_mean(law.mean + 40.0, count))
    for _ in range(60):
        middle = 0.5 * (low + high)
        if law.log10_upper_tail(middle, count) <= math.log10(level):
            high = middle
        else:
            low = middle
    return high


@pytest.mark.parametrize("name", ["gamma", "dual", "green", "bits", "mean"])
def test_tails_agree_with_arbitrary_precision(name: str) -> None:
    """From one position to a million, and from 1 - 1e-300 to 1e-9000000, digits are right."""
    rows = [row for row in GOLDEN if row[0] == name]
    assert len(rows) >= 40
    for _, parameter, count, statistic, wanted in rows:
        allowed = 5e-12
        found = law_of(name, parameter).log10_upper_tail(statistic, count)
        assert found == pytest.approx(wanted, rel=allowed, abs=1e-300), (parameter, count)


@pytest.mark.parametrize("law", LAWS, ids=NAMES)
@pytest.mark.parametrize("count", [20, 300])
def test_size_under_the_null(law: NullDistribution, count: int) -> None:
    """At 1e-2, 1e-3 and 1e-4, as many of a million null texts pass as the law says."""
    trials = 200_000 if law == WeightedBitMean(LINEAR) else 1_000_000
    drawn = draw(law, count, trials, seed=count)
    for level in (1e-2, 1e-3, 1e-4):
        line = critical(law, count, level)
        exact = 10.0 ** law.log10_upper_tail(line, count)
        assert exact <= level * (1.0 + 1e-9)
        passed = int((drawn >= line - 1e-12).sum())
        assert abs(passed - trials * exact) <= 4.5 * math.sqrt(trials * exact)


@given(
    law=st.sampled_from(LAWS),
    count=st.integers(0, 10**6),
    mean=st.floats(-1.0, 1e4) | st.sampled_from([0.0, 0.25, 0.5, 1.0, math.inf, -math.inf]),
)
def test_a_tail_is_always_a_chance(law: NullDistribution, count: int, mean: float) -> None:
    """No statistic gives NaN, minus zero or a chance above one."""
    found = law.log10_upper_tail(law.at_mean(mean, count) if count else mean, count)
    assert found <= 0.0
    assert math.copysign(1.0, found) == -1.0 or str(found) == "0.0"


@given(
    law=st.sampled_from(LAWS),
    count=st.integers(1, 500),
    first=st.floats(0.0, 5.0),
    second=st.floats(0.0, 5.0),
)
def test_more_is_never_likelier(
    law: NullDistribution, count: int, first: float, second: float
) -> None:
    """The tail falls as the statistic grows."""
    low, high = sorted([law.at_mean(first, count), law.at_mean(second, count)])
    more, less = law.log10_upper_tail(high, count), law.log10_upper_tail(low, count)
    assert more <= (less + 1e-10 * max(1.0, abs(less)) if less > -math.inf else less)


def test_a_nan_statistic_is_refused() -> None:
    """A fault in a scheme must not become a verdict."""
    for law in LAWS:
        with pytest.raises(ValueError, match="no tail"):
            law.log10_upper_tail(math.nan, 10)


@settings(max_examples=20)
@given(bits=st.lists(st.integers(0, 1), min_size=300, max_size=300), seed=st.integers(0, 99))
def test_rounding_of_ties_is_undone(bits: list[int], seed: int) -> None:
    """The same bits have the same chance in whatever order their weights are added."""
    law = WeightedBitMean(LINEAR)
    rows = np.asarray(bits, dtype=np.float64).reshape(10, 30)
    weights = np.asarray(LINEAR)
    order = np.random.default_rng(seed).permutation(30)
    straight = (rows * weights).sum(axis=1) / weights.sum()
    shuffled = (rows[:, order] * (weights / weights.sum())[order]).sum(axis=1)
    chances = [law.log10_upper_tail(law.statistic(one), 10) for one in (straight, shuffled)]
    assert chances[0] == chances[1]


def test_dual_at_the_ends_is_one_key() -> None:
    """Without weight on one key only the other is left; with equal weights there are two draws."""
    single = GammaSum().log10_upper_tail(60.0, 20)
    assert DualGammaSum(0.0).log10_upper_tail(60.0, 20) == single
    assert DualGammaSum(1.0).log10_upper_tail(60.0, 20) == single
    assert DualGammaSum(1e-12).log10_upper_tail(60.0, 20) == pytest.approx(single, rel=1e-9)
    near = DualGammaSum(0.5 - 1e-9).log10_upper_tail(60.0, 20)
    assert DualGammaSum(0.5).log10_upper_tail(60.0, 20) == pytest.approx(near, rel=1e-9)


def test_what_no_text_can_have() -> None:
    """All bits set is the rarest statistic; more green tokens than tokens are impossible."""
    assert WeightedBitMean(LINEAR).log10_upper_tail(1.0, 7) == pytest.approx(-210 * math.log10(2))
    assert WeightedBitMean(LINEAR).log10_upper_tail(1.1, 7) == -math.inf
    assert GreenCount(0.25).log10_upper_tail(8.0, 7) == -math.inf


@pytest.mark.parametrize("weights", [(), (1.0, 0.0), (1.0, -1.0), (1.0, math.pi), (math.nan,)])
def test_weights_that_make_no_lattice_are_refused(weights: tuple[float, ...]) -> None:
    """A law that could not be exact is an error, not an approximation."""
    with pytest.raises(ValueError):
        WeightedBitMean(weights)


@pytest.mark.parametrize("share", [0.5, 0.502426, 0.03, 0.97])
@pytest.mark.parametrize("count", [1, 7, 400, 100_000])
def test_bits_of_one_weight_are_a_binomial(share: float, count: int) -> None:
    """With one layer the mean is the number of ones over the positions, at any depth."""
    law, binomial = WeightedBitMean((3.0,), share=share), GreenCount(share)
    spread = math.sqrt(count * share * (1.0 - share))
    for deviations in (-5.0, -1.0, 0.0, 0.4, 2.0, 6.0, 60.0):
        ones = min(max(round(count * share + deviations * spread), 0), count)
        wanted = binomial.log10_upper_tail(float(ones), count)
        assert law.log10_upper_tail(ones / count, count) == pytest.approx(wanted, rel=2e-11)


@pytest.mark.parametrize("share", [0.5, 0.6])
def test_uneven_bits_are_counted_exactly(share: float) -> None:
    """Two weights over six positions: every way that the bits can fall, one by one."""
    law = WeightedBitMean((2.0, 1.0), share=share)
    chances = {0: 1.0}
    for weight in (2, 1) * 6:
        longer: dict[int, float] = {}
        for total, chance in chances.items():
            longer[total] = longer.get(total, 0.0) + (1.0 - share) * chance
            longer[total + weight] = longer.get(total + weight, 0.0) + share * chance
        chances = longer
    for level in range(19):
        wanted = math.log10(sum(chance for total, chance in chances.items() if total >= level))
        assert law.log10_upper_tail(level / 18, 6) == pytest.approx(wanted, rel=1e-11, abs=1e-15)


@pytest.mark.parametrize("law", LAWS, ids=NAMES)
def test_moments_belong_to_the_law(law: NullDistribution) -> None:
    """The log moment's slope is the tilted mean; at zero it has the law's mean and variance."""
    step = 1e-4
    assert law.tilted_mean(0.0) == pytest.approx(law.mean)
    for tilt in (0.0, 0.3):
        slope = (law.log_moment(tilt + step) - law.log_moment(tilt - step)) / (2 * step)
        assert slope == pytest.approx(law.tilted_mean(tilt), rel=1e-5)
    bend = (law.tilted_mean(step) - law.tilted_mean(-step)) / (2 * step)
    assert bend == pytest.approx(law.variance, rel=1e-4)


def test_the_page_of_statistics_runs() -> None:
    """The examples of the explanation give what it says."""
    page = Path(__file__).parents[2] / "docs" / "explanation" / "watermark-statistics.md"
    assert doctest.testfile(str(page), module_relative=False) == (0, 3)
