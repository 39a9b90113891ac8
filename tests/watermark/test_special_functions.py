"""The room's own special functions beside SciPy's."""

from __future__ import annotations

import doctest

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import special

from cautery.watermark import special_functions as own
from cautery.watermark.gamma_tails import gamma_share_below, log_gamma_tail

SHARES = st.floats(1e-12, 1.0 - 1e-12)


def test_examples() -> None:
    """The examples in the docstrings hold."""
    assert doctest.testmod(own).failed == 0


def test_expit_is_scipys() -> None:
    """The logistic function agrees over all of its range, without a warning."""
    x = np.concatenate([np.linspace(-800.0, 800.0, 4001), [-np.inf, np.inf, 0.0]])
    np.testing.assert_allclose(own.expit(x), special.expit(x), rtol=1e-13, atol=1e-307)


def test_log_sum_exp_is_scipys() -> None:
    """Sums of exponentials agree, however small; of nothing it is minus infinity."""
    for logs in ([-1e5, -1e5 - 3.0], [0.0, -800.0], [-np.inf, -2.0], [-np.inf], [3.0, 4.0, 5.0]):
        wanted = special.logsumexp(np.array(logs))
        assert own.log_sum_exp(np.array(logs)) == pytest.approx(wanted, rel=1e-14)
    assert own.log_sum_exp(np.empty(0)) == -np.inf


def test_digamma_and_trigamma_are_scipys() -> None:
    """Both agree from small arguments to huge ones."""
    x = np.concatenate([np.geomspace(0.01, 1e300, 3001), np.arange(1.0, 60.0)])
    atol = 2e-15  # digamma is zero at 1.4616
    np.testing.assert_allclose(own.digamma(x), special.digamma(x), rtol=1e-13, atol=atol)
    small = x[x < 1e150]
    np.testing.assert_allclose(own.trigamma(small), special.polygamma(1, small), rtol=1e-13)


def test_log_factorials_are_scipys() -> None:
    """Factorials agree."""
    counts = np.arange(500.0)
    np.testing.assert_allclose(
        own.log_factorials(counts), special.gammaln(counts + 1.0), rtol=1e-13, atol=1e-15
    )


@given(st.floats(-0.999, 1e6))
def test_log1p_less_keeps_its_digits(x: float) -> None:
    """Near zero log(1 + x) - x is not lost in rounding."""
    if abs(x) < 1e-3:
        wanted = x * x * (-0.5 + x * (1 / 3 - x * (0.25 - x * (0.2 - x / 6))))
        assert float(own.log1p_less(np.array(x))) == pytest.approx(wanted, rel=1e-14)
    else:
        wanted = np.log1p(x) - x
        assert float(own.log1p_less(np.array(x))) == pytest.approx(wanted, rel=1e-9)


@given(st.floats(-36.0, 8.0))
def test_normal_share_is_scipys(deviations: float) -> None:
    """The normal distribution agrees, far into its lower tail too."""
    assert own.normal_share(deviations) == pytest.approx(special.ndtr(deviations), rel=1e-13)


@given(SHARES)
def test_normal_quantile_is_scipys(share: float) -> None:
    """The quantile agrees."""
    assert own.normal_quantile(share) == pytest.approx(special.ndtri(share), rel=1e-12, abs=1e-12)


@pytest.mark.parametrize("shape", [1.0, 2.0, 3.5, 17.0, 150.5, 400.0, 1234.5, 40_000.0])
def test_gamma_tails_are_scipys(shape: float) -> None:
    """Both tails agree wherever SciPy's keep their digits, whole shape or not.

    At a million SciPy's do not; there the golden tails count (test_null_distributions.py).
    """
    deviations = np.linspace(-6.0, 8.0, 57)
    x = np.maximum(shape + deviations * np.sqrt(shape), 1e-3)
    # A relative error of one rounding in x moves the chance by this much already.
    rtol = 1e-13 + 1e-15 * float(np.abs(x - shape).max())
    upper = special.gammaincc(shape, x)
    np.testing.assert_allclose(np.exp(log_gamma_tail(shape, x)), upper, rtol=4 * rtol)
    near = x[x <= shape + 1.0]
    lower = gamma_share_below(shape, near)
    np.testing.assert_allclose(lower, special.gammainc(shape, near), rtol=4 * rtol)


def test_gauss_laguerre_is_numpys() -> None:
    """Nodes and weights agree as far as they carry anything."""
    nodes, weights = own.gauss_laguerre(48)
    wanted_nodes, wanted_weights = np.polynomial.laguerre.laggauss(48)
    np.testing.assert_allclose(nodes, wanted_nodes, rtol=1e-11)
    np.testing.assert_allclose(weights, wanted_weights, rtol=1e-9, atol=1e-15)
