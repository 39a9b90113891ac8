"""Tails of sums on a lattice, in natural logarithms: binomial, and weighted sums of bits.

A weighted sum of bits is summed exactly, by the discrete Fourier transform of the law tilted to
the point asked for. The tilt keeps every digit however deep the tail lies: what is transformed is
always the middle of a distribution (exponential tilting: Esscher, 1932; Keich, 2005, for lattices).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

import numpy as np
from numpy.typing import NDArray

from cautery.watermark.gamma_tails import stirling_error
from cautery.watermark.special_functions import expit

Floats = NDArray[np.float64]
Whole = NDArray[np.int64]

NEGLIGIBLE: Final = 42.0
"""Natural logarithm of what may be left out, of a sum near one: below a double's last digit."""
CELLS_PER_WEIGHT: Final = 32
"""Cells for each unit of the heaviest weight, in which the Fourier transform's size is bounded."""
SERIES_BLOCK: Final = 4_096


@dataclass(frozen=True, slots=True)
class Bits:
    """Whole weights of independent bits, as one position has them."""

    weights: tuple[int, ...]
    """Above zero, without a common divisor."""
    share: float = 0.5
    """Chance that a bit is set, between 0 and 1."""

    @property
    def total(self) -> int:
        """What a position has if all its bits are set."""
        return sum(self.weights)

    @property
    def log_odds(self) -> float:
        """Natural logarithm of the odds that a bit is set; zero of a fair one."""
        return math.log(self.share) - math.log1p(-self.share)


def log_bits_tail(bits: Bits, count: int, level: int) -> float:
    """Natural logarithm of the chance that ``count`` positions sum to ``level`` or more.

    Args:
        bits: The weights.
        count: Positions, at least 1.
        level: Where the tail begins, in whole weights.

    Returns:
        The logarithm; minus infinity above the largest sum.

    Example:
        Two fair bits are both set once in four times:

        >>> math.exp(log_bits_tail(Bits((1,)), 2, 2))
        0.25
    """
    total = bits.total * count
    if level <= 0:
        return 0.0
    if level > total:
        return -math.inf
    if level == total:
        return count * len(bits.weights) * math.log(bits.share)
    if level < bits.share * total:
        # At least `level` bits set, unless too many are not: the mirror image of the law.
        unset = Bits(bits.weights, 1.0 - bits.share)
        missing = math.exp(log_bits_tail(unset, count, total - level + 1))
        return math.log1p(-min(missing, 1.0 - 1e-16))
    return _tilted_tail(bits, count, level)


def _tilted_tail(bits: Bits, count: int, level: int) -> float:
    weights = np.asarray(bits.weights, dtype=np.float64)
    tilt = _tilt(weights, bits.log_odds, level / count)
    chances = expit(tilt * weights + bits.log_odds)
    spread = chances * (1.0 - chances)
    variance = count * float((spread * weights**2).sum())
    reach = _reach(variance, float(weights.max()))
    half = min(reach, bits.total * count + 1)
    period = 2 * half
    steps = _steps(bits, count, float(spread.min()), variance, half)
    angles = np.asarray(steps * (2.0 * math.pi / period), dtype=np.float64)
    inside = _transform(bits, count, chances, level, angles)
    above = _geometric(tilt, angles, half)
    times = np.where((steps == 0) | (steps == half), 1.0, 2.0)
    chance = float((times * (inside * above).real).sum()) / period
    log_size = count * float(_log_moment(tilt * weights, bits.share).sum())
    log_size += tilt * (bits.share * bits.total * count - level)
    return min(log_size + math.log(max(chance, 5e-324)), 0.0)


def _log_moment(x: Floats, share: float) -> Floats:
    """Natural logarithm of the mean of exp(x (bit - share)), for x of zero or more.

    A million times a small number: the means are left out before they could cancel.
    """
    if share == 0.5:
        return _log_cosh(0.5 * x)
    near = np.minimum(x, 1.0)
    small = np.log1p(share * np.expm1(near)) - share * near
    large = np.log(share + (1.0 - share) * np.exp(-x)) + (1.0 - share) * x
    return np.where(x < 1.0, small, large)


def _log_cosh(x: Floats) -> Floats:
    """Natural logarithm of cosh, with all digits near zero; for x of zero or more."""
    small = np.log1p(2.0 * np.sinh(0.5 * np.minimum(x, 1.0)) ** 2)
    return np.where(x < 1.0, small, x + np.log1p(np.exp(-2.0 * x)) - math.log(2.0))


def _tilt(weights: Floats, log_odds: float, mean: float) -> float:
    """Find the tilt under which a position has the wanted mean, at least what it has without."""
    low, high = 0.0, 1.0 / float(weights.max())
    while float((weights * expit(high * weights + log_odds)).sum()) < mean and high < 1e6:
        low, high = high, 2.0 * high
    for _ in range(80):
        middle = 0.5 * (low + high)
        if float((weights * expit(middle * weights + log_odds)).sum()) < mean:
            low = middle
        else:
            high = middle
    return 0.5 * (low + high)


def _reach(variance: float, heaviest: float) -> int:
    """Distance from the mean beyond which the law has nothing to speak of (Bernstein)."""
    slope = NEGLIGIBLE * heaviest / 3.0
    return math.ceil(slope + math.sqrt(slope * slope + 2.0 * NEGLIGIBLE * variance)) + 1


def _steps(bits: Bits, count: int, spread: float, variance: float, half: int) -> Whole:
    """Steps of the transform, from 0 to half its period, that are not provably negligible.

    At an angle, its size is at most exp(-2 count spread wave(angle)); see ``_waves``.
    """
    limit = NEGLIGIBLE + math.log(2.0 * half)
    waves = _waves(bits)
    cells = len(waves)
    kept = np.flatnonzero(2.0 * count * spread * waves < limit)
    starts = -(-kept * half // cells)
    sizes = -(-(kept + 1) * half // cells) - starts + (kept == cells - 1)
    steps = np.repeat(starts - np.cumsum(sizes) + sizes, sizes) + np.arange(sizes.sum())
    # Below pi / heaviest, sin(x) >= 2x/pi bounds it by exp(-2 variance angle^2 / pi^2): closer.
    angles = steps * (math.pi / half)
    small = 2.0 * variance * (angles / math.pi) ** 2 >= limit
    return np.asarray(steps[~(small & (angles <= math.pi / max(bits.weights)))], dtype=np.int64)


@lru_cache(maxsize=64)
def _waves(bits: Bits) -> Floats:
    """Lower bounds of sum sin^2(weight angle / 2) over equal cells of the angles 0 to pi."""
    weights = np.asarray(bits.weights, dtype=np.float64)
    points = np.linspace(0.0, math.pi, int(weights.max()) * CELLS_PER_WEIGHT + 1)
    wave = np.zeros_like(points)
    for weight in weights:
        wave += np.sin(0.5 * weight * points) ** 2
    # A function bends below the lower end of a cell by at most its second derivative allows.
    bend = 0.5 * float((weights**2).sum()) * float(points[1]) ** 2 / 8.0
    return np.maximum(np.minimum(wave[:-1], wave[1:]) - bend, 0.0)


def _transform(
    bits: Bits, count: int, chances: Floats, level: int, angles: Floats
) -> NDArray[np.complex128]:
    """Characteristic function of the tilted sum less ``level``, as sizes and turns.

    Each bit's turn is taken relative to its mean, so that a million positions lose no digits.
    """
    log_size = np.zeros(len(angles))
    turn = np.zeros(len(angles))
    for weight, chance in zip(bits.weights, chances, strict=True):
        half = np.sin(0.5 * weight * angles) ** 2
        with np.errstate(divide="ignore"):
            log_size += 0.5 * np.log1p(np.maximum(-4.0 * chance * (1.0 - chance) * half, -1.0))
        sine = np.sin(weight * angles)
        turn += np.arctan2(chance * sine, 1.0 - 2.0 * chance * half) - chance * weight * angles
    mean = float((np.asarray(bits.weights) * chances).sum())
    whole_turn = count * turn + (count * mean - level) * angles
    return np.asarray(np.exp(count * log_size + 1j * whole_turn), dtype=np.complex128)


def _geometric(tilt: float, angles: Floats, terms: int) -> NDArray[np.complex128]:
    """Sum over r below ``terms`` of exp(-(tilt + i angle) r)."""
    power = tilt + 1j * angles
    with np.errstate(divide="ignore", invalid="ignore"):
        value = np.expm1(-power * terms) / np.expm1(-power)
    return np.where(power == 0.0, complex(terms), value)


def log_binomial_tail(share: float, count: int, successes: int) -> float:
    """Natural logarithm of the chance of ``successes`` or more in ``count`` independent trials.

    Args:
        share: Chance of each, between 0 and 1.
        count: Trials.
        successes: Where the tail begins.

    Returns:
        The logarithm; minus infinity above ``count``.

    Example:
        >>> round(math.exp(log_binomial_tail(0.25, 4, 1)), 6)
        0.683594
    """
    if successes <= 0:
        return 0.0
    if successes > count:
        return -math.inf
    if successes <= count * share:
        # So many successes, unless there are too many failures.
        missing = log_binomial_tail(1.0 - share, count, count - successes + 1)
        return math.log1p(-min(math.exp(missing), 1.0 - 1e-16))
    return _log_binomial(share, count, successes) + math.log(_series(share, count, successes))


def _log_binomial(share: float, count: int, k: int) -> float:
    """Natural logarithm of the binomial mass, without large terms that cancel (Loader, 2000)."""
    if k == count:
        return count * math.log(share)
    rest = count - k
    excess = k - count * share
    deviance = _deviance(count * share, excess) + _deviance(count * (1.0 - share), -excess)
    errors = stirling_error(count) - stirling_error(k) - stirling_error(rest)
    return 0.5 * math.log(count / (2.0 * math.pi * k * rest)) + errors - deviance


def _deviance(mean: float, excess: float) -> float:
    """Give x log(x / mean) - (x - mean) for x = mean + excess."""
    off = excess / mean
    return mean * ((1.0 + off) * math.log1p(off) - off)


def _series(share: float, count: int, k: int) -> float:
    """Tail over its first term: one, plus the products of the ratios of neighbours."""
    odds = share / (1.0 - share)
    total, product, start = 1.0, 1.0, k
    while start < count and product > 1e-18 * total:
        j = np.arange(start, min(start + SERIES_BLOCK, count), dtype=np.float64)
        products = product * np.cumprod((count - j) / (j + 1.0) * odds)
        total += float(products.sum())
        product, start = float(products[-1]), start + SERIES_BLOCK
    return total
