"""A day's exchanges in one character: the activity line of a campaign."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence


def sparkline(amounts: Sequence[int], bars: str) -> str:
    """Draw amounts as a row of bars from zero to the largest.

    Args:
        amounts: Amounts, none negative; zero is drawn as a space.
        bars: Characters from low to high.

    Returns:
        One character an amount.

    Example:
        >>> sparkline([0, 1, 4, 8], "12345678")
        ' 148'
    """
    top = max(amounts, default=0)
    if top <= 0:
        return " " * len(amounts)
    last = len(bars) - 1
    return "".join(
        " " if amount <= 0 else bars[min(last, (amount * len(bars) - 1) // top)]
        for amount in amounts
    )


def binned(amounts: Sequence[int], columns: int) -> tuple[int, list[int]]:
    """Add neighbours together until the row fits.

    Args:
        amounts: One amount a day.
        columns: Room, at least one.

    Returns:
        Days in a bin, and the bins.

    Example:
        >>> binned([1, 2, 3, 4, 5], 3)
        (2, [3, 7, 5])
    """
    days = max(1, -(-len(amounts) // max(1, columns)))
    return days, [sum(amounts[start : start + days]) for start in range(0, len(amounts), days)]
