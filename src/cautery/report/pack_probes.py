"""Reports of probes in an evidence pack: whether a suspect model learned from a campaign.

A report stands beside the case, and never in it: decisions and packs name a case by its digest, and
a suspect turns up months after the scan. The report names the case that it used; here it is held
against the case of the pack.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Final

import msgspec

from cautery.errors import MalformedFileError, UsageError
from cautery.ledger.commitments import LedgerRecord
from cautery.records.probe import PROBE_RECORD, PROBE_SCHEMA, Pool, ProbeReport, ProbeVerdict
from cautery.report.pack_archive import ArchiveMember

if TYPE_CHECKING:
    from cautery.ledger.commitments import ErasedRecord
    from cautery.records.case import Case
    from cautery.records.probe import KeyTest

MOST_PROBES: Final = 9
"""Reports of one pack."""
MOST_PROBE_BYTES: Final = 16 * 1024 * 1024
PROBE_NAMES: Final = tuple(f"probe-{number}.json" for number in range(1, MOST_PROBES + 1))
"""Files of the reports, in the order in which they were given."""


def probe_files(
    contents: Sequence[bytes], whole: Case, whole_sha256: str, campaign_id: str
) -> list[ArchiveMember]:
    """Take reports into a pack.

    Of an excerpt, tests of other campaigns and of accounts outside it are left out.

    Args:
        contents: Reports, as ``cautery provenance`` wrote them.
        whole: The case that the scan wrote.
        whole_sha256: Its digest.
        campaign_id: The campaign that is cut out; empty for the whole case.

    Returns:
        A file for each.

    Raises:
        MalformedFileError: One is no report of a probe.
        UsageError: There are too many, or one is about another case.
    """
    if len(contents) > MOST_PROBES:
        raise UsageError(f"a pack holds at most {MOST_PROBES} reports of probes")
    files = []
    for name, content in zip(PROBE_NAMES, contents, strict=False):
        report = read_report(content, "--probe")
        check_case(report, whole_sha256, "--probe")
        if campaign_id:
            content = _spelled(cut_report(report, whole, campaign_id))  # noqa: PLW2901
        files.append(ArchiveMember(name=name, content=content))
    return files


def check_case(report: ProbeReport, case_sha256: str, where: str) -> None:
    """Refuse a report that rests on another case.

    Args:
        report: The report.
        case_sha256: Digest of the case.
        where: What to name in an error.

    Raises:
        UsageError: It names another one; one that names none fits.
    """
    if report.case_sha256 not in {"", case_sha256}:
        raise UsageError(
            f"the report on {report.suspect[:80]} names another case",
            where=where,
            hint="Take the case that the probe was given, or run it with --case on this one.",
        )


def read_report(content: bytes, where: str) -> ProbeReport:
    """Read a report of a probe.

    Args:
        content: JSON.
        where: What to name in an error.

    Returns:
        The report.

    Raises:
        MalformedFileError: It is too long, or something else.
    """
    if len(content) > MOST_PROBE_BYTES:
        raise MalformedFileError("too long for the report of a probe", where=where)
    try:
        report = msgspec.json.decode(content, type=ProbeReport)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise MalformedFileError(
            f"not the report of a probe: {str(error)[:200]}",
            where=where,
            hint="Give what cautery provenance model, lineage or guardrails wrote with -o.",
        ) from error
    if report.schema != PROBE_SCHEMA:
        raise MalformedFileError(f"its schema is not {PROBE_SCHEMA}", where=where)
    return report


def cut_report(report: ProbeReport, whole: Case, campaign_id: str) -> ProbeReport:
    """Leave out of a report what it says of other campaigns and of accounts outside this one.

    The number of tests stays, because chances are corrected for all of them.

    Args:
        report: The report.
        whole: The case.
        campaign_id: A campaign of it.

    Returns:
        The report, with a note that it was cut if it was.
    """
    groups = (*whole.campaigns, *whole.permitted_groups)
    own = {
        member.account_id
        for group in groups
        if group.campaign_id == campaign_id
        for member in group.members
    }
    others = [group.campaign_id for group in groups if group.campaign_id != campaign_id]
    tests = tuple(one for one in report.key_tests if _is_of(one, campaign_id, own))
    left = len(report.key_tests) - len(tests)
    named = [one for one in tests if one.detected]
    verdict = report.verdict
    if verdict is ProbeVerdict.DETECTED and report.key_tests and not named:
        verdict = ProbeVerdict.NOT_DETECTED
    words = f"excerpt: {left:,} tests of other campaigns and accounts are left out"
    notes = [note for note in report.notes if not any(other in note for other in others)]
    return replace(
        report,
        verdict=verdict,
        key_tests=tests,
        power=tuple(
            curve
            for curve in report.power
            if curve.pool is not Pool.CAMPAIGN_ACCOUNTS or curve.key_id == campaign_id
        ),
        epochs=_names(one.epoch for one in named),
        campaign_ids=_names(one.campaign_id for one in named),
        account_ids=_names(one.account_id for one in named),
        notes=(*notes, words) if left else tuple(notes),
    )


def _is_of(test: KeyTest, campaign_id: str, own: set[str]) -> bool:
    if test.pool is Pool.EPOCH:
        return True
    if test.pool is Pool.ACCOUNT:
        return test.account_id in own and test.campaign_id in {"", campaign_id}
    return test.campaign_id == campaign_id


def probe_faults(
    files: Mapping[str, bytes], case: Case, whole_sha256: str
) -> tuple[int, list[str]]:
    """Hold reports against the case of their pack, and their findings against their own figures.

    Args:
        files: Files of the pack.
        case: The case in the pack.
        whole_sha256: Digest of the case that the scan wrote.

    Returns:
        How many reports there are, and what is wrong, in words; nothing as a rule.
    """
    names, faults = [name for name in PROBE_NAMES if name in files], []
    for name in names:
        try:
            report = read_report(files[name], name)
        except MalformedFileError as error:
            faults.append(f"{name}: {error.what}")
        else:
            faults += [f"{name}: {fault}" for fault in _faults(report, case, whole_sha256)]
    return len(names), faults


def recorded_faults(
    files: Mapping[str, bytes], records: Iterable[LedgerRecord | ErasedRecord]
) -> list[str]:
    """Hold what a ledger has of probes against the reports in a pack.

    Args:
        files: Files of the pack, each readable.
        records: What the pack proves to be in a ledger.

    Returns:
        What is wrong, in words; nothing as a rule.
    """
    kept = [record for record in records if isinstance(record, LedgerRecord)]
    recorded = [record.record for record in kept if record.kind == PROBE_RECORD]
    reports = [msgspec.json.decode(files[name]) for name in PROBE_NAMES if name in files]
    if all(record in reports for record in recorded):
        return []
    return ["the ledger's report of a probe is none of those in the pack"]


def _faults(report: ProbeReport, case: Case, whole_sha256: str) -> Iterator[str]:
    if report.case_sha256 not in {"", whole_sha256}:
        yield "it is about another case"
    known = {group.campaign_id for group in (*case.campaigns, *case.permitted_groups)}
    if report.case_sha256 and not set(report.campaign_ids) <= known:
        yield "it names a campaign that the case does not have"
    if not report.key_tests:
        return
    if not 0.0 < report.false_positive_rate < 1.0:
        yield "its false-positive rate is no chance"
        return
    level = math.log10(report.false_positive_rate)
    if any(test.detected != (test.log10_corrected_p <= level) for test in report.key_tests):
        yield "a finding does not follow from its chance"
    named = [test for test in report.key_tests if test.detected]
    if (report.verdict is ProbeVerdict.DETECTED) != bool(named):
        yield "its verdict does not follow from its tests"
    if (report.epochs, report.campaign_ids, report.account_ids) != (
        _names(test.epoch for test in named),
        _names(test.campaign_id for test in named),
        _names(test.account_id for test in named),
    ):
        yield "what it names does not follow from its tests"


def _names(names: Iterator[str]) -> tuple[str, ...]:
    return tuple(sorted({name for name in names if name}))


def _spelled(report: ProbeReport) -> bytes:
    return msgspec.json.format(msgspec.json.encode(report), indent=1) + b"\n"
