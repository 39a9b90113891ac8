"""From the engine's number between 0 and 1 to the evidence of one token."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


def exponentials(uniform: NDArray[np.float64]) -> NDArray[np.float64]:
    """Give -ln(1 - u), which an unmarked text draws from the exponential law of mean 1.

    The engines write log1p(-u). Their u have at most 33 bits, so 1 - u is exact in double
    precision and both are the same number but for the last bit of the logarithm.

    Args:
        uniform: Numbers above 0 and below 1 that are multiples of 2**-48.

    Returns:
        Same shape.

    Example:
        >>> exponentials(np.array([0.5, 0.75])).round(6).tolist()
        [0.693147, 1.386294]
    """
    return -np.log(1.0 - uniform)
