"""The arithmetic of a waterfall: rows whose printed bits add up to the printed sum.

Everything is added in tenths of a bit, the grain in which it is printed, so that nobody who checks
the sum by hand finds it a tenth off.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from cautery.report.figures import tenths

if TYPE_CHECKING:
    from collections.abc import Sequence

    from cautery.records.evidence import Weight

SHOWN_ROWS: Final = 6
"""Rows beside the prior that a waterfall shows; the rest is one row (ux.md, section 5)."""

PRIOR: Final = "prior"
"""Signal name of the adjustment that every waterfall starts from."""

LIMIT: Final = "limit"
"""Signal name, or end of it, of an adjustment that takes back what exceeds a ceiling."""


def is_adjustment(weight: Weight) -> bool:
    """Tell the rows that are not evidence: the prior, and limits on what evidence may add up to.

    Args:
        weight: A row of a waterfall.

    Returns:
        True for ``prior``, ``limit`` and signals whose name ends in ``_limit``.
    """
    return weight.signal in {PRIOR, LIMIT} or weight.signal.endswith(f"_{LIMIT}")


@dataclass(frozen=True, slots=True, kw_only=True)
class WaterfallRow:
    """One printed row."""

    weight: Weight
    tenth_bits: int
    """What it adds, in tenths of a bit."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Waterfall:
    """The printed rows of a chance, strongest first, and what they add up to."""

    prior: WaterfallRow | None
    """The row that it starts from; None if the weights have none."""
    rows: tuple[WaterfallRow, ...]
    """Rows that speak for or against, strongest first."""
    more: int
    """Number of rows that are not shown."""
    more_tenth_bits: int
    """Their net weight, in tenths of a bit."""
    unexplained_tenth_bits: int
    """What rounding or a limit left between the rows and the sum; zero as a rule."""
    sum_tenth_bits: int
    missing: tuple[Weight, ...]
    """Weights that the log cannot feed: they add nothing."""

    @property
    def probability(self) -> float:
        """The chance that the printed sum stands for: ``1 / (1 + 2 ** -bits)``."""
        return probability_of(self.sum_tenth_bits / 10)


def probability_of(bits: float) -> float:
    """Turn bits into a chance.

    Args:
        bits: Base-2 log-odds.

    Returns:
        ``1 / (1 + 2 ** -bits)``, without overflow at either end.

    Example:
        >>> probability_of(0.0), round(probability_of(12.8), 5)
        (0.5, 0.99986)
    """
    if bits > 1000:
        return 1.0
    if bits < -1000:
        return 0.0
    return 1 / (1 + math.pow(2.0, -bits))


def waterfall(
    weights: Sequence[Weight], total_bits: float | None = None, *, shown: int = SHOWN_ROWS
) -> Waterfall:
    """Choose the rows to print and do their sum.

    The strongest rows are shown; if all of those speak for it and some weight speaks against it,
    the strongest of these takes the last place, so that counter-evidence is never out of sight.

    Args:
        weights: All weights, the prior among them.
        total_bits: The record's own sum; the sum of the weights if None.
        shown: Most rows to show beside the prior.

    Returns:
        The waterfall; the tenths of prior, rows, ``more`` and ``unexplained`` add up to the sum.
    """
    prior = next((weight for weight in weights if weight.signal == PRIOR), None)
    rest = [weight for weight in weights if weight is not prior and weight.available]
    rest.sort(key=lambda weight: (-abs(tenths(weight.bits)), -weight.bits, weight.signal))
    kept = _with_counter_evidence(rest, shown)
    left = [weight for weight in rest if not any(weight is one for one in kept)]
    itemised = sum(tenths(weight.bits) for weight in rest) + (tenths(prior.bits) if prior else 0)
    total = itemised if total_bits is None else tenths(total_bits)
    return Waterfall(
        prior=_row(prior) if prior else None,
        rows=tuple(_row(weight) for weight in kept),
        more=len(left),
        more_tenth_bits=sum(tenths(weight.bits) for weight in left),
        unexplained_tenth_bits=total - itemised,
        sum_tenth_bits=total,
        missing=tuple(weight for weight in weights if not weight.available),
    )


def _row(weight: Weight) -> WaterfallRow:
    return WaterfallRow(weight=weight, tenth_bits=tenths(weight.bits))


def _with_counter_evidence(ordered: list[Weight], shown: int) -> list[Weight]:
    kept, left = ordered[:shown], ordered[shown:]
    if kept and left and not any(_speaks_against(weight) for weight in kept):
        against = next((weight for weight in left if _speaks_against(weight)), None)
        if against is not None:
            kept[-1] = against
    return kept


def _speaks_against(weight: Weight) -> bool:
    return tenths(weight.bits) < 0 and not is_adjustment(weight)
