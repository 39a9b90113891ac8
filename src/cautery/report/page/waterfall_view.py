"""A waterfall as a table with bars: each bar begins where the one above it ended."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from cautery.report.figures import signed
from cautery.report.waterfall import PRIOR, Waterfall, WaterfallRow, is_adjustment, waterfall

if TYPE_CHECKING:
    from collections.abc import Sequence

    from cautery.records.evidence import Weight

BAR_WIDTH: Final = 240
"""Width of the drawing, in its own units."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Bar:
    """One drawn row."""

    label: str
    observed: str
    usual: str
    sentence: str
    tenth_bits: int
    kind: str
    """``for``, ``against``, ``prior``, ``limit``, ``more`` or ``sum``."""
    left: float
    """Where the bar begins, in the drawing's units."""
    width: float
    joint: float
    """Where the next bar begins."""

    @property
    def bits(self) -> str:
        """The weight with its sign, one decimal."""
        return signed(self.tenth_bits)


@dataclass(frozen=True, slots=True, kw_only=True)
class WaterfallView:
    """What the template draws."""

    fall: Waterfall
    bars: tuple[Bar, ...]
    """Prior, shown rows, what is left, and the sum; the tenths but the last add up to the last."""
    rest: tuple[WaterfallRow, ...]
    """The rows that ``more`` stands for, strongest first."""
    zero: float
    """Where even odds lie, in the drawing's units."""


def waterfall_view(weights: Sequence[Weight], total_bits: float | None = None) -> WaterfallView:
    """Lay a waterfall out.

    Args:
        weights: All weights, the prior among them.
        total_bits: The record's own sum; the sum of the weights if None.

    Returns:
        The view; its tenths add up as those of ``report.waterfall`` do.
    """
    fall = waterfall(weights, total_bits)
    every = waterfall(weights, total_bits, shown=len(weights))
    shown = {id(row.weight) for row in fall.rows}
    steps = _steps(fall)
    ends = [0]
    for _, tenth_bits, _ in steps:
        ends.append(ends[-1] + tenth_bits)
    low, high = min(ends), max(ends)
    scale = BAR_WIDTH / max(1, high - low)
    bars = tuple(
        _bar(step, begin, begin + step[1], low, scale)
        for step, begin in zip(steps, ends, strict=False)
    )
    total = _bar((None, fall.sum_tenth_bits, "sum"), 0, fall.sum_tenth_bits, low, scale)
    return WaterfallView(
        fall=fall,
        bars=(*bars, total),
        rest=tuple(row for row in every.rows if id(row.weight) not in shown),
        zero=round(-low * scale, 1),
    )


Step = tuple["Weight | None", int, str]
"""A weight if there is one behind it, its tenths, and its kind or words."""


def _steps(fall: Waterfall) -> list[Step]:
    rows = (fall.prior, *fall.rows) if fall.prior else fall.rows
    steps: list[Step] = [(row.weight, row.tenth_bits, _kind(row.weight)) for row in rows]
    if fall.more:
        steps.append((None, fall.more_tenth_bits, f"{fall.more} more"))
    if fall.unexplained_tenth_bits:
        words = "rounding and limits, not itemised"
        steps.append((None, fall.unexplained_tenth_bits, words))
    return steps


def _kind(weight: Weight) -> str:
    if weight.signal == PRIOR:
        return "prior"
    if is_adjustment(weight):
        return "limit"
    return "for" if weight.bits >= 0 else "against"


def _bar(step: Step, begin: int, end: int, low: int, scale: float) -> Bar:
    weight, tenth_bits, kind = step
    plain = weight is None
    return Bar(
        label=kind if weight is None else weight.label or weight.signal,
        observed="" if weight is None else weight.observed,
        usual="" if weight is None else weight.usual,
        sentence="" if weight is None else weight.sentence,
        tenth_bits=tenth_bits,
        kind=kind if kind == "sum" or not plain else "more",
        left=round((min(begin, end) - low) * scale, 1),
        width=round(max(1.0, abs(end - begin) * scale), 1),
        joint=round((end - low) * scale, 1),
    )
