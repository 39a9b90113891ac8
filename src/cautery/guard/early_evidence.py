"""E-values for yes-or-no observations whose chance under the null is known to be small.

Each observation is a hit or a miss. Under the null a hit has a chance of at most ``q``, whatever
came before. For any larger ``p``, the ratio of likelihoods ``p / q`` (hit) or ``(1 - p) / (1 -
q)`` (miss) has a mean of at most 1, so the product of ratios is a supermartingale that begins at
1, and so is the mean of the products of several ``p``. It ever reaches ``2 ** b`` with a chance of
``2 ** -b`` at most, whenever one looks and stops (Ville 1939; Robbins 1970 for mixtures).
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Final

STRENGTHS: Final = (0.03, 0.1, 0.3, 0.7)
"""Chances of a hit that are looked for; one that is not above ``q`` stays at 1."""


def hit_bits(q: float) -> tuple[float, ...]:
    """Give what a hit adds to the bits of each strength.

    Args:
        q: Largest chance of a hit under the null, between 0 and 1.

    Returns:
        Bits, one for each of ``STRENGTHS``.
    """
    return tuple(math.log2(p / q) if p > q else 0.0 for p in STRENGTHS)


def miss_bits(q: float) -> tuple[float, ...]:
    """Give what a miss adds to the bits of each strength; below zero.

    Args:
        q: Largest chance of a hit under the null, between 0 and 1.

    Returns:
        Bits, one for each of ``STRENGTHS``.
    """
    return tuple(math.log2((1 - p) / (1 - q)) if p > q else 0.0 for p in STRENGTHS)


def mean_bits(bits: tuple[float, ...] | list[float]) -> float:
    """Give the bits of the mean of e-values.

    Args:
        bits: Base-2 logarithms of e-values, at least one.

    Returns:
        Base-2 logarithm of their mean.

    Example:
        >>> round(mean_bits([3.0, 3.0]), 3), round(mean_bits([10.0, -1000.0]), 3)
        (3.0, 9.0)
    """
    most = max(bits)
    return most + math.log2(sum(2.0 ** (b - most) for b in bits) / len(bits))


def evidence_bits(hits: int, misses: int, q: float) -> float:
    """Give the e-value of a run with one and the same ``q``, as bits.

    Args:
        hits: Observations that hit.
        misses: Observations that did not.
        q: Largest chance of a hit under the null.

    Returns:
        Base-2 logarithm of the e-value.

    Example:
        >>> round(evidence_bits(0, 0, 0.01), 3), evidence_bits(8, 20, 0.01) > 20
        (0.0, True)
    """
    added = zip(hit_bits(q), miss_bits(q), strict=True)
    return mean_bits([hits * hit + misses * miss for hit, miss in added])


def restarted_bits(runs: Mapping[int, tuple[int, int]], q: float) -> float:
    """Give the e-value of evidence that began anew now and then, as bits.

    A stream that said nothing for long has misses to make up for when it begins to speak. So it
    is begun anew every while, and run ``j`` has a weight of ``1 / ((j + 1) (j + 2))``: the weights
    add up to 1, so the weighted sum is an e-value like any run of it. Runs that are left out
    count as zero, which only takes away.

    Args:
        runs: By the number of the run, its hits and misses.
        q: Largest chance of a hit under the null.

    Returns:
        Base-2 logarithm of the weighted sum.

    Example:
        >>> restarted_bits({0: (0, 5_000), 5: (8, 4)}, 0.01) > 20
        True
    """
    bits = [
        evidence_bits(hits, misses, q) - math.log2((run + 1) * (run + 2))
        for run, (hits, misses) in runs.items()
    ]
    return mean_bits(bits) + math.log2(len(bits))


def bounded_share(hits: int, trials: int) -> float:
    """Bound a chance from above by what was seen of it.

    Args:
        hits: Observations that hit.
        trials: Observations in all, at least one.

    Returns:
        Upper end of the Wilson interval at three standard deviations; 1 at most. After no hit in
        ``n`` trials it is about ``9 / n`` (Wilson 1927).

    Example:
        >>> bounded_share(0, 900) < 0.0101
        True
    """
    z2 = 9.0
    share = hits / trials
    centre = share + z2 / (2 * trials)
    spread = math.sqrt(z2 * (share * (1 - share) / trials + z2 / (4 * trials * trials)))
    return min(1.0, (centre + spread) / (1 + z2 / trials))
