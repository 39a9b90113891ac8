"""Two models on the same questions: an exact test, an interval of the difference, and power.

- Q. McNemar, *Note on the sampling error of the difference between correlated proportions*
  (Psychometrika 1947); here the exact binomial test of the pairs that differ, one-sided.
- R. G. Newcombe, *Improved confidence intervals for the difference between binomial proportions
  based on paired data* (Statistics in Medicine 17, 1998, 2635-2650), method 10.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

WANTED_POWER: Final = 0.9
NORMAL_QUANTILE: Final = 1.959963984540054
"""Of 97.5 %."""
_HALVINGS: Final = 30


@dataclass(frozen=True, slots=True, kw_only=True)
class PairedCounts:
    """Pairs by what both did."""

    both: int
    """Both did what was wanted."""
    lost: int
    """Only the teacher did."""
    gained: int
    """Only the suspect did."""
    neither: int

    @property
    def pairs(self) -> int:
        """All of them."""
        return self.both + self.lost + self.gained + self.neither


def log10_chance_of_loss(lost: int, gained: int) -> float:
    """Chance of so many lost or more, if each pair that differs is as likely lost as gained.

    Args:
        lost: Pairs lost.
        gained: Pairs gained.

    Returns:
        The logarithm of McNemar's exact one-sided p-value, at most 0.

    Example:
        >>> round(10 ** log10_chance_of_loss(5, 0), 5)
        0.03125
    """
    differing = lost + gained
    term = tail = 1  # terms of the binomial from the far end, without fractions
    for place in range(differing, lost, -1):
        term = term * place // (differing - place + 1)
        tail += term
    return min(math.log10(tail) - differing * math.log10(2.0), 0.0)


def wilson(successes: int, trials: int) -> tuple[float, float]:
    """Bound a share at 95 % (Wilson 1927).

    Args:
        successes: Hits.
        trials: Tries.

    Returns:
        Lower and upper end; (0, 1) without a try.

    Example:
        >>> [round(end, 4) for end in wilson(95, 100)]
        [0.8882, 0.9785]
    """
    if not trials:
        return 0.0, 1.0
    share, square = successes / trials, NORMAL_QUANTILE**2
    centre = share + square / (2 * trials)
    half = NORMAL_QUANTILE * math.sqrt(
        share * (1 - share) / trials + square / (4 * trials * trials)
    )
    whole = 1 + square / trials
    low = 0.0 if successes == 0 else (centre - half) / whole
    return max(low, 0.0), 1.0 if successes == trials else min((centre + half) / whole, 1.0)


def difference_interval(counts: PairedCounts) -> tuple[float, float, float]:
    """Estimate the teacher's share minus the suspect's (Newcombe 1998, method 10).

    Args:
        counts: The pairs.

    Returns:
        The difference, and its 95 % interval; (0, -1, 1) without a pair.

    Example:
        >>> pairs = PairedCounts(both=0, lost=20, gained=0, neither=0)
        >>> [round(value, 3) for value in difference_interval(pairs)]
        [1.0, 0.772, 1.0]
    """
    pairs = counts.pairs
    if not pairs:
        return 0.0, -1.0, 1.0
    first, second = counts.both + counts.lost, counts.both + counts.gained
    low_1, high_1 = wilson(first, pairs)
    low_2, high_2 = wilson(second, pairs)
    share_1, share_2 = first / pairs, second / pairs
    difference, correlation = (counts.lost - counts.gained) / pairs, _correlation(counts)
    below = _joined(share_1 - low_1, high_2 - share_2, correlation)
    above = _joined(high_1 - share_1, share_2 - low_2, correlation)
    return difference, max(difference - below, -1.0), min(difference + above, 1.0)


def _joined(one: float, other: float, correlation: float) -> float:
    return math.sqrt(max(one * one - 2 * correlation * one * other + other * other, 0.0))


def _correlation(counts: PairedCounts) -> float:
    """Newcombe's phi, with his correction for continuity."""
    first, second = counts.both + counts.lost, counts.both + counts.gained
    pairs = counts.pairs
    product = first * (pairs - first) * second * (pairs - second)
    if not product:
        return 0.0
    excess = float(counts.both * counts.neither - counts.lost * counts.gained)
    if excess > 0:
        excess = max(excess - pairs / 2, 0.0)
    return excess / math.sqrt(product)


def power_of_loss(pairs: int, lost_share: float, gained_share: float, log10_level: float) -> float:
    """Chance that the exact test shows a loss.

    Args:
        pairs: Pairs of the suite.
        lost_share: Chance that a pair is lost.
        gained_share: Chance that it is gained.
        log10_level: Largest p-value that counts.

    Returns:
        From 0 to 1.

    Example:
        >>> round(power_of_loss(30, 0.5, 0.0, -2.0), 3)
        0.999
    """
    import numpy as np
    from scipy.stats import binom  # slow to import, needed here only

    differing_share = min(lost_share + gained_share, 1.0)
    if not pairs or not differing_share:
        return 0.0
    differing = np.arange(pairs + 1)
    critical = binom.isf(10.0**log10_level, differing, 0.5)  # the test rejects above it
    shown = binom.sf(critical, differing, lost_share / differing_share)
    return float(np.sum(binom.pmf(differing, pairs, differing_share) * shown))


def loss_needed(
    pairs: int, gained_share: float, log10_level: float, most: float = 1.0
) -> float | None:
    """Find the loss that shows with 90 % chance.

    Args:
        pairs: Pairs of the suite.
        gained_share: Chance that a pair is gained.
        log10_level: Largest p-value that counts.
        most: Largest share that can be lost: what the teacher does as wanted.

    Returns:
        The share of pairs lost; None if even the most would often not show.
    """
    most = min(most, 1.0 - gained_share)
    if most <= 0 or power_of_loss(pairs, most, gained_share, log10_level) < WANTED_POWER:
        return None
    low, high = 0.0, most
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        if power_of_loss(pairs, middle, gained_share, log10_level) < WANTED_POWER:
            low = middle
        else:
            high = middle
    return high
