"""Poisson-binomial tails: how often a sum of unequal independent chances reaches a count.

Exact in log space by exponential tilting: the distribution is moved so that its mean is the
observed count, read there by a Fourier transform (Hong, Computational Statistics and Data Analysis
2013), and moved back. Every term of the tail is positive, so nothing cancels and a chance of 1e-500
prints. For millions of tests there is a bound that needs the mean alone.
"""

from __future__ import annotations

from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit, gammaln

Integers = NDArray[np.int64]
Floats = NDArray[np.float64]

MOST_TERMS: Final = 2_000
"""Terms of a Poisson tail that are summed at most; they fall geometrically from the mean on, and
what is left is bounded by a geometric series."""
DEVIATIONS: Final = 40.0
"""Standard deviations of the tilted distribution that the transform's window holds to each side;
what lies outside folds back with less than 1e-16 of the mass (Bernstein)."""
LARGEST_WINDOW: Final = 1 << 16
"""Longest transform; a wider distribution is not read but bounded."""
BLOCK_CELLS: Final = 1 << 20
"""Cells of the transform that are held at once: kinds of chances times frequencies."""
MOST_TILT: Final = 700.0
"""Largest logarithm of odds of the tilt, just inside the range of floating-point numbers."""


def poisson_tail_log_p(observed: Floats | Integers, expected: Floats) -> Floats:
    """Bound the chance that a sum of independent 0/1 variables reaches a count, by its mean.

    Null: any independent chances that add up to ``expected``.

    Args:
        observed: Counts, shape (tests,).
        expected: Means under the null, shape (tests,).

    Returns:
        Natural logarithm of the upper tail of the Poisson distribution, shape (tests,). From one
        above the mean it is no smaller than the tail of any Poisson-binomial of that mean
        (Hoeffding 1956 for the binomial, Anderson and Samuels 1967 from there to Poisson); below
        that, 0. It is the limit of small chances, so there little is given away.

    Example:
        >>> round(float(np.exp(poisson_tail_log_p(np.array([3]), np.array([1.0]))[0])), 6)
        0.080301
    """
    x = np.asarray(observed, dtype=np.float64)
    mean = np.maximum(np.asarray(expected, dtype=np.float64), 1e-300)
    sure = x >= mean + 1.0
    at = np.where(sure, x, mean + 1.0)
    start = at * np.log(mean) - mean - gammaln(at + 1.0)
    total, term = np.ones_like(at), np.ones_like(at)
    for step in range(1, MOST_TERMS + 1):
        ratio = mean / (at + step)
        term = term * ratio
        total += term
        if not np.any(term > total * 1e-17):
            break
    else:
        total += term * ratio / (1.0 - ratio)
    return np.where(sure, np.minimum(start + np.log(total), 0.0), 0.0)


def tail_log_p(observed: int, chances: Floats, times: Integers | None = None) -> float:
    """Chance that at least this many of some independent things happen.

    Args:
        observed: Count.
        chances: Chance of each kind of thing, shape (kinds,).
        times: Things of each kind, shape (kinds,); one each if None.

    Returns:
        Natural logarithm of the upper tail: exact to about twelve digits, or the Chernoff bound
        where the distribution is wider than ``LARGEST_WINDOW`` can hold.

    Example:
        >>> round(float(np.exp(tail_log_p(2, np.array([0.5, 0.5, 0.5])))), 6)
        0.5
        >>> round(tail_log_p(300, np.full(400, 0.01)) / np.log(10.0))
        -504
    """
    times = np.ones(chances.size, dtype=np.int64) if times is None else times
    sure = int(times[chances >= 1.0].sum())
    open_to = (chances > 0.0) & (chances < 1.0) & (times > 0)
    p, m, x = chances[open_to], times[open_to].astype(np.float64), observed - sure
    if x <= 0:
        return 0.0
    if x > m.sum():
        return float("-inf")
    if x == m.sum():
        return float(m @ np.log(p))
    odds = np.log(p) - np.log1p(-p)
    tilt = 0.0 if x <= m @ p else _tilt(odds, m, float(x))
    tilted = expit(odds + tilt)
    cumulant = float(m @ (np.logaddexp(0.0, odds + tilt) - np.logaddexp(0.0, odds)))
    mean, deviation = float(m @ tilted), float(np.sqrt(m @ (tilted * (1.0 - tilted))))
    high = int(min(m.sum(), np.ceil(mean + DEVIATIONS * deviation + DEVIATIONS)))
    low = int(max(0, np.floor(mean - DEVIATIONS * deviation - DEVIATIONS)))
    if high - low + 1 > LARGEST_WINDOW:
        return min(cumulant - tilt * x, 0.0)
    mass = _mass(tilted, m, low, high)
    values = np.arange(max(x, low), high + 1, dtype=np.float64)
    inside = mass[max(x, low) - low :]
    total = float(inside @ np.exp(-tilt * (values - x)))
    return min(cumulant - tilt * x + float(np.log(max(total, 1e-300))), 0.0)


def _tilt(odds: Floats, times: Floats, target: float) -> float:
    """Shift of all log-odds that makes the mean the target, by bisection and Newton's steps."""
    low, high = -MOST_TILT - float(odds.max()), MOST_TILT - float(odds.min())
    at = 0.0
    for _step in range(200):
        shifted = expit(odds + at)
        excess = float(times @ shifted) - target
        if abs(excess) <= 1e-9 * max(target, 1.0):
            break
        low, high = (low, at) if excess > 0 else (at, high)
        slope = float(times @ (shifted * (1.0 - shifted)))
        step = at - excess / slope if slope > 0 else np.inf
        at = step if low < step < high else (low + high) / 2.0
    return at


def _mass(chances: Floats, times: Floats, low: int, high: int) -> Floats:
    """Probabilities of the counts from low to high, by the discrete Fourier transform."""
    size = high - low + 1
    angle = 2.0 * np.pi * np.arange(size // 2 + 1) / size
    transform = np.empty(angle.size, dtype=np.complex128)
    width = max(BLOCK_CELLS // chances.size, 1)
    for start in range(0, angle.size, width):
        turn = np.expm1(1j * angle[start : start + width])
        factors: NDArray[Any] = 1.0 + np.outer(chances, turn)
        with np.errstate(divide="ignore"):
            log_size = times @ np.log(np.abs(factors))
        turned = times @ np.angle(factors) - low * angle[start : start + width]
        transform[start : start + width] = np.exp(log_size - 1j * turned)
    return np.maximum(np.fft.irfft(transform, n=size), 0.0)
