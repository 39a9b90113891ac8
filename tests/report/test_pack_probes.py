"""Reports of probes in a pack: they fit its case, say nothing of others, and cannot be bent."""

from __future__ import annotations

import json
from typing import Any

import pytest
from tests.report.judged import judged_case
from tests.report.packs import KEY, contents_of, members_of, pack_of
from tests.report.probe_reports import content_of, power, probe_report
from tests.report.test_pack_verifying import forged, wrong

from cautery.errors import MalformedFileError, UsageError
from cautery.records.probe import Pool, ProbeReport, ProbeVerdict
from cautery.report.evidence_pack import digest
from cautery.report.pack_probes import MOST_PROBE_BYTES, cut_report, read_report
from cautery.report.pack_verifying import verify_evidence_pack

CASE = digest(contents_of(judged_case()).case_content)


def test_a_report_is_packed_as_it_was_written() -> None:
    """Its bytes are in the pack, the manifest names it, and the readme tells what it is."""
    content = content_of(probe_report(CASE))
    pack = pack_of(probes=(content, content_of(probe_report())))
    files = members_of(pack)
    assert files["probe-1.json"] == content
    assert "probe-2.json" in files["readme.txt"].decode()
    verdict = verify_evidence_pack(pack, trusted=[KEY.public_key()])
    assert verdict.holds
    (said,) = [check.said for check in verdict.checks if check.what == "probes"]
    assert said.startswith("2 on suspect models")


def test_a_pack_without_reports_says_nothing_of_them() -> None:
    """A pack of before is verified as it was."""
    checks = verify_evidence_pack(pack_of()).checks
    assert "probes" not in {check.what for check in checks}


@pytest.mark.parametrize(
    ("content", "error", "words"),
    [
        (content_of(probe_report("b" * 64)), UsageError, "names another case"),
        (b"{}", MalformedFileError, "not the report of a probe"),
        (b"\xff", MalformedFileError, "not the report of a probe"),
        (b"[" * 100_000, MalformedFileError, "not the report of a probe"),
        (content_of(probe_report(schema="cautery.probe/2")), MalformedFileError, "its schema"),
        (b" " * (MOST_PROBE_BYTES + 1), MalformedFileError, "too long"),
    ],
)
def test_what_is_no_report_on_this_case(content: bytes, error: type[Any], words: str) -> None:
    """It is refused before anything is packed."""
    with pytest.raises(error, match=words):
        pack_of(probes=(content,))


def test_more_reports_than_a_pack_holds() -> None:
    """Nine are enough for one case."""
    with pytest.raises(UsageError, match="at most 9"):
        pack_of(probes=(content_of(probe_report()),) * 10)


def test_an_excerpt_says_nothing_of_others() -> None:
    """Other campaigns and accounts are cut out of tests, curves and notes; the number stays."""
    pack = pack_of(campaign_id="C-2026-0001", probes=(content_of(probe_report(CASE)),))
    content = members_of(pack)["probe-1.json"]
    assert b"C-2026-0002" not in content
    assert b"acct_0101" not in content
    report = read_report(content, "")
    owners = [(one.campaign_id, one.account_id) for one in report.key_tests]
    assert owners == [("C-2026-0001", ""), ("", "acct_0001"), ("", "")]
    assert (report.tests, report.campaign_ids) == (6, ("C-2026-0001",))
    assert report.notes == ("excerpt: 3 tests of other campaigns and accounts are left out",)
    assert verify_evidence_pack(pack, trusted=[KEY.public_key()]).holds


def test_an_excerpt_of_a_campaign_that_was_not_detected() -> None:
    """It does not tell that another one was; its own curves stay."""
    report = probe_report(CASE, power=(power(Pool.CAMPAIGN_ACCOUNTS, "C-2026-0002"),))
    cut = cut_report(report, judged_case(), "C-2026-0002")
    assert (cut.verdict, cut.campaign_ids, cut.epochs) == (ProbeVerdict.NOT_DETECTED, (), ())
    assert len(cut.power) == 1
    pack = pack_of(campaign_id="C-2026-0002", probes=(content_of(report),))
    assert verify_evidence_pack(pack).holds


def test_a_report_that_names_nobody_is_whole_in_an_excerpt() -> None:
    """Of lineage or guardrails there is nothing to cut."""
    report = probe_report(probe="lineage", key_tests=(), power=(), campaign_ids=(), notes=())
    assert cut_report(report, judged_case(), "C-2026-0001") == ProbeReport(
        **{name: getattr(report, name) for name in ProbeReport.__slots__} | {"epochs": ()}
    )


def bent(**changes: Any) -> bytes:
    """A pack whose report was changed, manifest and signature to fit."""

    def change(files: dict[str, bytes]) -> None:
        report = json.loads(files["probe-1.json"])
        files["probe-1.json"] = json.dumps(report | changes).encode()

    return forged(pack_of(probes=(content_of(probe_report(CASE)),)), change, sign=True)


@pytest.mark.parametrize(
    "changes",
    [
        {"case_sha256": "b" * 64},
        {"campaign_ids": ["C-2026-0002"]},
        {"campaign_ids": ["C-9"]},
        {"account_ids": ["acct_0001"]},
        {"verdict": "not detected"},
        {"false_positive_rate": 0.99},
        {"false_positive_rate": 0.0},
        {"key_tests": "none"},
    ],
)
def test_a_report_that_was_bent_does_not_hold(changes: dict[str, Any]) -> None:
    """Findings follow from chances, and names from findings, whoever signs."""
    assert "probes" in wrong(bent(**changes), trusted=False)
    assert wrong(bent(), trusted=False) == []
