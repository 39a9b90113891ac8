"""What peers are told of models that learned from a campaign's harvest: that one did, never which.

Naming a suspect is naming a company. A peer can do without: that answers to a campaign ended up in
a model says what the campaign is for, and how sure its own scan may be.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from typing import Final

from cautery.records.bulletin import SharedTrace
from cautery.records.probe import KeyTest, Pool, ProbeReport

MOST_TRACES: Final = 20
"""Models that are told of one campaign."""
_OF_CAMPAIGNS: Final = (Pool.CAMPAIGN, Pool.CAMPAIGN_ACCOUNTS)


def traces_of(reports: Iterable[tuple[ProbeReport, str]]) -> dict[str, tuple[SharedTrace, ...]]:
    """Collect by campaign what probes found of it in suspect models.

    Args:
        reports: Reports, each with the SHA-256 of its file in hexadecimal digits.

    Returns:
        Traces by campaign, the surest first; none of campaigns that were not detected.
    """
    found: defaultdict[str, dict[str, SharedTrace]] = defaultdict(dict)
    for report, digest in reports:
        for test in sorted(report.key_tests, key=lambda one: one.log10_corrected_p):
            if test.detected and test.pool in _OF_CAMPAIGNS:
                found[test.campaign_id].setdefault(digest, _trace(report, test, digest))
    return {
        campaign_id: tuple(sorted(traces.values(), key=_sureness)[:MOST_TRACES])
        for campaign_id, traces in found.items()
    }


def _trace(report: ProbeReport, test: KeyTest, digest: str) -> SharedTrace:
    return SharedTrace(
        log10_corrected_p=min(test.log10_corrected_p, 0.0),
        tests=max(report.tests, 0),
        accounts_together=test.pool is Pool.CAMPAIGN_ACCOUNTS,
        report_sha256=digest,
    )


def _sureness(trace: SharedTrace) -> tuple[float, str]:
    return trace.log10_corrected_p, trace.report_sha256
