"""The exact law of a sum of whole weights, of either sign, over green tokens.

Each pair is green with chance gamma, independently, whatever its weight; weights may not depend on
the key. The upper tail is summed from the probabilities under the law tilted towards the statistic
(Cramer), which an inverse Fourier transform gives: exact to rounding, however small the chance.
Tokens of one context share a green list of fixed size, so that they are a little less spread than
independent ones: the chance is, if anything, too large.
"""

from __future__ import annotations

import math
from typing import Final

import numpy as np
from numpy.typing import NDArray

LOG_10: Final = math.log(10.0)
REACH: Final = 12.0
"""Standard deviations of the tilted law to either side that are told apart; beyond them is less
than rounding."""
MOST_PLACES: Final = 2**22
STEPS: Final = 80
"""Halvings for the tilt."""


def log10_upper_tail(weights: NDArray[np.int64], share: float, statistic: int) -> float:
    """Give log10 of the chance of this sum or more.

    Args:
        weights: Of the pairs, shape (pairs,).
        share: Chance that a pair is green, between 0 and 1.
        statistic: Sum of the weights of the green ones.

    Returns:
        At most 0.

    Raises:
        ValueError: The weights are too many and too large for this machine.

    Example:
        >>> round(10 ** log10_upper_tail(np.array([2, -1]), 0.25, 2), 4)
        0.1875
    """
    values, counts = np.unique(weights[weights != 0], return_counts=True)
    if not len(values) or statistic <= int((np.minimum(values, 0) * counts).sum()):
        return 0.0
    # None greater is possible; it is reached where all positive weights, and no other, are green.
    statistic = min(statistic, int((np.maximum(values, 0) * counts).sum()))
    tilt = _tilt(values, counts, share, statistic)
    chances = _tilted(values, share, tilt)
    deviation = math.sqrt(float((counts * values**2 * chances * (1.0 - chances)).sum()))
    heaviest, span = int(np.abs(values).max()), int((np.abs(values) * counts).sum())
    wanted = 2.0 * min(REACH * deviation + 8.0 * heaviest, span) + 2.0
    places = 1 << math.ceil(math.log2(wanted))
    if places > MOST_PLACES:
        raise ValueError(f"weights of {places:,} places")
    angles = 2.0 * math.pi * np.fft.rfftfreq(places)
    size, phase = np.zeros(len(angles)), -angles * statistic
    for value, count, chance in zip(values, counts, chances, strict=True):
        turn = angles * value
        real, imaginary = 1.0 - chance + chance * np.cos(turn), chance * np.sin(turn)
        size += 0.5 * count * np.log(np.maximum(real**2 + imaginary**2, 1e-300))
        phase += count * np.arctan2(imaginary, real)
    # The law's transform, moved so that place 0 is the statistic; the law is real.
    wave = np.exp(size + 1j * np.remainder(phase, 2.0 * math.pi))
    law = np.maximum(np.fft.irfft(np.conj(wave), places), 0.0)
    above = law[: places // 2]
    shrunk = float((above * np.exp(-tilt * np.arange(len(above)))).sum())
    moment = float((counts * np.log1p(share * np.expm1(tilt * values))).sum())
    log = math.log(max(shrunk, 1e-300)) + moment - tilt * statistic
    return min(log / LOG_10, 0.0) or 0.0


def _tilted(values: NDArray[np.int64], share: float, tilt: float) -> NDArray[np.float64]:
    """Chance of each weight's pairs to be green under the tilted law."""
    odds = math.log(share) - math.log1p(-share) + tilt * values
    chances: NDArray[np.float64] = 1.0 / (1.0 + np.exp(-np.clip(odds, -700.0, 700.0)))
    return chances


def _tilt(
    values: NDArray[np.int64], counts: NDArray[np.int64], share: float, statistic: int
) -> float:
    """Find the tilt under which the statistic is the mean; 0 where it is below the mean."""

    def mean(tilt: float) -> float:
        return float((counts * values * _tilted(values, share, tilt)).sum())

    low, high = 0.0, 30.0
    if mean(low) >= statistic:
        return 0.0
    for _ in range(STEPS):
        middle = 0.5 * (low + high)
        low, high = (middle, high) if mean(middle) < statistic else (low, middle)
    return low
