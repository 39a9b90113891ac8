"""``cautery intel values`` and ``match``: two peers, three files, one overlap."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from cautery.cli.main import run

pytest.importorskip("private_set_intersection.python")


def intel(*words: str) -> int:
    """Run a verb of ``cautery intel``."""
    return run(["intel", *words])


def test_two_peers_match(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Who asks learns the values that both have, and the files show none."""
    words = ["values", "out", "--accounts", "accounts.jsonl", "--log", "log.jsonl"]
    assert intel(*words, "-o", "mine.csv") == 0
    mine = Path("mine.csv").read_text().splitlines()
    assert len(mine) > 8
    assert stat.S_IMODE(Path("mine.csv").stat().st_mode) == 0o600
    Path("theirs.csv").write_text("\n".join([*mine[:6], "payment,pm_other", ""]))
    assert intel("match", "request", "mine.csv", "-o", "request", "--secret", "secret") == 0
    assert stat.S_IMODE(Path("secret").stat().st_mode) == 0o600
    assert intel("match", "respond", "request", "theirs.csv", "-o", "response") == 0
    capsys.readouterr()
    assert intel("match", "result", "response", "--secret", "secret") == 0
    assert capsys.readouterr().out.splitlines() == mine[:6]
    assert intel("match", "result", "response", "--secret", "secret", "-o", "both.csv") == 0
    assert Path("both.csv").read_text().splitlines() == mine[:6]
    values = [line.partition(",")[2] for line in mine[1:]]
    sent = Path("request").read_text() + Path("response").read_text()
    assert [value for value in values if value in sent] == []


def test_nothing_in_common(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """No overlap is an answer too."""
    Path("mine.csv").write_text("kind,value\naccount,a\n")
    Path("theirs.csv").write_text("kind,value\naccount,b\n")
    assert intel("match", "request", "mine.csv", "-o", "request", "--secret", "secret") == 0
    assert intel("match", "respond", "request", "theirs.csv", "-o", "response") == 0
    capsys.readouterr()
    assert intel("match", "result", "response", "--secret", "secret") == 0
    assert capsys.readouterr().out == "kind,value\n"


def test_bad_calls(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A secret is not overwritten, a flood is not answered, and bad files are errors."""
    Path("mine.csv").write_text("kind,value\naccount,a\naccount,b\n")
    request = ["match", "request", "mine.csv", "-o", "request", "--secret", "secret"]
    assert intel(*request) == 0
    for words, code in (
        (request, 3),
        (["match", "respond", "request", "mine.csv", "-o", "x", "--most", "1"], 3),
        (["match", "respond", "mine.csv", "mine.csv", "-o", "x"], 3),
        (["match", "respond", "none", "mine.csv", "-o", "x"], 3),
        (["match", "result", "request", "--secret", "secret"], 3),
        (["match", "result", "request", "--secret", "none"], 3),
        (["values", "out", "-o", "x"], 2),
        (["match", "request", "mine.csv", "-o", "x", "--secret", "x"], 2),
    ):
        capsys.readouterr()
        assert intel(*words) == code
        assert capsys.readouterr().err.startswith("error: ")
    assert not Path("x").exists()


def test_files_of_others_stay(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Nothing but an earlier file of the same kind is replaced, and no secret is left behind."""
    kept = Path("out/case.json").read_bytes()
    Path("mine.csv").write_text("kind,value\naccount,a\n")
    assert intel("match", "request", "mine.csv", "-o", "request", "--secret", "secret") == 0
    for words in (
        ["values", "out", "--accounts", "accounts.jsonl"],
        ["match", "request", "mine.csv", "--secret", "new-secret"],
        ["match", "respond", "request", "mine.csv"],
    ):
        assert intel(*words, "-o", "out/case.json") == 3
        assert "would be overwritten. Choose another file with -o" in capsys.readouterr().err
    assert intel("match", "respond", "request", "mine.csv", "-o", "request") == 3
    assert Path("out/case.json").read_bytes() == kept
    assert not Path("new-secret").exists()
    for _ in range(2):
        assert intel("match", "respond", "request", "mine.csv", "-o", "response") == 0
