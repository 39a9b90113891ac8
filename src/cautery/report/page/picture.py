"""A picture of a campaign's accounts: a dot each, in discs of those that share the same thing.

The discs are accounts that the commonest kind of shared infrastructure ties together, largest
first, then the accounts that it does not tie, in rows. Where each dot stands follows from the case
alone, so that two people look at the same picture. Inside a disc the dots lie on Vogel's spiral
(H. Vogel 1979, A better way to construct the sunflower head), which fills a disc evenly.
"""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Sequence

    from cautery.records.campaign import Band, Campaign, Member

WIDTH: Final = 720
"""Width of the drawing, in its own units."""

MOST_LINES: Final = 150
"""Lines that a picture may carry; more are a tangle, and are shown one account at a time."""

DOTS_A_PATH: Final = 400
"""Dots of one drawn path: a browser repaints the paths that a change touches, not the others."""

_GOLDEN_ANGLE: Final = math.pi * (3 - math.sqrt(5))
_LARGEST_PITCH: Final = 17.0
_SMALLEST_PITCH: Final = 2.6
_GAP: Final = 0.6
"""Room between discs, as a multiple of the pitch."""

_AREA: Final = 720 * 230
"""Room that the dots together may take before they move closer."""

_WORDS: Final = {
    "address": "client address",
    "device": "TLS fingerprint",
    "email_domain": "e-mail domain",
    "payment": "payment instrument",
    "referral": "referral code",
    "sign_up_cohort": "hour of sign-up",
}
"""Links that a campaign's table of what its accounts share calls otherwise."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Dots:
    """Some dots of one band, as the path that draws them."""

    band: str
    path: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """What the template draws."""

    width: int
    height: int
    radius: float
    """Radius of a dot."""
    ring: float
    """Width of the line of a ring."""
    places: tuple[tuple[float, float], ...]
    """Where each member stands, in the order of the members."""
    discs: tuple[tuple[float, float, float], ...]
    """Centre and radius of each disc."""
    dots: tuple[Dots, ...]
    lines: str
    """The strongest links between discs, as one path; empty if there are too many."""
    kind: str
    """What ties the accounts of a disc; empty if nothing ties any two."""
    tied: int
    """Accounts that stand in a disc."""
    others: tuple[tuple[str, int], ...]
    """The other kinds of links between the members, and how many of each the case keeps."""


def picture_of(campaign: Campaign) -> Picture | None:
    """Place the accounts of a campaign.

    Args:
        campaign: A listed campaign or a permitted group.

    Returns:
        The picture; None for a group whose members the case does not name.
    """
    members = campaign.members
    if not members:
        return None
    index = {member.account_id: number for number, member in enumerate(members)}
    pairs = _pairs(members, index)
    counts = Counter(kind for _, _, kind in pairs)
    kind = _commonest(counts, _infrastructure(members))
    groups = _tied(len(members), [(one, other) for one, other, name in pairs if name == kind])
    discs = [group for group in groups if len(group) > 1]
    alone = [group[0] for group in groups if len(group) == 1]
    pitch = _pitch(len(members), discs)
    places, circles, height = _places(discs, alone, pitch)
    between = [(one, other) for one, other, name in pairs if name != kind]
    return Picture(
        width=WIDTH,
        height=height,
        radius=round(pitch * 0.34, 2),
        ring=round(min(1.2, pitch * 0.12), 2),
        places=tuple(places[number] for number in range(len(members))),
        discs=tuple(circles),
        dots=_dots(members, places, [*(one for group in discs for one in group), *alone], pitch),
        lines=_lines(between, places) if len(between) <= MOST_LINES else "",
        kind=_words(kind),
        tied=len(members) - len(alone),
        others=tuple(
            (_words(name), number) for name, number in counts.most_common() if name != kind
        ),
    )


def _words(kind: str) -> str:
    return _WORDS.get(kind, kind.replace("_", " "))


Pair = tuple[int, int, str]
"""Two members, and the kind of link between them."""


def _pairs(members: Sequence[Member], index: dict[str, int]) -> list[Pair]:
    pairs = {
        (min(number, other), max(number, other), link.link)
        for number, member in enumerate(members)
        for link in member.links
        if (other := index.get(link.other_account_id, number)) != number
    }
    return sorted(pairs)


def _infrastructure(members: Sequence[Member]) -> frozenset[str]:
    return frozenset(
        weight.signal
        for member in members
        for weight in member.weights
        if weight.family == "infrastructure"
    )


def _commonest(counts: Counter[str], preferred: frozenset[str]) -> str:
    """Choose the kind that makes the discs: infrastructure if there is any, then the commonest."""
    return min(counts, key=lambda kind: (kind not in preferred, -counts[kind], kind), default="")


def _tied(size: int, pairs: Sequence[tuple[int, int]]) -> list[list[int]]:
    """Join members that a chain of pairs ties; the largest group first, then by first member."""
    leader = list(range(size))

    def find(one: int) -> int:
        while leader[one] != one:
            leader[one] = leader[leader[one]]
            one = leader[one]
        return one

    for one, other in pairs:
        first, second = sorted((find(one), find(other)))
        leader[second] = first
    groups: dict[int, list[int]] = {}
    for one in range(size):
        groups.setdefault(find(one), []).append(one)
    return sorted(groups.values(), key=lambda group: (-len(group), group[0]))


def _pitch(dots: int, discs: Sequence[Sequence[int]]) -> float:
    """Choose how far dots stand apart: large pictures fit, and small ones fill whole rows."""
    fitting = math.sqrt(_AREA / (2.2 * dots + 3 * len(discs)))
    pitch = min(_LARGEST_PITCH, max(_SMALLEST_PITCH, fitting))
    across = sum(2 * _radius(len(group)) + _GAP for group in discs) * pitch
    if across:
        rows = max(1, round(across / WIDTH))
        pitch *= rows * WIDTH * (0.98 if rows == 1 else 0.9) / across
    return round(min(_LARGEST_PITCH, max(_SMALLEST_PITCH, pitch)) - 0.05, 1)


def _radius(dots: int) -> float:
    """Give the radius of a disc, as a multiple of the pitch."""
    return 0.62 * math.sqrt(dots) + 0.55


def _places(
    discs: Sequence[Sequence[int]], alone: Sequence[int], pitch: float
) -> tuple[dict[int, tuple[float, float]], list[tuple[float, float, float]], int]:
    """Set discs side by side in rows, like words, and then the others in a block."""
    places: dict[int, tuple[float, float]] = {}
    circles: list[tuple[float, float, float]] = []
    left, top, row_height = 0.0, 0.0, 0.0
    for group in discs:
        radius = pitch * _radius(len(group))
        if left + 2 * radius > WIDTH and left:
            left, top, row_height = 0.0, top + row_height + pitch * _GAP, 0.0
        row_height = max(row_height, 2 * radius)
        # Discs of a row stand on one line through their middles: the first is the largest.
        middle = (round(left + radius, 1), round(top + row_height / 2, 1))
        circles.append((*middle, round(radius, 1)))
        for number, one in enumerate(group):
            places[one] = _on_spiral(middle, number, pitch)
        left += 2 * radius + pitch * _GAP
    top += row_height + (pitch if discs and alone else 0)
    across = int((WIDTH - pitch) // pitch)
    for number, one in enumerate(alone):
        row, column = divmod(number, across)
        places[one] = (
            round(pitch * (column + 0.8), 1),
            round(top + pitch * (row + 0.6), 1),
        )
    rows = -(-len(alone) // across)
    return places, circles, math.ceil(top + rows * pitch + pitch * 0.4)


def _on_spiral(middle: tuple[float, float], number: int, pitch: float) -> tuple[float, float]:
    away = pitch * 0.6 * math.sqrt(number + 0.25)
    angle = number * _GOLDEN_ANGLE
    return (
        round(middle[0] + away * math.cos(angle), 1),
        round(middle[1] + away * math.sin(angle), 1),
    )


def _dots(
    members: Sequence[Member],
    places: dict[int, tuple[float, float]],
    order: Sequence[int],
    pitch: float,
) -> tuple[Dots, ...]:
    """Draw dots band by band, in paths of neighbours: full, ring and small ring."""
    radius = pitch * 0.34
    by_band: dict[Band, list[int]] = {}
    for one in order:
        by_band.setdefault(members[one].band, []).append(one)
    return tuple(
        Dots(
            band=band,
            path="".join(_dot(places[one], band, radius) for one in ones[at : at + DOTS_A_PATH]),
        )
        for band, ones in sorted(by_band.items())
        for at in range(0, len(ones), DOTS_A_PATH)
    )


def _dot(place: tuple[float, float], band: Band, radius: float) -> str:
    """Draw a dot: a round line end for the surest, the outline of a circle for the others."""
    if band == "very likely":
        return f"M{place[0]} {place[1]}h0"
    size = round(radius * (0.55 if band == "" else 0.82), 2)
    return (
        f"M{round(place[0] - size, 2)} {place[1]}a{size} {size} 0 1 0 {round(2 * size, 2)} 0"
        f"a{size} {size} 0 1 0 {round(-2 * size, 2)} 0"
    )


def _lines(pairs: Sequence[tuple[int, int]], places: dict[int, tuple[float, float]]) -> str:
    lines = []
    for one, other in sorted(set(pairs)):
        (x, y), (to_x, to_y) = places[one], places[other]
        # Bent a little, the same way for the same pair, so that lines do not hide each other.
        bend_x = round((x + to_x) / 2 + (to_y - y) * 0.12, 1)
        bend_y = round((y + to_y) / 2 - (to_x - x) * 0.12, 1)
        lines.append(f"M{x} {y}Q{bend_x} {bend_y} {to_x} {to_y}")
    return "".join(lines)
