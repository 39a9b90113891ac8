from __future__ import annotations

import math

import numpy as np
import pytest

from cautery.ports import NullDistribution
from cautery.watermark.evalues import Stream, e_from_p, p_from_e, pool_any, pool_independent
from cautery.watermark.null_distributions import GammaSum, GreenCount, WeightedBitMean

LAWS = (GammaSum(), GreenCount(0.25), WeightedBitMean(tuple(np.linspace(10.0, 1.0, 30))))


def draw(law: NullDistribution, count: int, generator: np.random.Generator) -> np.ndarray:
    """Draw values of unmarked positions."""
    if isinstance(law, GreenCount):
        return (generator.random(count) < law.share).astype(np.float64)
    if isinstance(law, WeightedBitMean):
        weights = np.asarray(law.weights)
        bits = generator.integers(0, 2, (count, len(weights)))
        return np.asarray(bits @ weights / weights.sum())
    return generator.exponential(size=count)


@pytest.mark.parametrize("law", LAWS, ids=["gamma", "green", "bits"])
def test_one_may_stop_whenever_it_looks_good(law: NullDistribution) -> None:
    """Looked at every few tokens, unmarked streams reach 1/alpha at most alpha of the time."""
    generator = np.random.default_rng(11)
    streams = 400
    reached = {0.1: 0, 0.02: 0}
    for _ in range(streams):
        stream = Stream(law)
        for _ in range(25):
            stream.add(draw(law, 8, generator))
        for level in reached:
            reached[level] += stream.log10_p <= math.log10(level)
    assert reached[0.1] > 0
    for level, hits in reached.items():
        assert hits <= streams * level + 3.5 * math.sqrt(streams * level)


def test_a_mark_is_seen_and_kept() -> None:
    """Evidence grows with a marked stream, and the p-value keeps the best moment."""
    stream = Stream(GammaSum())
    assert (stream.log10_e, stream.log10_p) == (0.0, 0.0)
    generator = np.random.default_rng(2)
    for _ in range(20):
        stream.add(generator.exponential(size=50) * 2.0)
    best = stream.log10_p
    assert best < -80
    assert best == pytest.approx(-stream.log10_e)
    for _ in range(20):
        stream.add(generator.exponential(size=50) * 0.7)
    assert stream.log10_p == best
    assert stream.log10_e < -best
    assert stream.count == 2_000


def test_a_stream_does_not_depend_on_how_it_is_cut() -> None:
    """The e-value after all values is the same, fed at once or one by one."""
    values = np.random.default_rng(4).exponential(size=200)
    whole, pieces = Stream(GammaSum()), Stream(GammaSum())
    whole.add(values)
    for value in values:
        pieces.add(np.array([value]))
    assert pieces.log10_e == pytest.approx(whole.log10_e, abs=1e-10)


def test_calibrated_p_values_have_mean_one_at_most() -> None:
    """The integral of the calibrator over p is one; deep p-values stay finite."""
    edges = np.linspace(-60.0, 0.0, 200_001)
    middles = 0.5 * (edges[1:] + edges[:-1])
    sizes = 10.0 ** edges[1:] - 10.0 ** edges[:-1]
    total = sum(10.0 ** e_from_p(p) * size for p, size in zip(middles, sizes, strict=True))
    # The tail of the calibrator below 1e-60 holds 1 / log(1e60) of the mean.
    assert total + 1.0 / (60.0 * math.log(10.0)) == pytest.approx(1.0, abs=1e-3)
    assert e_from_p(-100_000.0) == pytest.approx(99_989.27, abs=0.02)
    assert e_from_p(-0.000434) == pytest.approx(e_from_p(-0.000435), abs=1e-5)


def test_pools() -> None:
    """Independent leaks multiply, any leaks average, and an e-value below one proves nothing."""
    assert pool_independent([2.0, 3.0, -1.0]) == 4.0
    assert pool_any([6.0, 6.0]) == pytest.approx(6.0)
    assert pool_any([400.0, 0.0]) == pytest.approx(400.0 - math.log10(2.0))
    assert pool_any([]) == 0.0
    assert p_from_e(5.0) == -5.0
    assert str(p_from_e(-5.0)) == "0.0"
