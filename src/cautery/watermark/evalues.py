"""E-values: evidence that may be looked at any time, and pooled.

An e-value has a mean of at most one if no key marked the text. By Ville's inequality a stream's
running e-value ever reaches 1/alpha with a chance of at most alpha, however often one looks and
whenever one stops; by Markov's, any single one does. So its inverse is a p-value at any time.

Sources: Ville (1939); Robbins (1970), mixtures; Vovk and Wang (2021), merging and calibration;
Ramdas and others (2023), a survey.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from cautery.watermark.tilts import STRENGTHS, tilts

if TYPE_CHECKING:
    from cautery.ports import NullDistribution

LOG_10 = math.log(10.0)


class Stream:
    """Evidence of one key over a stream of scored values, to be read at any time.

    The e-value is the mean, over strengths of a mark, of the likelihood ratio of a mark of this
    strength. Repetitions must be left out over the whole stream (``scoring.Documents``).

    Args:
        law: Of the values in unmarked text.
        strengths: Shifts of the mean to look for, in standard deviations; equal weights.

    Example:
        >>> from cautery.watermark.null_distributions import GammaSum
        >>> stream = Stream(GammaSum())
        >>> for _ in range(10):
        ...     evidence = stream.add(np.full(20, 2.4))
        >>> round(evidence, 1), round(stream.log10_p, 1)
        (44.6, -44.6)
    """

    def __init__(self, law: NullDistribution, strengths: tuple[float, ...] = STRENGTHS) -> None:
        self._tilts = np.asarray(tilts(law, strengths), dtype=np.float64)
        self._sum = 0.0
        self._best = 0.0
        self.count = 0
        """Values so far."""

    def add(self, values: NDArray[np.float64]) -> float:
        """Take in more values, in order.

        Args:
            values: Of newly scored positions, shape (positions,).

        Returns:
            log10 of the e-value after them.
        """
        self._sum += float(np.sum(values))
        self.count += len(values)
        now = self.log10_e
        self._best = max(self._best, now)
        return now

    @property
    def log10_e(self) -> float:
        """log10 of the e-value now; 0 of an empty stream."""
        logs = self._tilts[:, 0] * self._sum - self.count * self._tilts[:, 1]
        return _log10_mean(logs)

    @property
    def log10_p(self) -> float:
        """log10 of the anytime-valid p-value: the inverse of the largest e-value seen."""
        return -self._best or 0.0


def e_from_p(log10_p: float) -> float:
    """Turn a p-value into an e-value, with no tuning.

    The mean of the calibrators k p^(k-1) over k from 0 to 1: (1 - p + p log p) / (p log^2 p)
    (Vovk and Wang, 2021). It costs about 2 log10(log 1/p) decades of the p-value.

    Args:
        log10_p: Logarithm of a valid p-value.

    Returns:
        log10 of the e-value.

    Example:
        >>> round(e_from_p(-500.0), 2), round(e_from_p(0.0), 2)
        (493.88, -0.3)
    """
    log_p = min(log10_p, 0.0) * LOG_10
    if log_p > -1e-3:
        # 1/2 + |log p| / 6 ... near p = 1, where the formula is 0/0.
        return math.log10(0.5 - log_p / 6.0)
    numerator = -math.expm1(log_p) + math.exp(log_p) * log_p
    return (math.log(numerator) - log_p - 2.0 * math.log(-log_p)) / LOG_10


def pool_independent(log10_e: Sequence[float]) -> float:
    """Pool leaks that share no scored input: the product of their e-values.

    Texts scored with one ``scoring.Documents`` are of this kind, also if which text is looked at
    next depends on what was found: each e-value has mean one given the earlier texts.

    Returns:
        log10 of the pooled e-value.
    """
    return float(math.fsum(log10_e))


def pool_any(log10_e: Sequence[float]) -> float:
    """Pool e-values whatever their dependence: their mean (Vovk and Wang, 2021).

    Returns:
        log10 of the pooled e-value; of none, 0.

    Example:
        >>> round(pool_any([3.0, 0.0]), 3)
        2.699
    """
    if not len(log10_e):
        return 0.0
    logs = np.asarray(log10_e, dtype=np.float64) * LOG_10
    return _log10_mean(logs)


def _log10_mean(logs: NDArray[np.float64]) -> float:
    """Mean of numbers given by natural logarithms, as a decimal one."""
    most = float(logs.max())
    return (most + math.log(float(np.exp(logs - most).mean()))) / LOG_10


def p_from_e(log10_e: float) -> float:
    """Turn an e-value into a p-value (Markov): log10 of min(1, 1/e)."""
    return min(-log10_e, 0.0) or 0.0
