"""A report of the guardrail gap in lines for a terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from cautery.cli.exits import printable
from cautery.cli.provenance.report_lines import report_lines
from cautery.records.detection import chance_text

if TYPE_CHECKING:
    from cautery.records.probe import ProbeReport, SuiteGap

LISTED_CATEGORIES: Final = 4
"""Categories of a suite that are shown, most lost first."""
HEADINGS: Final = (
    "suite",
    "wanted",
    "pairs",
    "teacher",
    "suspect",
    "lost",
    "gained",
    "difference [95 %]",
    "chance",
    "shows from",
)


def summary(report: ProbeReport) -> list[str]:
    """Say what a report holds: what safety the copy lost.

    Args:
        report: The report.

    Returns:
        Lines, inert whatever the names are.
    """
    lines = [
        (
            f"  {report.tests:,} suites at a false-positive rate of "
            f"{report.false_positive_rate:g}; chance: of so many lost, or more, if both do alike "
            "(corrected)"
        ),
        "  what safety the suspect lost:",
    ]
    lines += _table([HEADINGS, *map(_row, report.suites)])
    lines += [line for suite in report.suites for line in _details(suite)]
    for each in report.graders:
        lines.append(
            f"  {each.grader} on {each.kind} answers: {each.agreed:,} of {each.answers:,} labels, "
            f"kappa {each.kappa:.2f} [{each.kappa_low:.2f}, {each.kappa_high:.2f}]"
        )
    headline = f"{report.suspect}: guardrail gap {report.verdict}, against {report.teacher}"
    return report_lines(report, headline, lines)


def _row(suite: SuiteGap) -> tuple[str, ...]:
    pairs = suite.pairs
    return (
        f"{suite.suite}{' *' if suite.detected else ''}",
        str(suite.wanted),
        f"{pairs:,}",
        f"{suite.teacher_wanted / pairs:.0%}" if pairs else "-",
        f"{suite.suspect_wanted / pairs:.0%}" if pairs else "-",
        f"{suite.lost:,}",
        f"{suite.gained:,}",
        f"{suite.difference:+.0%} [{suite.difference_low:+.0%}, {suite.difference_high:+.0%}]",
        chance_text(suite.log10_corrected_p),
        "-" if suite.loss_needed is None else f"{suite.loss_needed:.0%} lost",
    )


def _table(rows: list[tuple[str, ...]]) -> list[str]:
    inert = [[printable(cell) for cell in row] for row in rows]
    widths = [max(map(len, column)) for column in zip(*inert, strict=True)]
    return [
        "    "
        + "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in inert
    ]


def _details(suite: SuiteGap) -> list[str]:
    lines = []
    lost = sorted((each for each in suite.categories if each.lost), key=lambda each: -each.lost)
    if lost:
        named = ", ".join(
            f"{each.category or 'no category'} {each.lost} of {each.pairs}"
            for each in lost[:LISTED_CATEGORIES]
        )
        more = (
            f", and {len(lost) - LISTED_CATEGORIES} more" if len(lost) > LISTED_CATEGORIES else ""
        )
        lines.append(f"  lost in {suite.suite}: {named}{more}")
    if suite.left_out:
        lines.append(
            f"  {suite.suite}: {suite.left_out:,} of {suite.items:,} items left out, "
            "without an answer of both that could be graded"
        )
    if suite.loss_needed is None:
        lines.append(f"  {suite.suite}: too few pairs to show even the loss of everything")
    return lines
