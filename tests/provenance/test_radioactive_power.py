"""The power curve: its ends, its order, and its word kept by draws from its own model."""

from __future__ import annotations

import math

import numpy as np
import pytest

from cautery.provenance.radioactive_power import Mixture, curve, power_at, share_needed
from cautery.watermark.null_distributions import GammaSum, GreenCount
from cautery.watermark.power import Effect

GREEN = GreenCount(0.25)
MARKED = Effect(mean=0.6, variance=0.24)
COPY = Mixture(GREEN, MARKED)


def test_a_mixture_lies_between_its_parts() -> None:
    """No marked share is the null, all of it the teacher; a mixture of coins is a coin."""
    assert COPY.effect(0.0) == Effect(mean=0.25, variance=0.1875)
    whole = COPY.effect(1.0)
    assert (whole.mean, whole.variance) == pytest.approx((0.6, 0.24))
    half = COPY.effect(0.5)
    assert half == Mixture(GREEN, MARKED, keys=2).effect(1.0)
    assert half.variance == pytest.approx(half.mean * (1 - half.mean))


def test_more_marked_data_shows_more() -> None:
    """A curve never falls, begins near the level and ends near one."""
    points = curve(GREEN, COPY, 10_000, -5.0, 1.0)
    powers = [point.power for point in points]
    assert powers == sorted(powers)
    assert powers[0] < 0.01
    assert powers[-1] > 0.999


def test_the_share_needed_is_where_power_is_nine_tenths() -> None:
    """It is found, more pairs need less, and a few pairs need more than there is."""
    needed = share_needed(GREEN, COPY, 10_000, -5.0, 1.0)
    assert needed is not None
    found = power_at(GREEN, COPY, 10_000, -5.0, marked_share=needed, memorisation=1.0)
    assert found == pytest.approx(0.9, abs=0.001)
    assert (share_needed(GREEN, COPY, 100_000, -5.0, 1.0) or 1.0) < needed
    assert share_needed(GREEN, COPY, 10_000, -5.0, 0.5) == pytest.approx(2 * needed, rel=0.01)
    assert share_needed(GREEN, COPY, 10, -5.0, 1.0) is None
    assert share_needed(GREEN, COPY, 0, -5.0, 1.0) is None


def test_power_keeps_its_word() -> None:
    """Of 400 samples drawn from the model, as many are detected as the power says."""
    share, pairs = 0.04, 8_000
    draw = np.random.default_rng(3)
    mean = COPY.effect(share).mean
    counts = draw.binomial(pairs, mean, 400)
    detected = [GREEN.log10_upper_tail(float(count), pairs) <= -3.0 for count in counts]
    said = power_at(GREEN, COPY, pairs, -3.0, marked_share=share, memorisation=1.0)
    assert 0.1 < said < 0.9
    assert np.mean(detected) == pytest.approx(said, abs=4 * math.sqrt(said * (1 - said) / 400))


def test_every_law_has_a_curve() -> None:
    """Sums of exponentials as well as counts."""
    teacher = Effect(mean=3.4, variance=8.0)
    expected = Mixture(GammaSum(), teacher)
    needed = share_needed(GammaSum(), expected, 10_000, -5.0, 1.0)
    assert 0.005 < (needed or 0.0) < 0.1
