"""The whole loop, as ``examples/loop.py`` shows it: from an attack to the evidence of its student.

One run of the script, through the real command line and a guard in a process of its own; the tests
look at what it left behind. Keys are drawn anew each time, so that nothing here holds by luck.
"""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

import pytest
from examples import loop
from stix2validator import ValidationOptions, validate_string

from cautery.cli.main import run
from cautery.ledger.commitments import LedgerRecord
from cautery.ledger.key_files import load_public_key
from cautery.ledger.reader import LedgerReader
from cautery.records.probe import PROBE_RECORD

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What the script wrote."""
    path = tmp_path_factory.mktemp("loop") / "run"
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("NO_COLOR", "1")
        assert loop.main(["-o", str(path)]) == 0
    return path


def document(folder: Path, name: str) -> dict[str, Any]:
    """Read a JSON file of the run."""
    found: dict[str, Any] = json.loads((folder / name).read_text(encoding="utf-8"))
    return found


def key_of(folder: Path, owner: str) -> str:
    """Identifier of an owner's key."""
    rows = document(folder, "keys.json")["keys"]
    return str(next(row["key_id"] for row in rows if owner in row.values()))


def detected(report: dict[str, Any]) -> list[str]:
    """Keys that a report names."""
    return [test["key_id"] for test in report["key_tests"] if test["detected"]]


def decisions(folder: Path, kind: str) -> list[LedgerRecord]:
    """Records of a kind in the ledger, which verifies."""
    ledger, key = folder / "ledger", folder / "ledger.key.pub"
    assert run(["ledger", "verify", str(ledger), "--public-key", str(key)]) == 0
    reader = LedgerReader(ledger, load_public_key(key))
    found = [reader.record(position) for position in range(reader.size)]
    return [one for one in found if isinstance(one, LedgerRecord) and one.kind == kind]


def test_the_scan_finds_what_the_attacker_is(folder: Path) -> None:
    """The campaign is at *likely* or above, and all of its members are the attacker's."""
    with (folder / "traffic/truth/accounts.csv").open(encoding="utf-8", newline="") as stream:
        truth = {row["account_id"]: row["campaign_id"] for row in csv.DictReader(stream)}
    campaign = document(folder, "out/case.json")["campaigns"][0]
    members = [one["account_id"] for one in campaign["members"] if one["band"]]
    assert campaign["band"] in {"likely", "very likely"}
    assert len(members) >= 20
    assert {truth[account] for account in members} == {truth[members[0]]}


def test_the_guard_marks_the_campaign_and_leaves_honest_accounts_alone(folder: Path) -> None:
    """Nearly all that the attacker got has the campaign's key; no honest answer has."""
    tagged = [one for one in decisions(folder, "decision") if one.record["action"] == "tag"]
    by_campaign = [one.record["campaign_id"] for one in tagged]
    assert by_campaign.count("C-2026-0001") >= 0.95 * loop.HARVEST
    assert len(decisions(folder, "decision")) >= loop.HARVEST + loop.OTHERS
    assert {one.record["enforced_action"] for one in tagged} == {"tag"}
    assert {one.record["watermark_key_id"] for one in tagged} <= {
        key_of(folder, campaign["campaign_id"])
        for campaign in document(folder, "out/case.json")["campaigns"]
    }
    with (folder / "traffic/truth/accounts.csv").open(encoding="utf-8", newline="") as stream:
        honest = {row["account_id"] for row in csv.DictReader(stream) if row["attacker"] == "0"}
    assert not honest & {str(one.record["account_id"]) for one in tagged}


def test_the_probe_names_the_campaigns_key_and_no_other(folder: Path) -> None:
    """Out of the epoch's key, every campaign's and 1,000 accounts', pooled ones included."""
    report = document(folder, "student.json")
    assert report["tests"] > loop.ACCOUNTS
    assert detected(report) == [key_of(folder, "C-2026-0001")]
    assert (report["campaign_ids"], report["account_ids"]) == (["C-2026-0001"], [])
    assert report["key_tests"][0]["log10_corrected_p"] < -12


def test_a_clean_student_and_accounts_alone_show_nothing(folder: Path) -> None:
    """A student of unmarked answers shows no key; nor does one of a harvest that accounts mark."""
    clean, alone = document(folder, "clean.json"), document(folder, "accounts-only.json")
    assert (detected(clean), clean["verdict"]) == ([], "not detected")
    accounts = [test for test in alone["key_tests"] if test["pool"] == "account"]
    assert not [test for test in accounts if test["detected"]]
    exposed = [test for test in alone["key_tests"] if (test["inherited"] or 0.0) > 0.0]
    assert exposed, "the mark was there to be seen"


def test_the_pack_verifies_offline_and_proves_tags_and_probe(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Whoever has the two public keys checks every item; a changed bit is found."""
    assert len(decisions(folder, PROBE_RECORD)) == 2
    keys = ["--trusted-key", str(folder / "trust.key.pub")]
    keys += ["--ledger-key", str(folder / "ledger.key.pub"), "--output-format", "json"]
    capsys.readouterr()
    assert run(["report", "verify", str(folder / "evidence.zip"), *keys]) == 0
    checks = {one["what"]: one for one in json.loads(capsys.readouterr().out)["checks"]}
    assert {one["outcome"] for one in checks.values()} == {"holds"}
    assert {"probe-1.json", "probe-2.json", "probes", "ledger"} <= set(checks)
    assert run(["report", "verify", str(folder / "changed.zip"), *keys]) == 1


def test_the_bundle_is_valid_and_tells_nobodys_name_or_words(folder: Path) -> None:
    """OASIS's validator finds no error; no account, question or answer is in it."""
    text = (folder / "shared.stix.json").read_text(encoding="utf-8")
    found = validate_string(text, ValidationOptions(version="2.1"))
    assert found.is_valid, found.errors
    (note,) = [each for each in json.loads(text)["objects"] if each["type"] == "note"]
    assert "key of C-2026-0001 shows in a suspect model" in note["content"]
    assert document(folder, "student.json")["suspect"] not in text
    with (folder / "traffic/accounts.csv").open(encoding="utf-8", newline="") as stream:
        accounts = [row["account_id"] for row in csv.DictReader(stream)]
    assert not [account for account in accounts if account in text]
    (records,) = (folder / "records").glob("*.jsonl")
    for line in records.read_text(encoding="utf-8").splitlines():
        row = json.loads(line)
        assert row["output_text"][:60] not in text
        assert row["input_text"][:60] not in text
