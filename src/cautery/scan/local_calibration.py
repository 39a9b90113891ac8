"""Local calibration: one offset in bits, from campaigns that people confirmed or dismissed.

One number and no more is learned: few installations decide hundreds of cases, and an offset is a
row of the waterfall, so that bits still add up. It is the logarithm of how much more (or less)
common campaigns are here than the prior supposes, whatever the reason.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.special import betaincinv, expit

from cautery.records.calibration import LocalCalibration
from cautery.records.evidence import Weight

Floats = NDArray[np.float64]

SIGNAL: Final = "local_calibration"
"""Name of the row."""
FEWEST_DECISIONS: Final = 10
"""Decisions below which nothing is learned: the interval would be wider than any correction."""
PRIOR_BITS: Final = 2.0
"""Standard deviation of the offset before any decision: a factor of four either way is usual."""
MOST_OFFSET_BITS: Final = 10.0
_STEP_BITS: Final = 0.01
_TAIL: Final = 0.025
_EXTREME: Final = 1e-12


@dataclass(frozen=True, slots=True)
class Offset:
    """An offset in bits with its 95 % interval."""

    bits: float
    low: float
    high: float

    @property
    def differs(self) -> bool:
        """Whether the interval leaves out zero, so that there is something to correct."""
        return self.low > 0.0 or self.high < 0.0


def fit_offset(bits: Floats, confirmed: NDArray[np.bool_]) -> Offset:
    """Learn the offset of the claimed log-odds from decisions.

    Model: a campaign of claimed log-odds ``b`` is confirmed with log-odds ``b + offset``; the
    offset is normal around zero before. The posterior is summed up on a grid, so the interval is
    right for few and one-sided decisions too. Which campaigns were decided may depend on their
    bits, but not on whether they are true.

    Args:
        bits: Claimed log-odds of the decided campaigns, without an earlier correction.
        confirmed: Whether each was confirmed.

    Returns:
        Posterior median and 95 % interval.

    Example:
        >>> fit_offset(np.full(40, 3.0), np.arange(40) < 20).differs
        True
    """
    grid = np.arange(-MOST_OFFSET_BITS, MOST_OFFSET_BITS + _STEP_BITS / 2, _STEP_BITS)
    odds = np.log(2.0) * (bits[:, None] + grid[None, :])
    chances = np.clip(expit(odds), _EXTREME, 1.0 - _EXTREME)
    log_density = -0.5 * (grid / PRIOR_BITS) ** 2
    log_density = log_density + np.log(np.where(confirmed[:, None], chances, 1.0 - chances)).sum(
        axis=0
    )
    density = np.exp(log_density - log_density.max())
    total = np.cumsum(density) / density.sum()
    low, middle, high = (float(grid[np.searchsorted(total, at)]) for at in (_TAIL, 0.5, 1 - _TAIL))
    return Offset(bits=round(middle, 1) + 0.0, low=round(low, 2) + 0.0, high=round(high, 2) + 0.0)


def share_interval(held: int, count: int) -> tuple[float, float]:
    """Jeffreys 95 % interval of a share (Brown, Cai and DasGupta 2001).

    Args:
        held: Successes.
        count: Trials.

    Returns:
        Lower and upper end; 0 and 1 where the count gives no bound.

    Example:
        >>> low, high = share_interval(9, 10)
        >>> round(low, 2), round(high, 2)
        (0.62, 0.99)
    """
    low = 0.0 if held == 0 else float(betaincinv(held + 0.5, count - held + 0.5, _TAIL))
    high = 1.0 if held == count else float(betaincinv(held + 0.5, count - held + 0.5, 1 - _TAIL))
    return low, high


def calibration_row(calibration: LocalCalibration) -> Weight:
    """Make the row of the waterfall.

    Args:
        calibration: What was learned.

    Returns:
        A weight that every group is given.
    """
    decided = calibration.confirmed + calibration.dismissed
    return Weight(
        signal=SIGNAL,
        label="your decided cases",
        aspect="distillation",
        family="context",
        bits=calibration.offset_bits,
        observed=f"{calibration.confirmed:,} of {decided:,} confirmed",
        usual=f"{calibration.low_bits:+.1f} to {calibration.high_bits:+.1f} bits (95 %)",
        sentence="Cases that people here confirmed or dismissed correct the chance of all groups.",
        sample_size=decided,
    )
