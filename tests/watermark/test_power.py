from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import pytest

from cautery.ports import NullDistribution
from cautery.watermark.null_distributions import (
    DualGammaSum,
    GammaSum,
    GreenCount,
    WeightedBitMean,
)
from cautery.watermark.power import Effect, expected_effect, power, tokens_needed

LINEAR = WeightedBitMean(tuple(np.linspace(10.0, 1.0, 30)))
GREEN = GreenCount(0.25)
MEASURED = [
    # Median log10 p of 600 simulated texts over 312 next-token distributions recorded from a
    # 135 M model at temperature 0.9 (mean 1.69 nats); 300 over the lower half (0.83 nats).
    (GammaSum(), 1.69, {50: -13.3, 100: -25.8, 200: -50.2, 400: -99.8}),
    (GammaSum(), 0.83, {100: -8.5, 200: -15.8, 400: -30.6}),
    (LINEAR, 1.69, {50: -11.7, 100: -22.3, 200: -42.6, 400: -83.6}),
    (GREEN, 1.69, {50: -4.4, 100: -7.7, 200: -15.1, 400: -28.7}),
    (GREEN, 0.83, {100: -3.2, 200: -6.0, 400: -11.1}),
]


@dataclass(frozen=True)
class Parameters:
    bias: float


@pytest.mark.parametrize(("null", "entropy", "medians"), MEASURED)
def test_plans_agree_with_a_real_model(
    null: NullDistribution, entropy: float, medians: dict[int, float]
) -> None:
    """The expected p-value is within a fifth (in decades) of what a real model gave."""
    effect = expected_effect(null, Parameters(2.0), entropy)
    for tokens, wanted in medians.items():
        found = null.log10_upper_tail(null.at_mean(effect.mean, tokens), tokens)
        assert found == pytest.approx(wanted, rel=0.2)


def test_gumbel_effect_is_that_of_the_trick() -> None:
    """Choosing among k equally likely tokens by the trick gives the formula's mean and variance."""
    generator = np.random.default_rng(1)
    values = generator.exponential(size=(200_000, 4)).max(axis=1)
    harmonic = sum(1 / k for k in range(1, 5))
    assert values.mean() == pytest.approx(harmonic, abs=0.01)
    # An entropy of almost nothing leaves the null's own mean and variance.
    flat = expected_effect(GammaSum(), entropy=1e-5)
    assert flat.mean == pytest.approx(1.0, abs=1e-4)
    assert flat.variance == pytest.approx(1.0, abs=1e-3)


def test_dual_effect_lies_between() -> None:
    """With all weight on one key it is Gumbel's; with equal weights half the shift is left."""
    single = expected_effect(GammaSum(), entropy=1.0)
    assert expected_effect(DualGammaSum(0.0), entropy=1.0).mean == pytest.approx(single.mean)
    half = expected_effect(DualGammaSum(0.5), entropy=1.0).mean
    assert half - 1.0 == pytest.approx(0.5 * (single.mean - 1.0))


def test_green_effect_goes_with_the_bias() -> None:
    """No bias, no effect; an overwhelming one makes all green that can be."""
    none = expected_effect(GREEN, Parameters(0.0), 1.0)
    assert none.mean == pytest.approx(0.25, abs=1e-6)
    weak, strong = (expected_effect(GREEN, Parameters(bias), 3.0).mean for bias in (1.0, 5.0))
    assert 0.25 < weak < strong < 1.0


@pytest.mark.parametrize("null", [GammaSum(), GREEN, LINEAR], ids=["gamma", "green", "bits"])
def test_the_sufficient_number_is_the_least(null: NullDistribution) -> None:
    """At that number the power is reached, below it is not."""
    effect = expected_effect(null, Parameters(2.0))
    needed = tokens_needed(null, effect, -6.0)
    assert needed is not None
    assert power(null, effect, needed, -6.0) >= 0.9 - 1e-9
    assert power(null, effect, needed // 2, -6.0) < 0.6
    assert (tokens_needed(null, effect, -11.0) or 0) > needed
    assert power(null, effect, 0, -6.0) == 0.0


def test_power_is_what_a_simulation_finds() -> None:
    """Of simulated marked sums, the predicted share passes the exact threshold."""
    effect = Effect(mean=1.6, variance=1.6)
    generator = np.random.default_rng(2)
    sums = generator.gamma(1.6, size=(20_000, 80)).sum(axis=1)
    passed = np.mean([GammaSum().log10_upper_tail(one, 80) <= -4.0 for one in sums[:4_000]])
    assert power(GammaSum(), effect, 80, -4.0) == pytest.approx(passed, abs=0.04)


def test_without_an_effect_nothing_suffices() -> None:
    """A mark that changes nothing cannot be found in any text."""
    nothing = Effect(mean=1.0, variance=1.0)
    assert tokens_needed(GammaSum(), nothing, -2.0) is None
    assert power(GammaSum(), nothing, 100, -2.0) < 0.02
    assert math.isfinite(power(GammaSum(), nothing, 100, -9_000.0))
