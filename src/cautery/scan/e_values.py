"""E-values: evidence that may be looked at every day, for as long as one likes.

An e-value is a number that is 1 or less on average where the null holds. Products of e-values of
days, each fair given the days before, are a test martingale: under the null it ever reaches
``1 / a`` with a chance of ``a`` at most (Ville 1939), whenever one looks and whenever one stops. A
p-value of all days together, looked at daily, has no such bound.
"""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.special import gammaln

Floats = NDArray[np.float64]

LEAST_P: Final = 1e-300
"""Smallest p-value that is told apart from zero."""
DIGITS: Final = 10
"""Digits that count where statistics are compared, so that no order of summation decides a tie."""


def calibrated(p_values: Floats) -> Floats:
    """Turn p-values into e-values, by the mixture of all ``k * p ** (k - 1)``, k from 0 to 1.

    Args:
        p_values: Chances under the null, any shape.

    Returns:
        ``(1 - p + p ln p) / (p ln(p) ** 2)``: 1/2 at a p-value of 1, ``1 / (p ln(p) ** 2)`` far
        out (Vovk and Wang, Annals of Statistics 2021). Its mean over a uniform p is 1.

    Example:
        >>> calibrated(np.array([1.0, 0.05, 0.001])).round(2).tolist()
        [0.5, 1.78, 20.79]
    """
    p = np.clip(np.asarray(p_values, dtype=np.float64), LEAST_P, 1.0)
    log = np.log(p)
    # Near 1 both halves of the fraction vanish: its series is 1/2 - (p - 1) / 6.
    near = p > 1.0 - 1e-4
    safe = np.where(near, -1.0, log)
    found = (1.0 - p + p * log) / (p * safe**2)
    return np.asarray(np.where(near, 0.5 + (1.0 - p) / 6.0, found), dtype=np.float64)


def e_of_discrete(chances: Floats, place: int) -> float:
    """E-value of a test with few outcomes, none of its worth lost to their being few.

    Args:
        chances: Chance of every outcome under the null, the most telling one first.
        place: Which of them was seen.

    Returns:
        The calibrated p-value, divided by its mean under the null; 1 if only one outcome can be.

    Example:
        >>> e_of_discrete(np.array([1.0]), 0)
        1.0
    """
    worth = calibrated(np.minimum(np.cumsum(chances), 1.0))
    return float(worth[place] / max(float((chances * worth).sum()), LEAST_P))


def e_of_permutations(observed: float, drawn: Floats) -> float:
    """E-value of a permutation test, ties and all.

    Under the null the observed statistic is a random one of all these values. So the calibrated
    p-value of each is divided by the mean over them: the mean under the null is 1 exactly.

    Args:
        observed: Statistic as it was seen; large ones tell.
        drawn: The same of random relabellings.

    Returns:
        The e-value; 1 if all relabellings give the same.

    Example:
        >>> e_of_permutations(3.0, np.full(99, 3.0))
        1.0
    """
    values = np.round(np.concatenate([[observed], drawn]), DIGITS)
    ordered = np.sort(values)
    as_large = values.size - np.searchsorted(ordered, values, side="left")
    worth = calibrated(as_large / values.size)
    return float(worth[0] / worth.mean())


def overlap_chances(population: int, first: int, second: int) -> tuple[int, Floats]:
    """Chances of the overlap of two random subsets (hypergeometric), the largest overlap first.

    Args:
        population: Units in all.
        first: Units with one property.
        second: Units with the other.

    Returns:
        The largest possible overlap, and the chance of it and of each smaller one.

    Example:
        >>> most, chances = overlap_chances(4, 2, 2)
        >>> most, chances.round(3).tolist()
        (2, [0.167, 0.667, 0.167])
    """
    most, least = min(first, second), max(first + second - population, 0)
    x = np.arange(most, least - 1, -1, dtype=np.float64)
    logs = (
        _log_choose(float(first), x)
        + _log_choose(float(population - first), second - x)
        - _log_choose(float(population), np.full(1, float(second)))
    )
    chances = np.exp(logs)
    return most, np.asarray(chances / chances.sum(), dtype=np.float64)


def _log_choose(n: float, k: Floats) -> Floats:
    return np.asarray(gammaln(n + 1) - gammaln(k + 1) - gammaln(n - k + 1), dtype=np.float64)
