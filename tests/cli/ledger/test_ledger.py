"""``cautery ledger`` through the command line."""

from __future__ import annotations

import json
import stat
from datetime import UTC, datetime
from pathlib import Path

import pytest
from tests.ledger.ledgers import clock, decision, time_of
from tests.ledger.time_stamp_authority import OPENSSL, TimeStampAuthority

from cautery.cli.main import run
from cautery.ledger.key_files import load_signing_key
from cautery.ledger.writer import Ledger


def ledger(*words: str) -> int:
    """Run a verb of ``cautery ledger``."""
    return run(["ledger", *words])


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with a ledger of fifty decisions."""
    monkeypatch.chdir(tmp_path)
    assert ledger("init", "log", "--new-key", "log.key", "--name", "example.com/ledger") == 0
    key = load_signing_key(Path("log.key"))
    with Ledger(Path("log"), key, clock=clock) as opened:
        for number in range(50):
            opened.submit("decision", decision(number), time_of(number))
    return tmp_path


def test_init(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The signing key is its owner's only; nothing is overwritten; a key may be brought along."""
    assert stat.S_IMODE(Path("log.key").stat().st_mode) == 0o600
    assert Path("log.key.pub").read_text() == Path("log/public-key").read_text()
    for words in (
        ["log", "--key", "log.key"],
        ["new", "--new-key", "log.key", "--name", "example.com/new"],
    ):
        assert ledger("init", *words) == 3
    for words in (
        [],
        ["--new-key", "k"],
        ["--key", "log.key", "--name", "x"],
        ["--key", "log.key", "--new-key", "k", "--name", "x"],
    ):
        assert ledger("init", "new", *words) == 2
    assert ledger("init", "new", "--new-key", "k", "--name", "two words") == 3
    assert not Path("new").exists()
    Path("log.key").chmod(0o644)
    assert ledger("init", "new", "--key", "log.key") == 3
    assert "chmod 600" in capsys.readouterr().err
    Path("log.key").chmod(0o600)
    assert ledger("init", "new", "--key", "log.key") == 0


def test_show(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Records are shown by place, account, time or from the end, the newest last."""
    capsys.readouterr()
    assert ledger("show", "log", "--last", "2") == 0
    shown = capsys.readouterr().out.splitlines()
    assert [line.split()[0] for line in shown] == ["48", "49"]
    assert ledger("show", "log", "--account", "account-3", "--output-format", "json") == 0
    found = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [each["position"] for each in found] == [3, 10, 17, 24, 31, 38, 45]
    assert found[0]["record"] == decision(3)
    words = ["--since", "2026-11-29T12:10", "--until", "2026-11-29T12:12:00Z"]
    assert ledger("show", "log", *words) == 0
    assert len(capsys.readouterr().out.splitlines()) == 2
    assert ledger("show", "log", "7", "5", "--output-format", "json") == 0
    assert [json.loads(line)["position"] for line in capsys.readouterr().out.splitlines()] == [7, 5]
    assert ledger("show", "log", "--since", "yesterday") == 2
    assert ledger("show", "log", "--since", "0001-01-01T00:00:00+23:59") == 2
    assert ledger("show", "log", "99") == 2
    assert ledger("show", "none") == 3


def test_prove_and_verify(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A pack of places and identifiers verifies with the public key, and only unchanged."""
    words = ["prove", "log", "7", "d12", "r13", "-o", "pack.json", "--key", "log.key"]
    assert ledger(*words) == 0
    capsys.readouterr()
    assert ledger("verify", "pack.json", "--public-key", "log.key.pub") == 0
    out = capsys.readouterr().out
    assert "verifies: 3 of the 50 records of example.com/ledger" in out
    json_words = ["--public-key", "log.key.pub", "--output-format", "json"]
    assert ledger("verify", "pack.json", *json_words) == 0
    report = json.loads(capsys.readouterr().out)
    assert [each["position"] for each in report["records"]] == [7, 12, 13]
    Path("pack.json").write_bytes(Path("pack.json").read_bytes().replace(b"A", b"B", 1))
    assert ledger("verify", "pack.json", "--public-key", "log.key.pub") == 1
    assert capsys.readouterr().out.startswith("does not verify\n  pack.json")
    assert ledger("verify", "pack.json", *json_words) == 1
    assert json.loads(capsys.readouterr().out)["verifies"] is False
    assert ledger("verify", "pack.json") == 2
    assert ledger("verify", "none.json", "--public-key", "log.key.pub") == 3
    for unknown in ("nobody", "99", "9" * 6_000):
        assert ledger("prove", "log", unknown, "-o", "p", "--key", "log.key") in {2, 3}
    assert "nobody foresaw" not in capsys.readouterr().err
    assert ledger("prove", "log", "-o", "p", "--key", "log.key") == 2
    assert not Path("p").exists()


def test_verify_a_ledger(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A ledger verifies; a changed one does not, and the exit code says so."""
    Path("kept").write_bytes(Path("log/checkpoint").read_bytes())
    capsys.readouterr()
    assert ledger("verify", "log", "--public-key", "log.key.pub", "--earlier", "kept") == 0
    out = capsys.readouterr().out
    assert "grew from 1 earlier" in out
    assert "forger" not in out
    assert ledger("verify", "log") == 0
    assert "forger" in capsys.readouterr().out
    assert ledger("verify", "log", "--witness", "log.key.pub") == 2
    segment = Path("log/records/00000000")
    segment.write_bytes(segment.read_bytes().replace(b'"d33"', b'"d34"'))
    assert ledger("verify", "log", "--output-format", "json") == 1
    report = json.loads(capsys.readouterr().out)
    assert report["faults"] == ["log/records/00000000: record 33 is damaged"]
    Path("log/checkpoint").write_text("nothing")
    assert ledger("verify", "log") == 1


def test_erase(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """What is about an account, old or named goes; the ledger and packs tell that it was there."""
    why = ["--reason", "request 82"]
    assert ledger("erase", "log", "--account", "account-3", *why, "--key", "log.key") == 0
    assert ledger("erase", "log", "--before", "2026-11-29T12:02", *why, "--key", "log.key") == 0
    assert ledger("erase", "log", "40", "41", *why, "--key", "log.key") == 0
    assert [line for line in capsys.readouterr().err.splitlines() if "erased" in line] == [
        "erased 7 records",
        "erased 2 records",
        "erased 2 records",
    ]
    assert ledger("verify", "log", "--public-key", "log.key.pub") == 0
    assert "11 were erased" in capsys.readouterr().out
    assert ledger("prove", "log", "3", "-o", "pack.json", "--key", "log.key") == 0
    assert ledger("verify", "pack.json", "--public-key", "log.key.pub") == 0
    assert "  3: erased 2" in capsys.readouterr().out
    assert ledger("show", "log", "3") == 0
    assert capsys.readouterr().out.split() == ["3", "erased"]
    assert ledger("erase", "log", "--account", "account-3", *why, "--key", "log.key") == 0
    assert "nothing to erase" in capsys.readouterr().err


def test_erase_is_careful(folder: Path) -> None:
    """Nothing is erased by accident: without a choice, a reason, a key, or what tells of it."""
    why = ["--reason", "request 83"]
    assert ledger("erase", "log", *why, "--key", "log.key") == 2
    assert ledger("erase", "log", "1", "--account", "a", *why, "--key", "log.key") == 2
    assert ledger("erase", "log", "1", *why) == 2
    assert ledger("erase", "log", "1", "--key", "log.key") == 2
    assert ledger("erase", "log", "1", "--reason", "", "--key", "log.key") == 2
    assert ledger("erase", "log", "99", *why, "--key", "log.key") == 2
    assert ledger("erase", "log", "1", *why, "--key", "log.key") == 0
    assert ledger("erase", "log", "50", *why, "--key", "log.key") == 2
    assert ledger("verify", "log") == 0


def test_erase_while_a_guard_writes(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A running writer carries a request out; the signing key is not needed then."""
    key = load_signing_key(Path("log.key"))
    with Ledger(
        Path("log"), key, clock=lambda: datetime.now(UTC), publish_interval_seconds=0.02
    ) as guard:
        assert ledger("erase", "log", "5", "--reason", "request 84") == 0
        assert guard.append("decision", decision(51), time_of(51)) == 51
    assert "erased 1 records" in capsys.readouterr().err
    assert ledger("verify", "log") == 0


def test_witness(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A witness signs, packs carry it, and a ledger that was put back is not signed again."""
    assert ledger("witness", "key", "w.key", "--name", "example.org/witness") == 0
    assert ledger("witness", "request", "log", "-o", "request") == 0
    sign = ["witness", "sign", "request", "--key", "w.key", "--public-key", "log.key.pub"]
    assert ledger(*sign, "--state", "state", "-o", "answer") == 0
    assert ledger("witness", "add", "log", "answer", "--public-key", "w.key.pub") == 0
    assert ledger("prove", "log", "7", "-o", "pack.json", "--key", "log.key") == 0
    trusted = ["--public-key", "log.key.pub", "--witness", "w.key.pub"]
    assert ledger("verify", "pack.json", *trusted) == 0
    assert ledger("verify", "log", *trusted) == 0
    assert capsys.readouterr().out.count("seen by example.org/witness at ") == 2
    assert ledger(*sign, "--state", "state", "-o", "answer") == 2
    assert "--old-size 50" in capsys.readouterr().err
    assert ledger("witness", "add", "log", "none", "--public-key", "w.key.pub") == 3


@pytest.mark.skipif(OPENSSL is None, reason="wants the program openssl, as an authority")
def test_stamp(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """An authority's reply is checked and kept; packs carry it."""
    Path("authority").mkdir()
    authority = TimeStampAuthority(folder / "authority")
    assert ledger("stamp", "request", "log", "-o", "request.tsq") == 0
    authority.reply(folder / "request.tsq", folder / "reply.tsr")
    root = ["--certificates", str(authority.root)]
    assert ledger("stamp", "add", "log", "reply.tsr", *root) == 0
    assert ledger("prove", "log", "7", "-o", "pack.json", "--key", "log.key") == 0
    capsys.readouterr()
    assert ledger("verify", "pack.json", "--public-key", "log.key.pub", *root) == 0
    assert "was there at 2" in capsys.readouterr().out
    assert ledger("verify", "pack.json", "--public-key", "log.key.pub") == 0
    assert "1 time stamps not checked" in capsys.readouterr().out
    assert ledger("stamp", "add", "log", "request.tsq", *root) == 3
