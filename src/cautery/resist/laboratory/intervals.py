"""Means over seeds with their intervals: Student's t, each seed one observation."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from cautery.errors import UsageError

FEWEST_SEEDS = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Interval:
    """A mean, and where it may lie."""

    mean: float
    low: float
    high: float


def t_interval(values: Sequence[float], level: float = 0.95) -> Interval:
    """Give the two-sided t interval of a mean.

    Args:
        values: One of each seed. Where all are equal the interval has no width: the seeds show no
            variation, which is less than to say that there is none.
        level: Coverage.

    Returns:
        The interval.

    Raises:
        UsageError: Of one value nobody can tell an interval.

    Example:
        >>> one = t_interval([0.4, 0.5, 0.6])
        >>> round(one.low, 3), round(one.high, 3)
        (0.252, 0.748)
    """
    if len(values) < FEWEST_SEEDS:
        raise UsageError(f"an interval needs at least {FEWEST_SEEDS} seeds")
    from scipy import stats

    count, mean = len(values), float(np.mean(values))
    error = float(np.std(values, ddof=1)) / math.sqrt(count)
    reach = float(stats.t.ppf(0.5 + level / 2.0, count - 1)) * error
    return Interval(mean=mean, low=mean - reach, high=mean + reach)
