"""A lineage report in lines for a terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from cautery.cli.provenance.report_lines import report_lines
from cautery.records.detection import chance_text

if TYPE_CHECKING:
    from cautery.records.lineage import FalseAccusations, LineageTest
from cautery.records.probe import ProbeReport

LISTED: Final = 5
"""Controls that are shown, the nearest first."""


def summary(report: ProbeReport) -> list[str]:
    """Say what a report holds.

    Args:
        report: The report of the lineage probe.

    Returns:
        Lines, inert whatever the names are.
    """
    lines = [
        (
            f"  {report.access} model; {report.texts:,} prompts, {report.tests:,} tests at a "
            f"false-positive rate of {report.false_positive_rate:g}"
        ),
    ]
    for test in report.lineage:
        lines += _test(test)
    if report.false_accusations is not None:
        lines.append(_accusations(report.false_accusations))
    return report_lines(report, f"{report.suspect}: {report.verdict}", lines)


def _test(test: LineageTest) -> list[str]:
    said = "akin to" if test.detected else "no evidence of kinship to"
    nearest = sorted(test.controls, key=lambda one: -one.agreement)
    shown = ", ".join(f"{one.control} {one.agreement:.3f}" for one in nearest[:LISTED])
    power = ", ".join(f"{point.followed_share:.0%}: {point.power:.0%}" for point in test.power)
    return [
        (
            f"  {said} {test.teacher}: chance if unrelated {chance_text(test.log10_corrected_p)} "
            f"(corrected); agreement {test.agreement:.3f} [{test.agreement_low:.3f}, "
            f"{test.agreement_high:.3f}]"
        ),
        (
            f"    nearest of {len(test.controls)} controls: {shown}; {test.pairs_as_near:,} other "
            f"pairs of models as near, a chance of {test.rank_p:.2g} without any law"
        ),
        f"    power, by the share of prompts on which a copy follows it: {power}",
    ]


def _accusations(found: FalseAccusations) -> str:
    return (
        f"  false accusations: {len(found.accused):,} of {found.controls:,} unrelated controls, "
        f"each tested as if it were the suspect: {found.rate:.1%} "
        f"[{found.rate_low:.1%}, {found.rate_high:.1%}]"
    )
