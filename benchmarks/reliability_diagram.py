"""Draw a reliability diagram as SVG, readable in light and dark and by a screen reader."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final

from benchmarks.reliability import LISTED_FROM, pooled_bins

from cautery.simulate.score_metrics import wilson_interval

WIDTH: Final = 480
HEIGHT: Final = 400
_LEFT: Final = 64
_TOP: Final = 24
_SIDE: Final = 320

_STYLE: Final = """  <style>
    .ink { stroke: #1f2937; fill: #1f2937; }
    .soft { stroke: #6b7280; fill: none; }
    .point { fill: #1d4ed8; stroke: #1d4ed8; }
    text { font: 13px system-ui, sans-serif; fill: #1f2937; }
    @media (prefers-color-scheme: dark) {
      .ink { stroke: #e5e7eb; fill: #e5e7eb; }
      .soft { stroke: #9ca3af; }
      .point { fill: #93c5fd; stroke: #93c5fd; }
      text { fill: #e5e7eb; }
    }
  </style>"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Point:
    """One range of printed chances."""

    claimed: float
    """Mean of the printed chances."""
    true: float
    """Share of attackers."""
    low: float
    """95 % Wilson bound of that share."""
    high: float
    """The other bound."""
    count: int
    """Accounts in the range."""


def points_of(rows: Iterable[dict[str, Any]]) -> list[Point]:
    """Pool the bins of several logs.

    Args:
        rows: Lines of results that hold ``bins``.

    Returns:
        A point a range that holds anybody, by rising chance.
    """
    points = []
    for _edges, (count, claimed, true) in sorted(pooled_bins(rows).items()):
        if count:
            low, high = wilson_interval(round(true), round(count))
            points.append(
                Point(
                    claimed=claimed / count, true=true / count, low=low, high=high, count=int(count)
                )
            )
    return points


def diagram(points: Sequence[Point], subject: str) -> str:
    """Draw the points with their intervals beside the diagonal.

    Args:
        points: What ``points_of`` pooled.
        subject: What was measured, for the description.

    Returns:
        An SVG document.
    """
    said = "; ".join(
        f"claimed {p.claimed:.3f}, true {p.true:.3f} ({p.count:,} accounts)" for p in points
    )
    size = f'viewBox="0 0 {WIDTH} {HEIGHT}" role="img" aria-labelledby="title desc"'
    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" {size}>',
        '  <title id="title">Reliability diagram: claimed chance against true share</title>',
        f'  <desc id="desc">{subject}. {said or "No account was measured"}.</desc>',
        _STYLE,
        *_axes(),
        *(line for point in points for line in _point_lines(point)),
        "</svg>",
    ]
    return "\n".join(lines) + "\n"


def _axes() -> list[str]:
    low, high = _place(0.0, 0.0), _place(1.0, 1.0)
    ends = f'x1="{low[0]:g}" y1="{low[1]:g}" x2="{high[0]:g}" y2="{high[1]:g}"'
    lines = [
        f'  <rect class="soft" x="{_LEFT}" y="{_TOP}" width="{_SIDE}" height="{_SIDE}"/>',
        f'  <line class="soft" stroke-dasharray="4 4" {ends}/>',
    ]
    for value in (0.0, 0.25, 0.5, 0.75, 1.0):
        x, y = _place(value, value)
        bottom = _TOP + _SIDE
        lines.append(f'  <text x="{x:g}" y="{bottom + 18}" text-anchor="middle">{value:g}</text>')
        lines.append(f'  <text x="{_LEFT - 8}" y="{y + 4:g}" text-anchor="end">{value:g}</text>')
    middle = _LEFT + _SIDE / 2
    lines.append(
        f'  <text x="{middle:g}" y="{HEIGHT - 14}" text-anchor="middle">claimed chance</text>'
    )
    across = _TOP + _SIDE / 2
    lines.append(
        f'  <text transform="translate(18 {across:g}) rotate(-90)" text-anchor="middle">'
        "share of attackers</text>"
    )
    return lines


def _point_lines(point: Point) -> list[str]:
    x, y = _place(point.claimed, point.true)
    top, bottom = _place(point.claimed, point.high)[1], _place(point.claimed, point.low)[1]
    # Area grows with the logarithm of the accounts: ranges hold from one account to thousands.
    radius = 2.0 + math.log10(max(point.count, 1)) * 1.5
    where = "listed" if point.claimed >= LISTED_FROM else "not listed"
    said = f"{point.count:,} accounts, {where}: claimed {point.claimed:.3f}, true {point.true:.3f}"
    said += f" ({point.low:.3f} to {point.high:.3f})"
    circle = f'<circle class="point" cx="{x:.1f}" cy="{y:.1f}" r="{radius:.1f}">'
    return [
        f'  <line class="point" x1="{x:.1f}" y1="{top:.1f}" x2="{x:.1f}" y2="{bottom:.1f}"/>',
        f"  {circle}<title>{said}</title></circle>",
    ]


def _place(claimed: float, true: float) -> tuple[float, float]:
    return _LEFT + claimed * _SIDE, _TOP + (1.0 - true) * _SIDE
