"""Cases and pages for the tests of the page, and a reader of the HTML that it is made of."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from html.parser import HTMLParser
from typing import Any, Final

from tests.report.campaigns import campaign, member
from tests.report.cases import example_case

from cautery.records.campaign import AccountLink, Band, Campaign
from cautery.records.case import Case, Release

VOID: Final = frozenset(
    "meta link br hr img input rect line circle path area base col embed source track wbr".split()
)


def _links(names: list[str], index: int) -> tuple[AccountLink, ...]:
    """Link a member with the others of its five, and with one further on."""
    block = range(index - index % 5, min(index - index % 5 + 5, len(names)))
    others = [(other, "payment") for other in block if other != index]
    if 3 * index < len(names) and 3 * index not in block:
        others.append((3 * index, "device"))
    return tuple(
        AccountLink(
            other_account_id=names[other],
            link=kind,
            reason="the same payment instrument, held by 5 accounts of the group",
            bits=8.3,
        )
        for other, kind in others
    )


def linked_campaign(number: int, size: int, *, band: Band = "very likely") -> Campaign:
    """Make a campaign whose sums are those of its members, five on a payment instrument."""
    names = [f"acct_{number}_{index:05d}" for index in range(size)]
    bands: tuple[Band, ...] = (band, band, "watch", "")
    members = tuple(
        replace(
            member(name, index, bands[index % 4]),
            probability=round(0.999 - index % 4 * 0.2, 3),
            links=_links(names, index),
            weights=tuple(
                replace(one, signal="payment") if one.family == "infrastructure" else one
                for one in member(name).weights
            ),
        )
        for index, name in enumerate(names)
    )
    exchanges = sum(one.exchanges for one in members)
    daily = ("2026-10-03", exchanges // 3), ("2026-10-05", exchanges - exchanges // 3)
    return replace(
        campaign(number, band=band, members=members),
        accounts=size,
        exchanges=exchanges,
        output_tokens=sum(one.output_tokens for one in members),
        daily_exchanges=daily,
    )


def page_case(size: int = 23) -> Case:
    """Make a case in which every sum adds up, with a release and a permitted group."""
    permitted = replace(linked_campaign(9, 4, band=""), permitted=True, campaign_id="P-2026-0001")
    return replace(
        example_case(),
        campaigns=(linked_campaign(1, size), linked_campaign(2, 7, band="likely")),
        permitted_groups=(permitted,),
        releases=(
            Release(model="aurora-4", released_at="2026-01-09T00:00:00Z"),
            Release(model="aurora-5", released_at="2026-10-04T07:12:00Z"),
        ),
    )


def data_of(page: str) -> Any:
    """Read the data that a page carries for its script."""
    found = re.search(r'<script type="application/json" id="data">(.*?)</script>', page, re.DOTALL)
    return json.loads(found[1]) if found else None


class _Outline(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.lines: list[str] = []
        self.depth = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        kept = [f"{key}={value}" for key, value in attrs if key in {"id", "class", "role"}]
        self.lines.append("  " * self.depth + " ".join([tag, *kept]))
        self.depth += tag not in VOID

    def handle_endtag(self, tag: str) -> None:
        self.depth -= tag not in VOID


def outline_of(page: str) -> str:
    """Write the structure of a page: its elements, their ids and classes, neither text nor data.

    Repeated neighbours are written once, so that one account more changes nothing.
    """
    reader = _Outline()
    reader.feed(page)
    assert reader.depth == 0, "an element is not closed"
    return "\n".join(_folded(reader.lines)) + "\n"


def _folded(lines: list[str]) -> list[str]:
    """Drop a subtree that is equal to the one before it at the same depth."""
    kept: list[str] = []
    last: dict[int, list[str]] = {}
    at = 0
    while at < len(lines):
        depth = len(lines[at]) - len(lines[at].lstrip())
        end = at + 1
        while end < len(lines) and len(lines[end]) - len(lines[end].lstrip()) > depth:
            end += 1
        tree = [lines[at], *_folded(lines[at + 1 : end])]
        if last.get(depth) != tree:
            kept += tree
        last[depth] = tree
        at = end
    return kept
