"""A canary report in lines for a terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from cautery.cli.provenance.report_lines import report_lines
from cautery.records.detection import chance_text

if TYPE_CHECKING:
    from cautery.records.canary import MarkerTest, WrongKeys
    from cautery.records.probe import ProbeReport

LISTED: Final = 5
"""Campaigns without a finding that are shown."""


def summary(report: ProbeReport) -> list[str]:
    """Say what a report holds.

    Args:
        report: The report of the canary probe.

    Returns:
        Lines, inert whatever the names are.
    """
    lines = [
        (
            f"  {report.texts:,} answers, {report.tests:,} campaigns tested at a false-positive "
            f"rate of {report.false_positive_rate:g}"
        ),
    ]
    named = [test for test in report.markers if test.detected]
    others = [test for test in report.markers if not test.detected][:LISTED]
    lines += [f"  repeats the markers of {_test(test)}" for test in named]
    lines += [f"  no evidence of {_test(test)}" for test in others]
    if report.wrong_keys is not None:
        lines.append(_wrong_keys(report.wrong_keys))
    return report_lines(report, f"{report.suspect}: {report.verdict}", lines)


def _test(test: MarkerTest) -> str:
    if test.share_needed is None:
        shows = "even a copy that repeats all of them would not show"
    else:
        shows = f"a copy that repeats {test.share_needed:.0%} would show with 90 % chance"
    return (
        f"campaign {test.campaign_id}: chance without it {chance_text(test.log10_corrected_p)} "
        f"(corrected); {test.hits:,} of {test.counted:,} markers where {test.expected:.1f} are "
        f"usual, {test.markers:,} planted; {shows}"
    )


def _wrong_keys(found: WrongKeys) -> str:
    return (
        f"  false accusations: {found.accusing:,} of {found.keys:,} keys that drew nothing name a "
        f"campaign on these answers: {found.rate:.2%} [{found.rate_low:.2%}, {found.rate_high:.2%}]"
    )
