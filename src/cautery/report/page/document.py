"""Puts the page together: what is shown, its style, its script, and a policy that allows no more.

The Content-Security-Policy names the page's own style and script by their hashes and allows no
request at all, so that even a text that got past both escapes could neither run nor phone home.
"""

from __future__ import annotations

import base64
import hashlib
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING, Any, Final

from cautery.errors import UsageError
from cautery.report.figures import amount
from cautery.report.page.account_rows import (
    PRINTED_ROWS,
    account_data,
    account_rows,
    embedded,
)
from cautery.report.page.environment import environment
from cautery.report.page.group_view import GroupView, group_view
from cautery.report.page.summary import summary_of
from cautery.report.page.timeline import Timeline, timeline_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from cautery.records.case import Case

MARKINGS: Final = ("TLP:CLEAR", "TLP:GREEN", "TLP:AMBER", "TLP:AMBER+STRICT", "TLP:RED")
"""The words of TLP 2.0 (FIRST, 2022), which say how far a report may travel."""

OPENING: Final = "<!doctype html>\n<!-- cautery.report/1: a case for people -->\n"
"""How every page begins, by which a page of ours is told from somebody else's file."""

_STYLES: Final = (
    "uplot.min.css",
    "palette.css",
    "drawings.css",
    "page.css",
    "campaign.css",
    "accounts.css",
    "print.css",
)
_SCRIPTS: Final = (
    "uplot.min.js",
    "page.js",
    "timeline.js",
    "account_list.js",
    "account_table.js",
    "account_dialog.js",
    "picture.js",
)


def render_page(case: Case, *, marking: str = "", scripted: bool = True) -> str:
    """Write a case as one self-contained HTML file.

    It needs no network, no other file and no list of all accounts: ``case.json`` is enough. The
    same case gives the same characters.

    Args:
        case: The result of a scan.
        marking: One of ``MARKINGS``, shown at the top and printed on each page; or empty.
        scripted: Whether the page can zoom, filter and sort; without, it is what gets printed.

    Returns:
        The page, to be written as UTF-8.

    Raises:
        UsageError: The marking is not a word of TLP 2.0.
    """
    if marking and marking not in MARKINGS:
        raise UsageError(
            f"there is no marking '{marking[:40]}'", hint=f"There are: {', '.join(MARKINGS)}."
        )
    summary = summary_of(case)
    views = _views(case, summary.tokens.rows)
    rows = account_rows(case)
    timeline = timeline_of(case)
    style, script, data = _style() + _printed_marking(marking), "", {}
    if scripted:
        script = _script()
        pictures = [view.picture for view in views]
        data = account_data(case, rows, pictures) | {"timeline": _timeline_data(timeline)}
    shown = {
        "case": case,
        "marking": marking,
        "summary": summary,
        "timeline": timeline,
        "campaigns": views[: len(case.campaigns)],
        "permitted": views[len(case.campaigns) :],
        "near_misses": sorted(case.near_misses, key=lambda miss: -miss.score),
        "rows": rows,
        "printed_rows": rows[:PRINTED_ROWS],
        "policy": _policy(style, script),
    }
    body = environment().get_template("page.html.j2").render(shown | _trusted(style, script, data))
    return OPENING + body


def _views(case: Case, tokens: Sequence[str]) -> tuple[GroupView, ...]:
    groups = (*case.campaigns, *case.permitted_groups)
    written = [*tokens, *(amount(group.output_tokens) for group in case.permitted_groups)]
    return tuple(
        group_view(group, number=number, tokens=text)
        for number, (group, text) in enumerate(zip(groups, written, strict=True), start=1)
    )


def _timeline_data(timeline: Timeline | None) -> dict[str, Any] | None:
    """Give the script the days, the counts and the releases; names stand in the page already."""
    if timeline is None:
        return None
    return {
        "seconds": timeline.seconds,
        "numbers": [series.number for series in timeline.series],
        "counts": [series.counts for series in timeline.series],
        "marks": [mark.second for mark in timeline.marks],
    }


def _trusted(style: str, script: str, data: Any) -> dict[str, Any]:
    """Mark as finished what must not be escaped again: our own files, and data made inert."""
    from markupsafe import Markup

    return {
        "style": Markup(style),  # noqa: S704 - a file of the package
        "script": Markup(script),  # noqa: S704 - files of the package
        "data": Markup(embedded(data)),  # noqa: S704 - JSON without <, > and &
    }


def _policy(style: str, script: str) -> str:
    return "; ".join(
        (
            "default-src 'none'",
            f"script-src 'sha256-{_digest(script)}'" if script else "script-src 'none'",
            f"style-src 'sha256-{_digest(style)}'",
            "img-src data:",
            "base-uri 'none'",
            "form-action 'none'",
            "require-trusted-types-for 'script'",
            "trusted-types 'none'",
        )
    )


def _digest(text: str) -> str:
    return base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()


def _printed_marking(marking: str) -> str:
    """Print the marking on each page, as TLP 2.0 asks of documents; it is one of our own words."""
    if not marking:
        return ""
    font = 'font: bold 9pt "Liberation Sans", Arial, sans-serif'
    return f'\n@page {{ @top-right {{ content: "{marking}"; {font}; }} }}'


@cache
def _style() -> str:
    return joined(_STYLES)


@cache
def _script() -> str:
    """Join the scripts; the licence of uPlot asks to go wherever a copy of it goes."""
    return f"/*! uPlot: {joined(['uplot.LICENCE'])} */\n{joined(_SCRIPTS)}"


def joined(names: Sequence[str]) -> str:
    """Read files of the package one after the other.

    Args:
        names: Names in ``assets``.

    Returns:
        Their texts.
    """
    folder = resources.files("cautery.report.page") / "assets"
    return "\n".join((folder / name).read_text(encoding="utf-8").strip() for name in names)
