"""The screen that a scan ends with (ux.md, section 5a)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from cautery.report.figures import counted, duration, size
from cautery.report.screen_campaigns import (
    campaign_table,
    headline_lines,
    near_miss_lines,
    permitted_lines,
)
from cautery.report.screen_evidence import campaign_lines
from cautery.report.screen_header import header_lines
from cautery.report.text_width import wrap

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cautery.records.case import Case
    from cautery.report.style import Style

DETAILED_CAMPAIGNS: Final = 3
"""Campaigns whose waterfall is shown unless all are asked for: what fits on two screens."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What a run did beside its result; printed, and never written to a file."""

    output_folder: str = ""
    """Folder of the results; empty if nothing was written."""
    written: tuple[str, ...] = ()
    """Names of the files in it."""
    seconds: float | None = None
    """Wall-clock time."""
    peak_bytes: int | None = None
    """Most memory that the process held."""
    everything: bool = False
    """Show all campaigns, rows, files and near misses (``--all``)."""


def screen_lines(case: Case, style: Style, outcome: Outcome) -> Iterator[str]:
    """Draw the whole screen.

    Args:
        case: The result of a scan; every text in it is escaped.
        style: The terminal.
        outcome: What the run did beside it.

    Yields:
        Lines without line feeds; none is wider than the terminal.
    """
    everything = outcome.everything
    yield from header_lines(case, style, everything=everything)
    yield ""
    yield from headline_lines(case, style, everything=everything)
    for block in (
        campaign_table(case, style, everything=everything),
        *_details(case, style, everything=everything),
        permitted_lines(case, style),
        near_miss_lines(case, style, everything=everything),
        _ending(case, style, outcome),
    ):
        if block:
            yield ""
            yield from block


def _details(case: Case, style: Style, *, everything: bool) -> Iterator[list[str]]:
    shown = case.campaigns if everything else case.campaigns[:DETAILED_CAMPAIGNS]
    for campaign in shown:
        yield campaign_lines(campaign, style, everything=everything)
    if everything:
        for group in case.permitted_groups:
            yield campaign_lines(group, style, everything=True)
    left = len(case.campaigns) - len(shown)
    if left:
        yield [f"{counted(left, 'more campaign')}: --all shows why"]


def _ending(case: Case, style: Style, outcome: Outcome) -> list[str]:
    lines = wrap(f"chances: {style.text(case.tool.calibration)}", style.width, indent="  ")
    if outcome.written:
        folder = style.text(outcome.output_folder)
        files = " ".join(style.text(name) for name in outcome.written)
        lines += wrap(f"wrote {folder}: {files}", style.width, indent="  ")
    spent = []
    if outcome.seconds is not None:
        spent.append(f"total {duration(outcome.seconds)}")
    if outcome.peak_bytes is not None:
        spent.append(f"{size(outcome.peak_bytes)} peak memory")
    if spent:
        lines.append(", ".join(spent))
    return lines + _next_steps(case, style, outcome)


def _next_steps(case: Case, style: Style, outcome: Outcome) -> list[str]:
    if not outcome.written:
        return []
    folder = style.text(outcome.output_folder)
    steps = [f"cautery explain ACCOUNT --on {folder}"]
    if not outcome.everything and (case.near_misses or len(case.campaigns) > DETAILED_CAMPAIGNS):
        steps.append("--all for every campaign and near miss")
    return wrap(f"next: {' | '.join(steps)}", style.width, indent="  ")
