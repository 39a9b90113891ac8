"""What the summary of every probe begins and ends with."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from cautery.cli.exits import printable

if TYPE_CHECKING:
    from cautery.records.probe import ProbeReport


def report_lines(report: ProbeReport, headline: str, found: Iterable[str]) -> list[str]:
    """Put together what a report says, with what is odd, supposed and not shown by it.

    Args:
        report: The report.
        headline: Its verdict, in words.
        found: What was tested, and what came out.

    Returns:
        Lines for a terminal, inert whatever the names are.
    """
    lines = [
        headline,
        *found,
        *(f"  note: {note}" for note in report.notes),
        *(f"  supposed: {assumption}" for assumption in report.assumptions),
        *(f"  {limit}" for limit in report.limits),
    ]
    return [printable(line) for line in lines]
