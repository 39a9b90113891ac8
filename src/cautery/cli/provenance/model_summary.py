"""A probe's report in lines for a terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from cautery.cli.provenance.report_lines import report_lines
from cautery.records.detection import chance_text
from cautery.records.probe import KeyTest, Pool, PowerCurve

if TYPE_CHECKING:
    from cautery.records.probe import ProbeReport

LISTED: Final = 5
"""Tests without a finding that are shown."""
SHOWN_SHARES: Final = (0.01, 0.05, 0.2, 1.0)


def summary(report: ProbeReport) -> list[str]:
    """Say what a report holds.

    Args:
        report: The report.

    Returns:
        Lines, inert whatever the names are.
    """
    how = "supervised" if report.supervised else "unsupervised"
    lines = [
        (
            f"  {report.access} model, {how}; {report.texts:,} texts, {report.tokens:,} tokens, "
            f"{report.tests:,} tests at a false-positive rate of {report.false_positive_rate:g}"
        ),
    ]
    named = [test for test in report.key_tests if test.detected]
    others = [test for test in report.key_tests if not test.detected][:LISTED]
    lines += [f"  learned from {_test(test)}" for test in named]
    lines += [f"  no evidence of {_test(test)}" for test in others]
    for control in report.controls:
        lines.append(
            f"  {control.keys:,} control keys: {control.at_least_as_lucky:,} as lucky, smallest "
            f"chance {chance_text(control.log10_smallest_p)}, uniform {control.uniform_p:.2g}"
        )
    shown = {test.key_id for test in named}
    lines += [_power(curve, curve.key_id in shown) for curve in report.power]
    return report_lines(report, f"{report.suspect}: {report.verdict}", lines)


def _test(test: KeyTest) -> str:
    if not test.pairs_scored:
        return f"{_owner(test)}: the suspect wrote nothing in contexts of its exposure"
    inherited = "" if test.inherited is None else f", {test.inherited:.1%} of the teacher's mark"
    return (
        f"{_owner(test)}: chance without it {chance_text(test.log10_corrected_p)} (corrected); "
        f"mean {test.mean:.4f} [{test.mean_low:.4f}, {test.mean_high:.4f}] where "
        f"{test.null_mean:.4f} is usual, {test.pairs_scored:,} pairs{inherited}"
    )


def _owner(test: KeyTest) -> str:
    epoch = f", epoch {test.epoch}" if test.epoch else ""
    if test.pool is Pool.CAMPAIGN_ACCOUNTS:
        return f"the {test.keys:,} accounts of campaign {test.campaign_id}, together"
    if test.pool is Pool.CAMPAIGN:
        return f"campaign {test.campaign_id} ({test.key_id}{epoch})"
    if test.pool is Pool.ACCOUNT:
        return f"account {test.account_id} ({test.key_id}{epoch})"
    return f"the shared key ({test.key_id}{epoch})"


def _power(curve: PowerCurve, shown: bool) -> str:
    """Say what would show; of a key that shows nothing, as the sample holds its pairs already."""
    start = f"  power for {curve.pool} keys, {curve.pairs:,} pairs"
    if shown:
        return f"{start}: not said, {curve.key_id} shows in this sample"
    points = ", ".join(
        f"{point.marked_share:.0%}: {point.power:.0%}"
        for point in curve.points
        if point.marked_share in SHOWN_SHARES
    )
    basis = "measured" if curve.measured else "expected"
    if curve.share_needed is None:
        shows = "even a copy of nothing but marked text would often not show"
    else:
        shows = (
            f"a copy trained on {curve.share_needed:.2%} marked text would show with 90 % chance "
            f"or more, if it repeats {curve.memorisation:.0%} of what it learned"
        )
    mean = f"teacher's mean {curve.teacher_mean:.3f}, {basis}"
    return f"{start}: {shows} ({mean}; by marked share {points})"
