"""``cautery intel``: share a case, take it in elsewhere, and weigh it in a scan."""

from __future__ import annotations

import json
import stat
from hashlib import sha256
from pathlib import Path

import pytest
from stix2validator import ValidationOptions, validate_string
from tests.report.probe_reports import content_of, key_test, probe_report

from cautery.cli import clock
from cautery.cli.main import run
from cautery.records.probe import Pool

ALL = ("--accounts", "accounts.jsonl", "--log", "log.jsonl", "--keys", "keys.json")


def intel(*words: str) -> int:
    """Run a verb of ``cautery intel``."""
    return run(["intel", *words])


def export(*words: str, name: str = "file.json") -> int:
    """Write the case for peers."""
    return intel("export", "out", "--provider", "Lab A", *ALL, "-o", name, *words)


def test_keys(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A key file is its owner's only, is not overwritten, and grows by an epoch."""
    assert stat.S_IMODE(Path("keys.json").stat().st_mode) == 0o600
    assert intel("init", "keys.json", "--group", "labs") == 3
    assert intel("init", "other.json", "--group", "No Name") == 3
    assert intel("rotate", "keys.json") == 0
    keys = json.loads(Path("keys.json").read_text())["keys"]
    assert [key["valid_from"][:10] for key in keys] == ["2026-10-26", "2026-11-02"]
    shown = capsys.readouterr()
    assert [key["value"] for key in keys if key["value"] in shown.err + shown.out] == []


def test_preview_and_export(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The preview counts what the export then holds; nothing sensitive is in the file."""
    assert intel("preview", "out", *ALL, "--output-format", "json") == 0
    preview = json.loads(capsys.readouterr().out)["preview"]
    assert export() == 0
    assert "1 campaigns" in capsys.readouterr().err
    text = Path("file.json").read_text()
    objects = json.loads(text)["objects"]
    shared = sum(row["shared"] for row in preview["kinds"])
    assert shared == sum(each["type"] == "indicator" for each in objects) > 10
    assert validate_string(text, ValidationOptions(version="2.1")).is_valid
    rows = [json.loads(line) for line in Path("accounts.jsonl").read_text().splitlines()]
    columns = ("account_id", "org_id", "email_domain", "payment_fingerprint")
    secrets = {row.get(column) for row in rows for column in columns} - {None, ""}
    lines = [json.loads(line) for line in Path("log.jsonl").read_text().splitlines()]
    secrets |= {row.get("client_address") for row in lines} - {None}
    secrets |= {row["input_text"] for row in lines if row.get("input_text")}
    assert len(secrets) > 500
    assert [secret for secret in secrets if secret in text] == []


def test_preview_for_people(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Every field of the case is listed with what becomes of it, before anything leaves."""
    assert intel("preview", "out") == 0
    shown = capsys.readouterr().out
    assert "campaigns shared: 1 (C-2026-0001)" in shown
    assert "not: there is no epoch key" in shown
    assert "fields of Member" in shown
    assert not Path("out/shared.stix.json").exists()


def test_a_model_that_learned_from_a_campaign(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Peers are told by a note, the preview says so before, and the model is named nowhere."""
    content = Path("out/case.json").read_bytes()
    name = json.loads(content)["campaigns"][0]["campaign_id"]
    test = key_test(Pool.CAMPAIGN, -30.0, campaign_id=name)
    report = probe_report(sha256(content).hexdigest(), key_tests=(test,))
    Path("probe.json").write_bytes(content_of(report))
    assert intel("preview", "out", *ALL, "--probe", "probe.json") == 0
    line = f"campaigns that suspect models learned from, unnamed: 1 ({name})"
    assert line in capsys.readouterr().out
    assert export("--probe", "probe.json") == 0
    text = Path("file.json").read_text()
    assert [each["type"] for each in json.loads(text)["objects"]].count("note") == 1
    assert report.suspect not in text
    Path("probe.json").write_bytes(content_of(probe_report("b" * 64)))
    assert export("--probe", "probe.json", name="other.json") == 2
    assert not Path("other.json").exists()


def test_same_case_same_bytes(folder: Path, capsysbinary: pytest.CaptureFixture[bytes]) -> None:
    """Twice the same bytes, in a file and on standard output."""
    assert export(name="one.json") == export(name="two.json") == 0
    assert Path("one.json").read_bytes() == Path("two.json").read_bytes()
    capsysbinary.readouterr()
    assert export(name="-") == 0
    assert capsysbinary.readouterr().out == Path("one.json").read_bytes()


def test_a_peer_takes_it_in(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """What a peer takes in is shown with its source and its end, once however often it comes."""
    assert export() == 0
    assert intel("import", "file.json", "--peer", "Lab \x1b[31mA") == 0
    assert "new" in capsys.readouterr().err
    assert intel("import", "file.json", "--peer", "Lab \x1b[31mA") == 0
    assert "unchanged" in capsys.readouterr().err
    assert intel("show") == 0
    shown = capsys.readouterr()
    lines = shown.out.splitlines()
    assert all("until 2026-11" in line and "TLP:AMBER" in line for line in lines)
    assert lines[0].startswith("Lab \\x1b[31mA: ")
    assert intel("show", "--output-format", "json") == 0
    rows = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert len(rows) == len(lines)
    assert {row["given_by"] for row in rows} == {"Lab \x1b[31mA"}
    assert intel("show", "--forget", "Lab \x1b[31mA") == 0
    assert intel("show", "--all") == 0
    assert capsys.readouterr().out == ""


def test_a_scan_weighs_it(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The row of the waterfall names the peer and the end; without the keys little is known."""
    assert export() == 0
    assert intel("import", "file.json", "--peer", "Lab A") == 0
    words = ["scan", "log.jsonl", "--accounts", "accounts.jsonl", "--no-progress"]
    words += ["--indicators", "cautery-indicators.sqlite"]
    assert run([*words, "-o", "with", "--sharing-keys", "keys.json"]) == 0
    assert "hold now" in capsys.readouterr().err
    (campaign,) = json.loads(Path("with/case.json").read_text())["campaigns"]
    (row,) = [each for each in campaign["weights"] if each["signal"] == "peer_indicators"]
    assert row["bits"] == 1.0
    assert "Lab A" in row["observed"]
    assert "valid until 2026-11" in row["sentence"]
    assert run([*words, "-o", "without"]) == 0
    assert "more are keyed" in capsys.readouterr().err
    assert run(["scan", "log.jsonl", "--sharing-keys", "keys.json"]) == 2
    assert run(["scan", "log.jsonl", "--indicators", "none.sqlite"]) == 3


@pytest.mark.parametrize("name", ["stix", "misp", "csv", "sigma"])
def test_files_of_others_stay(folder: Path, capsys: pytest.CaptureFixture[str], name: str) -> None:
    """An earlier export of the same format is replaced; a case, a log or another format is not."""
    for taken in ("out/case.json", "log.jsonl", "keys.json"):
        kept = Path(taken).read_bytes()
        assert export("--format", name, name=taken) == 3
        said = capsys.readouterr().err
        assert f"this file is not what cautery writes here ({name})" in " ".join(said.split())
        assert Path(taken).read_bytes() == kept
    for _ in range(2):
        assert export("--format", name) == 0
    other = "csv" if name == "stix" else "stix"
    assert export("--format", other) == 3
    assert export("--format", name, name="-") == 0
    assert "wrote to standard output: 1 campaigns" in capsys.readouterr().err


def test_what_ran_out_is_not_taken(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A year later nothing of the file holds, and it is said so."""
    assert export() == 0
    later = clock.now().replace(year=2027)
    monkeypatch.setattr(clock, "now", lambda: later)
    assert intel("import", "file.json", "--peer", "Lab A") == 0
    assert "expired" in capsys.readouterr().err
    assert intel("show") == 0
    assert capsys.readouterr().out == ""
    assert export() == 3
    assert "no epoch key" in capsys.readouterr().err


BAD = {
    "no-provider": (["export", "out", "--provider", " "], 2),
    "no-case": (["export", "nowhere", "--provider", "Lab"], 3),
    "no-format": (["export", "out", "--provider", "Lab", "--format", "odd"], 2),
    "no-keys": (["export", "out", "--provider", "Lab", "--keys", "none.json"], 3),
    "too-long": (["export", "out", "--provider", "Lab", "--valid-days", "9999"], 2),
    "no-file": (["import", "none.json", "--peer", "Lab"], 3),
    "no-peer": (["import", "bad.json", "--peer", " "], 3),
    "bad-file": (["import", "bad.json", "--peer", "Lab"], 3),
    "no-store": (["show", "--store", "none.sqlite"], 3),
    "no-place": (["export", "out", "--provider", "Lab", "-o", "keys.json/x"], 3),
}


@pytest.mark.parametrize("name", BAD)
def test_bad_calls(folder: Path, capsys: pytest.CaptureFixture[str], name: str) -> None:
    """Each is an error on one line and its exit code, and no store is left behind."""
    words, code = BAD[name]
    Path("bad.json").write_text('{"type": "bundle", "id": "x"}')
    assert intel(*words) == code
    error = capsys.readouterr().err
    assert error.startswith("error: ")
    assert "Traceback" not in error
    assert not Path("cautery-indicators.sqlite").exists()


def test_a_bad_file_leaves_what_was_there(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """One fault in a file, and none of its good indicators is taken; the store is as it was."""
    assert export() == 0
    bundle = json.loads(Path("file.json").read_text())
    rows = [each for each in bundle["objects"] if each["type"] == "indicator"]
    good = {**bundle, "objects": rows[:2]}
    rows[3]["confidence"] = "\x1b[2J"
    Path("good.json").write_text(json.dumps(good))
    Path("bad.json").write_text(json.dumps(bundle))
    assert intel("import", "good.json", "--peer", "Lab A") == 0
    before = Path("cautery-indicators.sqlite").read_bytes()
    assert intel("import", "bad.json", "--peer", "Lab A") == 3
    error = capsys.readouterr().err
    assert "bad.json: objects[" in error
    assert "Nothing of it was taken" in error
    assert Path("cautery-indicators.sqlite").read_bytes() == before


def test_hostile_names_are_inert(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A peer's name of itself may hold anything; no screen acts on it."""
    assert export() == 0
    text = Path("file.json").read_text().replace('"name":"Lab A"', '"name":"\\u001b[2J\\u202e<b>"')
    Path("file.json").write_text(text)
    assert intel("import", "file.json", "--peer", "Lab A") == 0
    capsys.readouterr()
    for words in ([], ["--output-format", "json"]):
        assert intel("show", *words) == 0
        shown = capsys.readouterr().out
        assert "202e" in shown
        assert shown.replace("\n", "").isprintable()
