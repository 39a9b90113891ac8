"""Exact, small measures of a scan against the truth: pure functions of plain values.

Sources: adjusted Rand index, Hubert and Arabie (1985); B-cubed, Bagga and Baldwin (1998) in the
form of Amigo et al. (2009); interval of Wilson (1927); bound of Clopper and Pearson (1934);
expected calibration error, Naeini et al. (2015), on fixed bins.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from typing import Final

CALIBRATION_EDGES: Final[tuple[float, ...]] = (0.0, 0.01, 0.1, 0.5, 0.9, 0.99, 1.0)
"""Edges of the calibration bins: few, and the bands' floors are among them."""

NORMAL_QUANTILE_95: Final = 1.959963984540054
"""Two-sided 95 % quantile of the normal distribution."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BCubed:
    """B-cubed agreement of two groupings of the same items."""

    precision: float
    """Mean share of an item's predicted group that truly belongs with it."""
    recall: float
    """Mean share of an item's true group that was predicted together with it."""
    f_score: float
    """Harmonic mean of the two."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CalibrationBin:
    """Accounts whose printed chance lies in one range."""

    low: float
    high: float
    count: int
    mean_probability: float
    """Mean printed chance; 0 for an empty bin."""
    observed_share: float
    """Share that are attackers; 0 for an empty bin."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Calibration:
    """How far printed chances are from observed shares."""

    brier_score: float
    """Mean squared error of the chance."""
    expected_error: float
    """Mean absolute gap between chance and share, weighted by the bins' counts."""
    bins: tuple[CalibrationBin, ...]


def _pairs(count: int) -> int:
    return count * (count - 1) // 2


def adjusted_rand_index(true: Sequence[Hashable], predicted: Sequence[Hashable]) -> float:
    """Measure how well two groupings agree on pairs, corrected for chance.

    Args:
        true: True group of each item.
        predicted: Predicted group of each item, in the same order.

    Returns:
        1 for identical groupings, about 0 for independent ones, and it may be negative. Two
        groupings that both have no choice (all alone, or all together) count as identical.

    Raises:
        ValueError: The two have different lengths.

    Example:
        >>> adjusted_rand_index("aabb", "xxyy")
        1.0
        >>> round(adjusted_rand_index("aaabbb", "xxyyzz"), 4)
        0.2424
    """
    _check_lengths(true, predicted)
    together = sum(_pairs(n) for n in Counter(zip(true, predicted, strict=True)).values())
    in_true = sum(_pairs(n) for n in Counter(true).values())
    in_predicted = sum(_pairs(n) for n in Counter(predicted).values())
    # Cross-multiplied, so that whole numbers stay exact until the one division at the end.
    every = _pairs(len(true))
    denominator = every * (in_true + in_predicted) - 2 * in_true * in_predicted
    if denominator == 0:
        return 1.0
    return 2 * (every * together - in_true * in_predicted) / denominator


def b_cubed(true: Sequence[Hashable], predicted: Sequence[Hashable]) -> BCubed:
    """Measure per item how pure its predicted group is and how whole its true group stayed.

    Args:
        true: True group of each item.
        predicted: Predicted group of each item, in the same order.

    Returns:
        Precision, recall and their harmonic mean; all 1 when there is no item.

    Raises:
        ValueError: The two have different lengths.

    Example:
        >>> b_cubed("aabb", "xxxx")
        BCubed(precision=0.5, recall=1.0, f_score=0.6666666666666666)
    """
    _check_lengths(true, predicted)
    if not true:
        return BCubed(precision=1.0, recall=1.0, f_score=1.0)
    cells = Counter(zip(true, predicted, strict=True))
    true_sizes, predicted_sizes = Counter(true), Counter(predicted)
    precision = math.fsum(n * n / predicted_sizes[group] for (_, group), n in cells.items())
    recall = math.fsum(n * n / true_sizes[group] for (group, _), n in cells.items())
    precision, recall = precision / len(true), recall / len(true)
    return BCubed(
        precision=precision, recall=recall, f_score=2 * precision * recall / (precision + recall)
    )


def _check_lengths(true: Sequence[Hashable], predicted: Sequence[Hashable]) -> None:
    if len(true) != len(predicted):
        raise ValueError(f"{len(true)} true groups but {len(predicted)} predicted ones")


def wilson_interval(successes: int, trials: int) -> tuple[float, float]:
    """Bound a share from both sides at 95 % (Wilson).

    Args:
        successes: Number of hits.
        trials: Number of tries.

    Returns:
        Lower and upper bound; (0, 1) when nothing was tried.

    Example:
        >>> [round(bound, 4) for bound in wilson_interval(95, 100)]
        [0.8882, 0.9785]
    """
    if trials == 0:
        return (0.0, 1.0)
    share, square = successes / trials, NORMAL_QUANTILE_95**2
    centre = (share + square / (2 * trials)) / (1 + square / trials)
    half = math.sqrt(share * (1 - share) / trials + square / (4 * trials * trials))
    half *= NORMAL_QUANTILE_95 / (1 + square / trials)
    low = 0.0 if successes == 0 else max(0.0, centre - half)
    high = 1.0 if successes == trials else min(1.0, centre + half)
    return (low, high)


def upper_bound(successes: int, trials: int, confidence: float = 0.95) -> float:
    """Bound a share from above, exactly (Clopper and Pearson, one-sided).

    Args:
        successes: Number of hits.
        trials: Number of tries.
        confidence: How sure the bound is.

    Returns:
        The largest share under which so few hits are not yet surprising; 1 if nothing was tried.

    Example:
        >>> round(upper_bound(0, 20), 4)
        0.1391
    """
    if successes >= trials:
        return 1.0
    if successes == 0:
        return float(1.0 - (1.0 - confidence) ** (1.0 / trials))
    from scipy.special import betaincinv

    return float(betaincinv(successes + 1, trials - successes, confidence))


def calibration(probabilities: Sequence[float], outcomes: Sequence[bool]) -> Calibration:
    """Compare printed chances with what is true.

    Args:
        probabilities: Printed chance of each account.
        outcomes: Whether the account is an attacker, in the same order.

    Returns:
        Brier score, expected calibration error and the bins they rest on.

    Raises:
        ValueError: The two have different lengths.

    Example:
        >>> calibration([1.0, 0.0], [True, False]).expected_error
        0.0
    """
    _check_lengths(probabilities, outcomes)
    held: list[list[tuple[float, bool]]] = [[] for _ in CALIBRATION_EDGES[1:]]
    for probability, outcome in zip(probabilities, outcomes, strict=True):
        held[_bin_of(probability)].append((probability, outcome))
    bins = tuple(
        _bin(low, high, items)
        for low, high, items in zip(CALIBRATION_EDGES, CALIBRATION_EDGES[1:], held, strict=False)
    )
    total = max(len(probabilities), 1)
    squares = ((p - o) ** 2 for p, o in zip(probabilities, outcomes, strict=True))
    gaps = (b.count * abs(b.mean_probability - b.observed_share) for b in bins)
    return Calibration(
        brier_score=math.fsum(squares) / total,
        expected_error=math.fsum(gaps) / total,
        bins=bins,
    )


def _bin_of(probability: float) -> int:
    inner = CALIBRATION_EDGES[1:-1]
    return sum(1 for edge in inner if probability >= edge)


def _bin(low: float, high: float, items: list[tuple[float, bool]]) -> CalibrationBin:
    count = len(items)
    return CalibrationBin(
        low=low,
        high=high,
        count=count,
        mean_probability=math.fsum(p for p, _ in items) / count if count else 0.0,
        observed_share=sum(o for _, o in items) / count if count else 0.0,
    )
