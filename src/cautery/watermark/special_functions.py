"""The few special functions that a detection needs, without SciPy.

Importing ``scipy.special`` takes longer than testing a hundred texts. These are exact to about
1e-13 on what the room asks of them (tests compare them with SciPy's).
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Final

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

ASYMPTOTIC_FROM: Final = 20.0
"""Argument from which the asymptotic series of digamma and trigamma keep all digits."""
FIRST_TERMS: Final = 64
MOST_TERMS: Final = 4_096
"""Terms of a series that are summed at once: a few at first, then twice as many each time."""
NEGLIGIBLE: Final = 1e-17
"""Share of a sum below which its next term, of a falling series, ends it."""
FARTHEST_NORMAL: Final = 38.0
"""Standard deviations beyond which a double holds no chance."""


def expit(x: Floats) -> Floats:
    """Logistic function 1 / (1 + exp(-x)).

    Example:
        >>> expit(np.array([-np.inf, 0.0, np.inf])).tolist()
        [0.0, 0.5, 1.0]
    """
    small = np.exp(-np.abs(x))
    return np.where(x >= 0.0, 1.0, small) / (1.0 + small)


def log_sum_exp(logs: Floats) -> float:
    """Natural logarithm of the sum of exponentials; minus infinity of none or all zero.

    Example:
        >>> round(math.exp(log_sum_exp(np.log([1.0, 2.0, 3.0]))), 12)
        6.0
    """
    largest = float(logs.max(initial=-math.inf))
    if math.isinf(largest):
        return largest
    return largest + math.log(float(np.exp(logs - largest).sum()))


def log_factorials(counts: Floats) -> Floats:
    """Natural logarithms of the factorials of whole numbers, shape (numbers,)."""
    return np.array([math.lgamma(count + 1.0) for count in counts.tolist()])


def log1p_less(x: Floats) -> Floats:
    """Give log(1 + x) - x with all its digits near zero, for x above -1.

    With r = x / (2 + x), log(1 + x) = 2 atanh(r), and the first terms cancel exactly.
    """
    x = np.asarray(x, dtype=np.float64)
    near = np.abs(x) < 0.3
    small = np.where(near, x, 0.0)
    ratio = small / (2.0 + small)
    square = ratio * ratio
    series = np.zeros_like(ratio)
    for odd in range(25, 1, -2):
        series = square * (1.0 / odd + series)
    with np.errstate(divide="ignore"):
        far = np.log1p(np.where(near, 0.0, x)) - x
    return np.where(near, ratio * (2.0 * series - small), far)


def digamma(x: Floats) -> Floats:
    """Logarithmic derivative of the Gamma function, for x above zero.

    Recurrence up to 20, then the asymptotic series (Abramowitz and Stegun, 6.3.18).
    """
    x, shift = _shifted(np.asarray(x, dtype=np.float64), 1)
    square = (1.0 / x) ** 2
    series = 1 / 240 - square * (1 / 132 - square * (691 / 32_760 - square / 12))
    series = square * (1 / 12 - square * (1 / 120 - square * (1 / 252 - square * series)))
    return np.asarray(np.log(x) - 0.5 / x - series - shift)


def trigamma(x: Floats) -> Floats:
    """Derivative of ``digamma``, for x above zero (Abramowitz and Stegun, 6.4.12)."""
    x, shift = _shifted(np.asarray(x, dtype=np.float64), 2)
    square = (1.0 / x) ** 2
    series = 1 / 30 - square * (5 / 66 - square * (691 / 2_730 - square * 7 / 6))
    series = square * (1 / 6 - square * (1 / 30 - square * (1 / 42 - square * series)))
    return np.asarray((1.0 + series) / x + 0.5 * square + shift)


def _shifted(x: Floats, power: int) -> tuple[Floats, Floats]:
    """Move each x up to where the series holds, and sum the powers of the steps' inverses."""
    shift = np.zeros_like(x)
    for _ in range(int(ASYMPTOTIC_FROM)):
        low = x < ASYMPTOTIC_FROM
        shift += np.where(low, 1.0 / np.where(low, x, 1.0) ** power, 0.0)
        x = x + low
    return x, shift


def normal_share(deviations: float) -> float:
    """Chance that a standard normal number is at most this.

    Example:
        >>> normal_share(0.0)
        0.5
    """
    return 0.5 * math.erfc(-deviations / math.sqrt(2.0))


def normal_quantile(share: float) -> float:
    """Give the number that a standard normal one is at most with this chance; by bisection.

    Example:
        >>> round(normal_quantile(0.975), 9)
        1.959963985
    """
    low, high = -FARTHEST_NORMAL, FARTHEST_NORMAL
    # Of the smaller tail, so that no digit is lost near one.
    tail = min(share, 1.0 - share)
    for _ in range(64):
        middle = 0.5 * (low + high)
        if normal_share(middle) < tail:
            low = middle
        else:
            high = middle
    return high if share < 0.5 else -high


def gauss_laguerre(count: int) -> tuple[Floats, Floats]:
    """Give nodes and weights of the mean over an Exp(1) number (Golub and Welsch, 1969).

    As ``numpy.polynomial.laguerre.laggauss``, whose import takes as long as a detection.

    Example:
        >>> nodes, weights = gauss_laguerre(8)
        >>> round(float(weights @ nodes**3), 9)
        6.0
    """
    place = np.arange(count, dtype=np.float64)
    jacobi = np.diag(2.0 * place + 1.0) + np.diag(place[1:], 1) + np.diag(place[1:], -1)
    nodes, vectors = np.linalg.eigh(jacobi)
    return nodes, vectors[0] ** 2


def lower_series(shape: float, x: Floats) -> Floats:
    """Chance of less under Gamma(shape, 1), over its density times x: a series of positive terms.

    Sums x^n / (shape (shape+1) ... (shape+n)).

    Args:
        shape: Shape of the law, above zero.
        x: Up to about the shape, shape (points,).

    Returns:
        Shape (points,).
    """
    return _series(np.full_like(x, 1.0 / shape), lambda n: x[:, None] / (shape + n))


def upper_series(shape: float, x: Floats) -> Floats:
    """Chance of more under Gamma(shape, 1), over its density times x: a series of positive terms.

    Sums (shape-1) ... (shape-n) / x^(n+1): exact for a whole shape, where it ends, and right to
    the last digit for any from 200 on.

    Args:
        shape: Shape of the law, above zero.
        x: At least the shape, shape (points,).

    Returns:
        Shape (points,).
    """
    return _series(1.0 / x, lambda n: np.maximum(shape - n, 0.0) / x[:, None])


def _series(first: Floats, ratios: Callable[[Floats], Floats]) -> Floats:
    """Sum series whose terms' ratios are given, and fall, from term to term."""
    total: Floats = first.copy()
    term = first
    done, size = 0, FIRST_TERMS
    while len(term) and np.any(term > NEGLIGIBLE * total):
        terms = np.cumprod(ratios(np.arange(done + 1.0, done + size + 1.0)), axis=1)
        terms *= term[:, None]
        total += terms.sum(axis=1)
        term = np.asarray(terms[:, -1], dtype=np.float64)
        done, size = done + size, min(2 * size, MOST_TERMS)
    return total
