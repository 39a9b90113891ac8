"""The timeline: exchanges a day of each campaign, stacked, with the releases of served models."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Final

from cautery.report.page.summary import day_of

if TYPE_CHECKING:
    from cautery.records.campaign import Campaign
    from cautery.records.case import Case

NAMED_SERIES: Final = 6
"""Campaigns that get a colour of their own; more are told apart by nobody."""

MOST_DAYS: Final = 1_100
"""Days that the picture spans, three years; a case that spans more shows its last ones."""

WIDTH: Final = 1_000
HEIGHT: Final = 260
_LEFT, _RIGHT, _TOP, _BOTTOM = 56, 8, 26, 26
_TICKS: Final = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Series:
    """One campaign, or all the smaller ones together."""

    name: str
    what: str
    number: int
    """Number of its colour, from 1; 0 for the rest."""
    counts: tuple[int, ...]
    """Exchanges on each day of the timeline."""
    total: int
    path: str
    """The bars as one path of the drawing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """A vertical line: the release of a served model."""

    model: str
    when: str
    second: int
    """Seconds since 1970."""
    x: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Tick:
    """A label of an axis."""

    text: str
    at: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Timeline:
    """What the template draws and the script shows."""

    days: tuple[str, ...]
    series: tuple[Series, ...]
    totals: tuple[int, ...]
    marks: tuple[Mark, ...]
    across: tuple[Tick, ...]
    upward: tuple[Tick, ...]
    left_out: int
    """Exchanges on days that are not in the picture; in the sums all the same."""

    @property
    def seconds(self) -> list[int]:
        """The days as seconds since 1970, at noon."""
        noon = (datetime.fromisoformat(f"{day}T12:00:00+00:00") for day in self.days)
        return [int(moment.timestamp()) for moment in noon]


def timeline_of(case: Case) -> Timeline | None:
    """Lay the timeline out.

    Args:
        case: The result of a scan.

    Returns:
        The timeline; None if no campaign has a day with exchanges.
    """
    counted = [_by_day(campaign) for campaign in case.campaigns]
    seen = sorted({day for one in counted for day in one})
    if not seen:
        return None
    first = max(seen[0], seen[-1] - timedelta(days=MOST_DAYS - 1))
    days = [first + timedelta(days=number) for number in range((seen[-1] - first).days + 1)]
    rows = _rows(case.campaigns, counted, days)
    totals = tuple(sum(counts) for counts in zip(*(row[2] for row in rows), strict=True))
    top = nice_ceiling(max(totals))
    whole = sum(number for one in case.campaigns for _, number in one.daily_exchanges)
    return Timeline(
        days=tuple(day.isoformat() for day in days),
        series=_stacked(rows, top),
        totals=totals,
        marks=_marks(case, days),
        across=_across(days),
        upward=tuple(
            Tick(text=f"{top * step // _TICKS:,}", at=_y(top * step // _TICKS, top))
            for step in range(_TICKS + 1)
        ),
        left_out=whole - sum(totals),
    )


Row = tuple[str, str, list[int]]
"""Name, what it asks for, exchanges a day."""


def _by_day(campaign: Campaign) -> dict[date, int]:
    counts: dict[date, int] = {}
    for text, number in campaign.daily_exchanges:
        day = day_of(text)
        if day is not None:
            counts[day] = counts.get(day, 0) + number
    return counts


def _rows(
    campaigns: tuple[Campaign, ...], counted: list[dict[date, int]], days: list[date]
) -> list[Row]:
    """Name the largest campaigns, in the order of the case, and put the others together."""
    by_size = sorted(range(len(campaigns)), key=lambda i: (-campaigns[i].exchanges, i))
    named = sorted(by_size[:NAMED_SERIES])
    rows: list[Row] = [
        (campaigns[i].campaign_id, campaigns[i].what, [counted[i].get(day, 0) for day in days])
        for i in named
    ]
    rest = sorted(by_size[NAMED_SERIES:])
    if rest:
        together = [sum(counted[i].get(day, 0) for i in rest) for day in days]
        rows.append((f"{len(rest)} smaller", "all others together", together))
    return rows


def _stacked(rows: list[Row], top: int) -> tuple[Series, ...]:
    below = [0] * len(rows[0][2])
    series = []
    for index, (name, what, counts) in enumerate(rows):
        path = "".join(
            _bar(day, len(counts), below[day], below[day] + count, top)
            for day, count in enumerate(counts)
            if count
        )
        number = index + 1 if index < NAMED_SERIES else 0
        series.append(
            Series(
                name=name,
                what=what,
                number=number,
                counts=tuple(counts),
                total=sum(counts),
                path=path,
            )
        )
        below = [low + count for low, count in zip(below, counts, strict=True)]
    return tuple(series)


def _bar(day: int, days: int, low: int, high: int, top: int) -> str:
    step = (WIDTH - _LEFT - _RIGHT) / days
    width = max(0.6, step * 0.72)
    left = _LEFT + step * day + (step - width) / 2
    upper = _y(high, top)
    return f"M{left:.1f} {upper:.1f}h{width:.1f}v{_y(low, top) - upper:.1f}h-{width:.1f}z"


def _y(value: float, top: int) -> float:
    return round(HEIGHT - _BOTTOM - (HEIGHT - _BOTTOM - _TOP) * value / top, 1)


def nice_ceiling(highest: int) -> int:
    """Give the end of an axis: a round number, divisible by the number of its parts.

    Args:
        highest: The highest value, not negative.

    Returns:
        4, 8, 12, 20 or 40 times a power of ten, and not below ``highest``.

    Example:
        >>> nice_ceiling(3_120), nice_ceiling(0)
        (4000, 4)
    """
    power = 1
    while True:
        for step in (4, 8, 12, 20):
            if step * power >= highest:
                return step * power
        power *= 10


def _across(days: list[date]) -> tuple[Tick, ...]:
    every = max(1, -(-len(days) // 8))
    step = (WIDTH - _LEFT - _RIGHT) / len(days)
    return tuple(
        Tick(text=days[index].isoformat()[5:], at=round(_LEFT + step * (index + 0.5), 1))
        for index in range(0, len(days), every)
    )


def _marks(case: Case, days: list[date]) -> tuple[Mark, ...]:
    """Place the releases that fall into the days of the picture."""
    begin = datetime(days[0].year, days[0].month, days[0].day, tzinfo=UTC)
    step = (WIDTH - _LEFT - _RIGHT) / len(days)
    marks = []
    for release in case.releases:
        try:
            moment = datetime.fromisoformat(release.released_at)
        except ValueError:
            continue
        moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
        after = (moment - begin) / timedelta(days=1)
        if 0 <= after < len(days):
            marks.append(
                Mark(
                    model=release.model,
                    when=release.released_at,
                    second=int(moment.timestamp()),
                    x=round(_LEFT + step * after, 1),
                )
            )
    return tuple(marks)
