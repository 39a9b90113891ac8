"""Which parts of a long mixed text are marked, each with a chance that allows for the search.

A position adds the log likelihood ratio of a mark (see ``tilts``) to a walk that drifts down in
unmarked text and up in marked. A marked region is a stretch over which the walk rises by more
than it could by chance anywhere. For one start, the rise ever reaches L with a chance of at most
e^-L (Ville); with n starts and k strengths of a mark, anywhere with at most n k e^-L. That bound
holds for all regions at once, so it is the corrected p-value of each. Compare the maximal segments
of Karlin and Altschul (1990) and Ruzzo and Tompa (1999), which are asymptotic.

Time is linear in the positions, and memory a few numbers a position.
"""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.typing import NDArray

from cautery.watermark.tilts import STRENGTHS, increments, tilts

if TYPE_CHECKING:
    from cautery.ports import NullDistribution
    from cautery.watermark.positions import Positions

Floats = NDArray[np.float64]
Rise = tuple[float, int, int]
"""Nats, first position and position after the last."""

FIRST_BLOCK: Final = 1_024
LAST_BLOCK: Final = 1 << 18
"""The walk is looked at in blocks that double, so that many short regions stay cheap."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Region:
    """A stretch of a text that a key marked."""

    start: int
    """Place in the text of its first scored token."""
    stop: int
    """Place after its last scored token."""
    tokens_scored: int
    mean: float
    """Of its values; compare with the law's own."""
    log10_corrected_p: float
    """Bound on the chance that unmarked text of this length has such a stretch anywhere."""


def marked_regions(
    positions: Positions,
    values: Floats,
    law: NullDistribution,
    false_positive_rate: float,
    strengths: tuple[float, ...] = STRENGTHS,
) -> list[Region]:
    """Find the marked regions of one text.

    Args:
        positions: Scored positions without repetitions (``scoring.unrepeated``).
        values: Their values under the key, shape (positions,).
        law: Of the values in unmarked text.
        false_positive_rate: Chance that unmarked text shows any region.
        strengths: Shifts of the mean to look for, in standard deviations.

    Returns:
        Regions that do not overlap, in the order of the text. Their ends are as sharp as the
        evidence: a few tokens for a strong mark, tens for a weak one.
    """
    count = len(values)
    if not count:
        return []
    trials = math.log(count * len(strengths))
    level = trials - math.log(false_positive_rate)
    found: list[Rise] = []
    for tilt, log_moment in tilts(law, strengths):
        walk = np.concatenate([[0.0], np.cumsum(increments(values, tilt, log_moment))])
        found += [
            (float(walk[stop] - walk[start]), start, stop) for start, stop in _rises(walk, level)
        ]
    return [
        Region(
            start=int(positions.index[start]),
            stop=int(positions.index[stop - 1]) + 1,
            tokens_scored=stop - start,
            mean=float(values[start:stop].mean()),
            log10_corrected_p=min(trials - rise, 0.0) / math.log(10.0),
        )
        for rise, start, stop in _best_together(found, trials)
    ]


def _rises(walk: Floats, level: float) -> Iterator[tuple[int, int]]:
    """Cut a walk into rises of at least ``level`` with falls of at least ``level`` between."""
    place = 0
    while (crossing := _first_rise(walk, place, level)) is not None:
        start, reached = crossing
        fall = _first_rise(-walk, reached, level)
        # Where it never falls that far, the rise ends at the last highest place.
        stop = fall[0] if fall else reached + int(np.argmax(walk[reached:]))
        yield start, stop
        if fall is None:
            return
        place = stop


def _first_rise(walk: Floats, place: int, level: float) -> tuple[int, int] | None:
    """Find where the walk first stands ``level`` above its lowest since ``place``.

    Returns:
        The last lowest place before, and the place where it stands so high; nothing if nowhere.
    """
    lowest, where = float(walk[place]), place
    size = FIRST_BLOCK
    while place < len(walk):
        block = walk[place : place + size]
        low = np.minimum(np.minimum.accumulate(block), lowest)
        high = block - low >= level
        if high.any():
            reached = int(np.argmax(high))
            before = block[: reached + 1]
            if float(before.min()) <= lowest:
                where = place + reached - int(np.argmin(before[::-1]))
            return where, place + reached
        if float(block.min()) <= lowest:
            lowest = float(block.min())
            where = place + len(block) - 1 - int(np.argmin(block[::-1]))
        place += len(block)
        size = min(2 * size, LAST_BLOCK)
    return None


def _best_together(found: list[Rise], trials: float) -> list[Rise]:
    """Choose regions that do not overlap and rise most in sum, each less what its search costs.

    Two marked stretches with a gap come out as two if that explains more than one long one.
    """
    ordered = sorted(found, key=lambda one: (one[2], one[1], one[0]))
    stops = [stop for _, _, stop in ordered]
    best = [0.0]
    for place, (rise, start, _) in enumerate(ordered):
        before = bisect_right(stops, start, 0, place)
        best.append(max(best[place], best[before] + rise - trials))
    chosen: list[Rise] = []
    place = len(ordered)
    while place:
        if best[place] == best[place - 1]:
            place -= 1
            continue
        chosen.append(ordered[place - 1])
        place = bisect_right(stops, ordered[place - 1][1], 0, place - 1)
    return chosen[::-1]
