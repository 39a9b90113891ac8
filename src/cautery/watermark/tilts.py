"""Tilts: how much likelier a value is under a mark of a given strength than under none.

Under the null a position multiplies ``exp(tilt value - log_moment(tilt))`` with mean one. The
product over positions is a martingale, on which e-values and localisation rest: it is the
likelihood ratio of the exponential family that the law generates.
"""

from __future__ import annotations

import math
from functools import lru_cache
from typing import Final

import numpy as np
from numpy.typing import NDArray

from cautery.ports import NullDistribution

STRENGTHS: Final = (0.1, 0.2, 0.4, 0.8, 1.6)
"""Shifts of a position's mean, in standard deviations of an unmarked one, that are looked for:
from a diluted or weak mark (.1) to text of high entropy (Gumbel at 1.69 nats: 1.4)."""


def tilt_for(law: NullDistribution, strength: float) -> float:
    """Find the tilt that shifts a position's mean by so many standard deviations.

    A shift that the law cannot reach is replaced by nine tenths of the way to its end.
    """
    wanted = law.mean + strength * math.sqrt(law.variance)
    ceiling = law.tilted_mean(min(law.largest_tilt * (1.0 - 1e-9), 1e6))
    wanted = min(wanted, law.mean + 0.9 * (ceiling - law.mean))
    low, high = 0.0, min(1.0, law.largest_tilt * (1.0 - 1e-9))
    while law.tilted_mean(high) < wanted and high < min(law.largest_tilt * (1.0 - 1e-9), 1e6):
        high *= 2.0
    for _ in range(60):
        middle = 0.5 * (low + high)
        low, high = (middle, high) if law.tilted_mean(middle) < wanted else (low, middle)
    return 0.5 * (low + high)


@lru_cache(maxsize=64)
def tilts(
    law: NullDistribution, strengths: tuple[float, ...] = STRENGTHS
) -> tuple[tuple[float, float], ...]:
    """Give each strength's tilt and the natural logarithm of its moment."""
    found = [tilt_for(law, strength) for strength in strengths]
    return tuple((tilt, law.log_moment(tilt)) for tilt in found)


def increments(values: NDArray[np.float64], tilt: float, log_moment: float) -> NDArray[np.float64]:
    """Natural logarithm of each position's likelihood ratio, shape (positions,)."""
    return tilt * values - log_moment
