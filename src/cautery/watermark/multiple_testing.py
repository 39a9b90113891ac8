"""Corrections for having tested many keys, profiles or texts, on base-10 logarithms of p-values."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


def bonferroni(log10_p: float, tests: int) -> float:
    """Correct the smallest of several p-values (Holm's first step), in decades.

    Example:
        >>> round(bonferroni(-500.0, 1000), 6)
        -497.0
    """
    return min(log10_p + math.log10(max(tests, 1)), 0.0)


def holm(log10_p: Floats) -> Floats:
    """Correct so that the chance of even one false detection stays below the level.

    Holm's step-down method (1979): valid whatever the dependence between the tests.

    Args:
        log10_p: Logarithms of the p-values, shape (tests,), in any order.

    Returns:
        Logarithms of the corrected ones, at most 0, in the same order.

    Example:
        >>> np.round(10 ** holm(np.log10([0.01, 0.04, 0.03])), 6).tolist()
        [0.03, 0.06, 0.06]
    """
    log10_p = np.asarray(log10_p, dtype=np.float64)
    order = np.argsort(log10_p, kind="stable")
    corrected = np.empty_like(log10_p)
    corrected[order] = holm_front(log10_p[order], len(order))
    return corrected


def holm_front(log10_p: Floats, tests: int) -> Floats:
    """Correct the smallest of many p-values as Holm does, without those behind them.

    Args:
        log10_p: Logarithms of the smallest p-values, ascending.
        tests: All tests, at least as many.

    Returns:
        Logarithms of the corrected ones, in the same order.
    """
    left = np.arange(tests, tests - len(log10_p), -1)
    return np.minimum(np.maximum.accumulate(log10_p + np.log10(left)), 0.0)


def benjamini_hochberg(log10_p: Floats) -> Floats:
    """Correct so that the expected share of false ones among the detections stays below the level.

    Benjamini and Hochberg (1995): for independent tests, or positively dependent ones as the
    same text under several profiles is.

    Args:
        log10_p: Logarithms of the p-values, shape (tests,), in any order.

    Returns:
        Logarithms of the corrected ones (q-values), at most 0, in the same order.

    Example:
        >>> np.round(10 ** benjamini_hochberg(np.log10([0.01, 0.04, 0.03])), 6).tolist()
        [0.03, 0.04, 0.04]
    """
    log10_p = np.asarray(log10_p, dtype=np.float64)
    order = np.argsort(log10_p, kind="stable")
    tests = len(order)
    stepped = log10_p[order] + math.log10(max(tests, 1)) - np.log10(np.arange(1, tests + 1))
    stepped = np.minimum.accumulate(stepped[::-1])[::-1]
    corrected = np.empty_like(log10_p)
    corrected[order] = np.minimum(stepped, 0.0)
    return corrected
