"""Weighing: from what a signal saw to signed bits, by monotone curves with named points.

A curve is a list of (observed, bits) points with straight lines between them and flat ends, so
that no single signal can outweigh the rest and more of a thing never speaks less for a campaign.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from cautery.records.evidence import Aspect, Family, Weight

Curve = tuple[tuple[float, float], ...]
Floats = NDArray[np.float64]

PSEUDO_COUNT: Final = 10.0
"""Exchanges of the usual share that are mixed into an observed one, so that few prove little."""
MARGIN: Final = 0.25
"""Distance above the usual share at which a positive weight counts in full."""


def on_curve(curve: Curve, values: Floats) -> Floats:
    """Read bits off a curve.

    Args:
        curve: Points with ascending first members.
        values: What was observed, any shape.

    Returns:
        Bits, same shape.

    Example:
        >>> on_curve(((0.0, -1.0), (1.0, 1.0)), np.array([0.5, 2.0])).tolist()
        [0.0, 1.0]
    """
    points = np.asarray(curve, dtype=np.float64)
    return np.interp(np.asarray(values, dtype=np.float64), points[:, 0], points[:, 1])


def shrunk_share(held: Floats, known: Floats, usual: float) -> Floats:
    """Share with ``PSEUDO_COUNT`` exchanges of the usual share mixed in."""
    return np.asarray((held + PSEUDO_COUNT * usual) / (known + PSEUDO_COUNT), dtype=np.float64)


def above_usual(bits: Floats, share: Floats, usual: float, margin: float = MARGIN) -> Floats:
    """Let positive bits count only as far as a share stands above what is usual.

    Args:
        bits: Weights read off a curve.
        share: Observed shares.
        usual: Share in the rest of the log.
        margin: Distance at which a positive weight counts in full.

    Returns:
        The same negative bits, and positive ones scaled down near the usual share.
    """
    full = min(margin, max(1.0 - usual, 1e-9))
    return np.where(bits > 0, bits * np.clip((share - usual) / full, 0.0, 1.0), bits)


def percent(share: float) -> str:
    """Write a share for people.

    Example:
        >>> percent(0.9342), percent(0.0004), percent(0.0)
        ('93 %', '0.04 %', '0 %')
    """
    value = 100.0 * share
    if value == 0 or value >= 10:
        return f"{value:.0f} %"
    return f"{value:.1f} %" if value >= 1 else f"{value:.2g} %"


def unavailable(
    signal: str, label: str, aspect: Aspect, family: Family, count: int
) -> Sequence[Weight]:
    """Weights of a signal that the log cannot feed: zero bits, and said so."""
    weight = Weight(
        signal=signal, label=label, aspect=aspect, family=family, bits=0.0, available=False
    )
    return [weight] * count


def rounded(bits: float) -> float:
    """One decimal, never minus zero."""
    return round(float(bits), 1) + 0.0
