"""Peers learn that a model was trained on a campaign's harvest, and never which model."""

from __future__ import annotations

import json

from stix2validator import ValidationOptions, validate_string
from tests.intel.indicators import choices, epoch_key, observables
from tests.report.cases import example_case
from tests.report.probe_reports import key_test, probe_report

from cautery.intel.bulletins import make_bulletin
from cautery.intel.stix_objects import bulletin_objects, write_bundle
from cautery.intel.traces import MOST_TRACES, traces_of
from cautery.records.probe import Pool

SUSPECT = probe_report()
DIGEST = "d" * 64


def test_only_campaigns_that_were_detected_are_told() -> None:
    """The epoch's key and accounts' are nobody's business; what was not detected is nothing."""
    tests = (
        key_test(Pool.EPOCH, -40.0),
        key_test(Pool.ACCOUNT, -40.0, account_id="acct_0001", campaign_id="C-9"),
        *SUSPECT.key_tests,
    )
    found = traces_of([(probe_report(key_tests=tests), DIGEST)])
    assert list(found) == ["C-2026-0001"]
    (trace,) = found["C-2026-0001"]
    assert (trace.log10_corrected_p, trace.tests, trace.report_sha256) == (-30.0, 6, DIGEST)


def test_a_model_is_told_once_and_the_surest_first() -> None:
    """A campaign's key and its accounts' together are one finding; of many models some are told."""
    tests = (
        key_test(Pool.CAMPAIGN_ACCOUNTS, -9.0, campaign_id="C-1"),
        key_test(Pool.CAMPAIGN, -20.0, campaign_id="C-1"),
    )
    reports = [(probe_report(key_tests=tests), f"{number:064x}") for number in range(30)]
    traces = traces_of(reports)["C-1"]
    assert len(traces) == MOST_TRACES
    assert {trace.accounts_together for trace in traces} == {False}
    sure = traces_of(
        [
            *reports,
            (
                probe_report(
                    key_tests=(key_test(Pool.CAMPAIGN_ACCOUNTS, -99.0, campaign_id="C-1"),)
                ),
                DIGEST,
            ),
        ]
    )
    assert sure["C-1"][0].accounts_together


def test_the_note_is_valid_and_names_no_model() -> None:
    """OASIS's validator finds no error; the note points to the campaign and holds the chance."""
    traces = traces_of([(SUSPECT, DIGEST)])
    made = make_bulletin(example_case(), observables(), epoch_key(), choices(), traces)
    objects = bulletin_objects(made)
    text = write_bundle(objects).decode()
    found = validate_string(text, ValidationOptions(version="2.1"))
    assert found.is_valid, found.errors
    (note,) = [each for each in objects if each["type"] == "note"]
    (campaign,) = note["object_refs"]
    names = {each["id"]: each["name"] for each in objects if each["type"] == "campaign"}
    assert names[campaign].startswith("C-2026-0001")
    assert "1.00e-30, corrected for 6 tests" in note["content"]
    assert SUSPECT.suspect not in text
    report = next(each for each in objects if each["type"] == "report")
    assert note["id"] in report["object_refs"]
    again = make_bulletin(example_case(), observables(), epoch_key(), choices(), traces)
    assert write_bundle(bulletin_objects(again)).decode() == text


def test_without_reports_nothing_changes() -> None:
    """A bulletin of before is the same to the byte."""
    plain = make_bulletin(example_case(), observables(), epoch_key(), choices())
    other = make_bulletin(example_case(), observables(), epoch_key(), choices(), {"C-9": ()})
    assert write_bundle(bulletin_objects(plain)) == write_bundle(bulletin_objects(other))
    assert json.loads(write_bundle(bulletin_objects(plain)))["type"] == "bundle"
