"""Tails of Gamma laws and of the weighted sum of two, in natural logarithms, at any depth."""

from __future__ import annotations

import math
from functools import cache
from typing import Final

import numpy as np
from numpy.typing import NDArray

from cautery.watermark.special_functions import (
    log1p_less,
    log_sum_exp,
    lower_series,
    upper_series,
)

Floats = NDArray[np.float64]

LARGE_SHAPE: Final = 200.0
"""Shape from which the falling series ends in nothing, also if the shape is not a whole number."""
STIRLING_FROM: Final = 16.0
"""Shape from which five terms of Stirling's series are exact to a double's last digit."""
FRACTION_STEPS: Final = 5_000
"""Most steps of the continued fraction, for small shapes that are not whole numbers: they take a
few hundred."""
LEAST_SUM: Final = 1e-160
"""Below it the chance of less is under 1e-300, at any shape from one on."""
PANELS: Final = 64
PANEL_NODES: Final = 16
"""Gauss-Legendre nodes a panel, 64 panels over at most 24 standard deviations: the integrand is an
entire function, and the rule's error is below rounding (measured: see the golden values)."""
REACH: Final = 12.0
REACH_BEYOND: Final = 40.0
"""The integral goes 12 standard deviations and 40 scales to both sides of the tilted mean."""


def log_gamma_tail(shape: float, x: Floats) -> Floats:
    """Natural logarithm of the chance that Gamma(shape, 1) is ``x`` or more.

    Args:
        shape: Shape of the law, above zero.
        x: Where the tail begins, any shape of array; below zero counts as zero.

    Returns:
        Logarithms, shape of ``x``; exact to about 1e-12 of themselves, also at p = 1e-100000.

    Example:
        >>> float(log_gamma_tail(1.0, np.array([5000.0]))[0])
        -5000.0
    """
    x = np.maximum(np.asarray(x, dtype=np.float64), 0.0)
    result = np.full(x.shape, -math.inf)
    # Below the mean, the logarithm must come from what is missing.
    below = x < shape + 1.0
    missing = gamma_share_below(shape, x[below])
    result[below] = np.log1p(-np.minimum(missing, 1.0 - 1e-16))
    above = ~below & np.isfinite(x)
    whole = shape >= LARGE_SHAPE or shape == math.floor(shape)
    over_density = upper_series if whole else _fraction
    result[above] = log_gamma_density(shape, x[above]) + np.log(over_density(shape, x[above]))
    return result


def gamma_share_below(shape: float, x: Floats) -> Floats:
    """Chance that Gamma(shape, 1) is less than ``x``.

    Args:
        shape: Shape of the law, above zero.
        x: From zero to little more than the shape, shape (points,).

    Returns:
        Shape (points,).
    """
    return np.exp(log_gamma_density(shape, x)) * lower_series(shape, x)


def log_gamma_density(shape: float, x: Floats) -> Floats:
    """Natural logarithm of the density of Gamma(shape, 1), times ``x``.

    Written around ``x = shape``, so that large terms never cancel (Loader, 2000).
    """
    with np.errstate(divide="ignore", invalid="ignore"):
        off = (x - shape) / shape
        # Far below the shape, 1 + off has lost the digits of x.
        deviance = shape * np.where(off < -0.5, np.log(x / shape) - off, log1p_less(off))
    return np.asarray(np.where(np.isposinf(x), -math.inf, deviance + _peak(shape)))


def _peak(shape: float) -> float:
    """Logarithm of ``shape^shape e^-shape / Gamma(shape)``."""
    if shape < STIRLING_FROM:
        return shape * math.log(shape) - shape - math.lgamma(shape)
    return 0.5 * math.log(shape / (2.0 * math.pi)) - stirling_error(shape)


def stirling_error(x: float) -> float:
    """Difference of ``log Gamma(x)`` from Stirling's formula, for ``x`` above zero."""
    if x < STIRLING_FROM:
        return math.lgamma(x) - (x - 0.5) * math.log(x) + x - 0.5 * math.log(2.0 * math.pi)
    square = 1.0 / (x * x)
    series = 1 / 1260 - square * (1 / 1680 - square / 1188)
    return (1 / 12 - square * (1 / 360 - square * series)) / x


def _fraction(shape: float, x: Floats) -> Floats:
    """Legendre's continued fraction of the upper tail over density times x, by Lentz's method."""
    b = x + 1.0 - shape
    c = np.full_like(x, 1e300)
    d = 1.0 / b
    value = d.copy()
    for step in range(1, FRACTION_STEPS):
        a = -step * (step - shape)
        b += 2.0
        d = 1.0 / (a * d + b)
        c = b + a / c
        change = c * d
        value *= change
        if not np.any(np.abs(change - 1.0) > 1e-15):
            break
    return value


def log_dual_gamma_tail(alpha: float, shape: float, x: float) -> float:
    """Natural logarithm of the chance that (1-alpha) A + alpha B is ``x`` or more.

    A and B are independent Gamma(shape, 1). The law is a negative-binomial mixture of Gammas:
    with ``q = alpha / (1-alpha)``, ``x / alpha`` is Gamma(2 shape + K, 1), K negative binomial
    (shape, q). Summing the mixture takes shape/q terms; the same number is the integral over B,
    whose integrand is log-concave and entire, so that it costs the same for every alpha.

    Args:
        alpha: Weight of B, above 0 and below 1.
        shape: Shape of both Gammas, at least 1.
        x: Where the tail begins.

    Returns:
        The logarithm, exact to about 1e-12 of itself.
    """
    if x < LEAST_SUM:
        return 0.0
    if math.isinf(x):
        return -math.inf
    light = min(alpha, 1.0 - alpha)
    heavy = 1.0 - light
    nodes, log_weights = _nodes(light, shape, x)
    other = (x - light * nodes) / heavy
    log_density = log_gamma_density(shape, nodes) - np.log(nodes) + log_weights
    if x < shape:
        below = np.exp(log_density) * gamma_share_below(shape, np.maximum(other, 0.0))
        return math.log1p(-min(float(below.sum()), 1.0 - 1e-16))
    terms = log_density + log_gamma_tail(shape, other)
    rest = log_gamma_tail(shape, np.array([x / light]))
    return min(log_sum_exp(np.append(terms, rest)), 0.0)


def _nodes(light: float, shape: float, x: float) -> tuple[Floats, Floats]:
    """Nodes and logarithms of weights that cover what matters of B where the sum is near x."""
    ratio, product = x / shape, light * (1.0 - light)
    root = math.sqrt(ratio * ratio * (1.0 - 4.0 * product) + 4.0 * product * product)
    tilt = 2.0 * (ratio - 1.0) / max(ratio - 2.0 * product + root, 1e-300)
    scale = 1.0 / (1.0 - light * tilt)
    reach = scale * (REACH * math.sqrt(shape) + REACH_BEYOND)
    start = max(shape * scale - reach, 0.0)
    stop = min(shape * scale + reach, x / light)
    points, weights = _panel()
    edges = np.linspace(start, stop, PANELS + 1)
    half = 0.5 * (edges[1] - edges[0])
    nodes = (edges[:-1, None] + half * (1.0 + points[None, :])).ravel()
    return nodes, np.tile(np.log(weights * half), PANELS)


@cache
def _panel() -> tuple[Floats, Floats]:
    """Nodes and weights of one panel, kept: finding them takes a third of a tail's time."""
    points, weights = np.polynomial.legendre.leggauss(PANEL_NODES)
    return points, weights
