"""``cautery explain ACCOUNT --replay``: from a folder, a case.json or a pack."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
from tests.report.judged import judged_case
from tests.report.packs import KEY, OTHER_KEY, members_of, pack_of, write_case

from cautery.cli.main import run
from cautery.ledger.key_files import write_signing_key


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Results in ``out``, packs of them, and keys."""
    monkeypatch.chdir(tmp_path)
    write_case(judged_case(), Path("out"))
    Path("pack.zip").write_bytes(pack_of())
    Path("part.zip").write_bytes(pack_of(campaign_id="C-2026-0001"))
    write_signing_key(Path("trust.key"), KEY)
    write_signing_key(Path("other.key"), OTHER_KEY)
    return tmp_path


def explain(*words: str) -> int:
    """Explain an account."""
    return run(["explain", *words])


@pytest.mark.parametrize("source", ["out", "out/case.json", "pack.zip", "part.zip"])
def test_sources(folder: Path, source: str, capsys: pytest.CaptureFixture[str]) -> None:
    """The answer is the same wherever the case comes from, but for where that is."""
    assert explain("acct_0001", "--replay", source, "--format", "json") == 0
    said = capsys.readouterr()
    document = json.loads(said.out)
    assert document["schema"] == "cautery.appeal/1"
    assert document["replay"]["reproduces"] is True
    assert bool(document["source"]["pack_sha256"]) == source.endswith(".zip")
    assert explain("acct_0001", "--replay", "out", "--format", "json") == 0
    whole = json.loads(capsys.readouterr().out)
    assert {**document, "source": 0} == {**whole, "source": 0}
    assert document["source"]["case_sha256"] == whole["source"]["case_sha256"]
    assert "give --contact" in said.err


def test_formats(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Plain text unless something else is asked for; the contact stands in the letter."""
    words = ["acct_0001", "--replay", "pack.zip", "--contact", "appeals@example.com"]
    assert explain(*words) == 0
    plain = capsys.readouterr()
    assert plain.out.startswith("About your account acct_0001\n====")
    assert plain.err == ""
    assert explain(*words, "--format", "text") == 0
    assert capsys.readouterr().out == plain.out
    assert explain(*words, "--format", "markdown") == 0
    assert capsys.readouterr().out.startswith("# About your account acct\\_0001\n")
    assert explain(*words, "--format", "markdown", "--group-figures") == 0
    assert "3 of 4 accounts" in capsys.readouterr().out


def test_keys(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """With a trusted key the letter says who signed; with another the pack is not used."""
    words = ["acct_0001", "--replay", "pack.zip", "--trusted-key"]
    assert explain(*words, "trust.key.pub") == 0
    assert "signed by example.com/trust, key" in " ".join(capsys.readouterr().out.split())
    assert explain(*words, "other.key.pub") == 3
    assert "which is not trusted" in capsys.readouterr().err


def test_a_changed_pack_is_not_replayed(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Nobody is answered from a pack that does not hold."""
    Path("bad.zip").write_bytes(Path("pack.zip").read_bytes().replace(b"likely", b"LIKELY", 1))
    assert explain("acct_0001", "--replay", "bad.zip") == 3
    assert "the pack does not hold: archive" in capsys.readouterr().err


def test_a_decision_that_is_not_reproduced(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Exit code 1, and the letter says so, from a folder and from a signed pack."""
    case = judged_case()
    first, *rest = case.campaigns
    wrong = replace(case, campaigns=(replace(first, bits=first.bits + 1), *rest))
    write_case(wrong, Path("wrong"))
    Path("wrong.zip").write_bytes(pack_of(wrong))
    for source in ("wrong", "wrong.zip"):
        assert explain("acct_0001", "--replay", source) == 1
        assert "It does NOT give what the case states" in " ".join(capsys.readouterr().out.split())
    assert explain("acct_1000", "--replay", "wrong") == 0


@pytest.mark.parametrize(
    ("words", "code", "message"),
    [
        (["nobody", "--replay", "out"], 2, "no account 'nobody'"),
        (["acct_0101", "--replay", "part.zip"], 2, "no account 'acct_0101'"),
        (["acct_0001", "--replay", "none"], 3, "no results of a scan"),
        (["acct_0001", "--replay", "out", "--to", "acct_0002"], 2, "names no other account"),
        (["acct_0001", "--replay", "out", "--format", "html"], 2, "text|markdown|json"),
        (["acct_0001", "--replay", "out", "--trusted-key", "trust.key.pub"], 2, "only a pack"),
        (["acct_0001", "--contact", "me"], 2, "go with --replay"),
    ],
)
def test_wrong_calls(
    folder: Path,
    words: list[str],
    code: int,
    message: str,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """A wrong call says what to do, and nothing of it goes to standard output."""
    assert explain(*words) == code
    said = capsys.readouterr()
    assert message in said.err
    assert said.out == ""


def test_an_excerpt_in_a_folder(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Files taken out of a pack are results like any other."""
    Path("taken").mkdir()
    for name in ("case.json", "accounts.csv"):
        (Path("taken") / name).write_bytes(members_of(Path("part.zip").read_bytes())[name])
    assert explain("acct_0001", "--replay", "taken") == 0
    assert "It gives what the case states" in " ".join(capsys.readouterr().out.split())
