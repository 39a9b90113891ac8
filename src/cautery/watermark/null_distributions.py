"""How each scheme's statistic is distributed in a text that the key did not mark.

Every law gives the exact upper tail in base-10 logarithms, so that a chance of 1e-100000 is a
number like any other. One class a law; a scheme's ``null()`` returns one of them.

Example:
    Two thousand tokens of vLLM's Gumbel scheme with a score of 12,000:

    >>> round(GammaSum().log10_upper_tail(12000.0, 2000), 6)
    -2789.390963
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Final

import numpy as np

from cautery.watermark.gamma_tails import log_dual_gamma_tail, log_gamma_tail
from cautery.watermark.lattice_tails import Bits, log_binomial_tail, log_bits_tail
from cautery.watermark.special_functions import expit

if TYPE_CHECKING:
    from numpy.typing import NDArray

LOG_10: Final = math.log(10.0)
LARGEST_DENOMINATOR: Final = 4_096
"""Weights must be whole multiples of their smallest over at most this; linspace(10, 1, m) needs
m - 1."""
TIE: Final = 1e-3
"""A statistic so near a lattice point (in whole weights) is on it; the rest is rounding."""


def _decades(log: float, statistic: float, count: int) -> float:
    """Turn a natural logarithm into decades; a tail is never above one, nor minus zero."""
    if math.isnan(statistic) or count < 0:
        raise ValueError(f"no tail of {statistic} in {count} positions")
    return min(log / LOG_10, 0.0) or 0.0


@dataclass(frozen=True)
class GammaSum:
    """Sum of Exp(1) values: Gamma(count, 1). Gumbel schemes, with values -ln(1-u)."""

    mean = 1.0
    """Of one position's value."""
    variance = 1.0
    largest_tilt = 1.0
    """``log_moment`` is finite below it."""

    def statistic(self, values: NDArray[np.float64]) -> float:
        """Sum the values."""
        return float(np.sum(values))

    def log10_upper_tail(self, statistic: float, count: int) -> float:
        """Give log10 of the chance of this sum or more in ``count`` positions."""
        if count < 1 or math.isnan(statistic):
            return _decades(0.0 if statistic <= 0 else -math.inf, statistic, count)
        log = float(log_gamma_tail(float(count), np.array([statistic]))[0])
        return _decades(log, statistic, count)

    def log_moment(self, tilt: float) -> float:
        """Natural logarithm of the mean of exp(tilt value) at one position."""
        return -math.log1p(-tilt)

    def tilted_mean(self, tilt: float) -> float:
        """Mean of one value under the law tilted by exp(tilt value): derivative of the former."""
        return 1.0 / (1.0 - tilt)

    def most(self, count: int) -> float:
        """Give the largest statistic that there is."""
        return math.inf if count else 0.0

    def at_mean(self, mean: float, count: int) -> float:
        """Give the statistic of ``count`` positions whose values have this mean."""
        return mean * count


@dataclass(frozen=True)
class DualGammaSum:
    """Sum of (1-alpha) a + alpha b with a, b Exp(1): a negative-binomial mixture of Gammas."""

    alpha: float
    """Weight of the second key's value, from 0 to 1."""

    mean = 1.0

    def __post_init__(self) -> None:
        if not 0.0 <= self.alpha <= 1.0:
            raise ValueError(f"alpha must lie from 0 to 1, not {self.alpha}")

    @property
    def variance(self) -> float:
        """Of one position's value."""
        return (1.0 - self.alpha) ** 2 + self.alpha**2

    @property
    def largest_tilt(self) -> float:
        """``log_moment`` is finite below it."""
        return 1.0 / max(self.alpha, 1.0 - self.alpha)

    def statistic(self, values: NDArray[np.float64]) -> float:
        """Sum the values."""
        return float(np.sum(values))

    def log10_upper_tail(self, statistic: float, count: int) -> float:
        """Give log10 of the chance of this sum or more in ``count`` positions."""
        if count < 1 or math.isnan(statistic) or self.alpha in {0.0, 1.0}:
            return GammaSum().log10_upper_tail(statistic, count)
        if self.alpha == 0.5:
            return GammaSum().log10_upper_tail(2.0 * statistic, 2 * count)
        log = log_dual_gamma_tail(self.alpha, float(count), statistic)
        return _decades(log, statistic, count)

    def log_moment(self, tilt: float) -> float:
        """Natural logarithm of the mean of exp(tilt value) at one position."""
        return -math.log1p(-tilt * (1.0 - self.alpha)) - math.log1p(-tilt * self.alpha)

    def tilted_mean(self, tilt: float) -> float:
        """Mean of one value under the law tilted by exp(tilt value)."""
        first, second = 1.0 - self.alpha, self.alpha
        return first / (1.0 - tilt * first) + second / (1.0 - tilt * second)

    def most(self, count: int) -> float:
        """Give the largest statistic that there is."""
        return math.inf if count else 0.0

    def at_mean(self, mean: float, count: int) -> float:
        """Give the statistic of ``count`` positions whose values have this mean."""
        return mean * count


@dataclass(frozen=True)
class GreenCount:
    """Number of green tokens: binomial. Values are 0 or 1."""

    share: float
    """Share of the vocabulary that is green, between 0 and 1 (gamma)."""

    largest_tilt = math.inf

    def __post_init__(self) -> None:
        if not 0.0 < self.share < 1.0:
            raise ValueError(f"the share must lie between 0 and 1, not {self.share}")

    @property
    def mean(self) -> float:
        """Of one position's value."""
        return self.share

    @property
    def variance(self) -> float:
        """Of one position's value."""
        return self.share * (1.0 - self.share)

    def statistic(self, values: NDArray[np.float64]) -> float:
        """Count the green tokens."""
        return float(np.sum(values))

    def log10_upper_tail(self, statistic: float, count: int) -> float:
        """Give log10 of the chance of so many green tokens or more in ``count`` positions."""
        if math.isnan(statistic) or math.isinf(statistic):
            return _decades(math.copysign(math.inf, -statistic), statistic, count)
        log = log_binomial_tail(self.share, count, math.ceil(statistic - TIE))
        return _decades(log, statistic, count)

    def log_moment(self, tilt: float) -> float:
        """Natural logarithm of the mean of exp(tilt value) at one position."""
        return float(np.logaddexp(math.log1p(-self.share), math.log(self.share) + tilt))

    def tilted_mean(self, tilt: float) -> float:
        """Mean of one value under the law tilted by exp(tilt value)."""
        odds = math.log(self.share) - math.log1p(-self.share)
        return float(expit(np.asarray(tilt + odds)))

    def most(self, count: int) -> float:
        """Give the largest statistic that there is."""
        return float(count)

    def at_mean(self, mean: float, count: int) -> float:
        """Give the statistic of ``count`` positions whose values have this mean."""
        return mean * count


@dataclass(frozen=True)
class WeightedBitMean:
    """Mean over positions of the weighted mean of bits: SynthID's two statistics.

    Weights must be commensurable (whole multiples of a fraction of the smallest), as all equal
    ones and ``linspace(10, 1, m)`` are: then the law lives on a lattice and its tail is exact. A
    statistic that is off a lattice point by rounding alone counts as on it.
    """

    weights: tuple[float, ...]
    """Weight of each layer's bit, above zero; only their ratios matter."""
    share: float = 0.5
    """Chance that a bit is set, between 0 and 1: the share of ones in the table it is read from."""

    def __post_init__(self) -> None:
        if not 0.0 < self.share < 1.0:
            raise ValueError(f"the share must lie between 0 and 1, not {self.share}")
        weights = tuple(float(weight) for weight in self.weights)
        if not weights or not all(0.0 < weight < math.inf for weight in weights):
            raise ValueError("weights must be above zero, and at least one")
        object.__setattr__(self, "weights", weights)
        _ = self.bits

    @cached_property
    def bits(self) -> Bits:
        """The weights as whole numbers without a common divisor."""
        ratios = np.asarray(self.weights) / min(self.weights)
        for denominator in range(1, LARGEST_DENOMINATOR + 1):
            multiples = ratios * denominator
            whole = np.rint(multiples)
            if np.all(np.abs(multiples - whole) <= 1e-12 * multiples + 1e-12 * denominator):
                divisor = math.gcd(*(int(weight) for weight in whole))
                parts = tuple(int(weight) // divisor for weight in whole)
                return Bits(parts, self.share)
        raise ValueError("weights must be whole multiples of a common unit")

    @property
    def mean(self) -> float:
        """Of one position's value."""
        return self.share

    @property
    def variance(self) -> float:
        """Of one position's value."""
        shares = np.asarray(self.bits.weights) / self.bits.total
        return self.share * (1.0 - self.share) * float((shares**2).sum())

    @property
    def largest_tilt(self) -> float:
        """``log_moment`` is finite everywhere."""
        return math.inf

    def statistic(self, values: NDArray[np.float64]) -> float:
        """Average the values; none give 0."""
        return float(np.mean(values)) if len(values) else 0.0

    def log10_upper_tail(self, statistic: float, count: int) -> float:
        """Give log10 of the chance of this mean or more over ``count`` positions."""
        if count < 1 or math.isnan(statistic) or math.isinf(statistic):
            return _decades(0.0 if statistic <= 0.0 else -math.inf, statistic, count)
        steps = self.bits.total * count
        tie = min(max(TIE, 1e-14 * steps), 0.49)
        log = log_bits_tail(self.bits, count, math.ceil(statistic * steps - tie))
        return _decades(log, statistic, count)

    def log_moment(self, tilt: float) -> float:
        """Natural logarithm of the mean of exp(tilt value) at one position."""
        shares = np.asarray(self.bits.weights) / self.bits.total
        unset, is_set = math.log1p(-self.share), math.log(self.share)
        return float(np.logaddexp(unset, is_set + tilt * shares).sum())

    def tilted_mean(self, tilt: float) -> float:
        """Mean of one value under the law tilted by exp(tilt value)."""
        shares = np.asarray(self.bits.weights) / self.bits.total
        return float((shares * expit(tilt * shares + self.bits.log_odds)).sum())

    def most(self, count: int) -> float:
        """Give the largest statistic that there is."""
        return 1.0 if count else 0.0

    def at_mean(self, mean: float, count: int) -> float:
        """Give the statistic of ``count`` positions whose values have this mean."""
        return mean
