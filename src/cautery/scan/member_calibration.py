"""Member calibration: what the bits of a membership turned out to be worth on labelled logs.

Caps keep one kind of evidence from saying too much of an account, so that the sums are cautious:
in logs with known truth far fewer of the accounts that stand high were wrong than their bits said.
One row of the waterfall makes up for that, above the bits at which an account can be listed as
``likely``; below, the bits were right.
"""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

SIGNAL: Final = "member_calibration"
"""Name of the row."""
LABEL: Final = "few accounts with so many bits were wrong"
CALIBRATED_FROM_BITS: Final = 3.0
"""Sum of bits up to which nothing is added. Of 154 accounts with less in campaigns of simulated
logs with known truth two in five were honest; of 7,804 with more, one in 270 (decision 0045)."""
CALIBRATED_FULLY_BITS: Final = 4.0
"""Sum from which everything is added; between the two a part."""
CALIBRATION_BITS: Final = 3.0
"""What is added: 10 of 7,785 members of true campaigns with 3 bits or more were honest, where the
bits alone said one in 70."""


def calibration_bits(totals: Floats) -> Floats:
    """Say what is added to sums of bits of membership.

    Args:
        totals: Sum of all other rows of each account, in bits; any shape.

    Returns:
        Bits to add, with one decimal, of the same shape; they never fall as the sums rise.

    Example:
        >>> calibration_bits(np.array([2.9, 3.4, 6.0])).tolist()
        [0.0, 1.2, 3.0]
    """
    span = CALIBRATED_FULLY_BITS - CALIBRATED_FROM_BITS
    part = np.clip((totals - CALIBRATED_FROM_BITS) / span, 0.0, 1.0)
    return np.asarray(np.round(CALIBRATION_BITS * part, 1) + 0.0)
