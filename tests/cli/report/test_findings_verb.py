"""``cautery report findings``: a case for a SIEM."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from tests.report.cases import empty_case
from tests.report.judged import judged_case
from tests.report.packs import write_case

from cautery.cli.main import run


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with results in ``out``."""
    monkeypatch.chdir(tmp_path)
    write_case(judged_case(), Path("out"))
    return tmp_path


@pytest.mark.parametrize(("name", "member"), [("ocsf", "class_uid"), ("ecs", "@timestamp")])
def test_formats(folder: Path, name: str, member: str, capsys: pytest.CaptureFixture[str]) -> None:
    """To standard output, or to a file that may be written again; nobody else's is."""
    words = ["report", "findings", "out", "--format", name]
    assert run(words) == 0
    text = capsys.readouterr().out
    assert all(member in json.loads(line) for line in text.splitlines())
    for _ in range(2):
        assert run([*words, "--out", "f.jsonl"]) == 0
    assert Path("f.jsonl").read_text() == text
    Path("mine.txt").write_text("mine")
    assert run([*words, "--out", "mine.txt"]) == 3
    assert Path("mine.txt").read_text() == "mine"


def test_nothing_found_and_wrong_calls(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """No findings are no lines; OCSF unless something else is asked for."""
    write_case(empty_case(), Path("empty"))
    assert run(["report", "findings", "empty/case.json"]) == 0
    assert capsys.readouterr().out == ""
    assert run(["report", "findings", "out"]) == 0
    assert '"class_uid":2004' in capsys.readouterr().out
    assert run(["report", "findings", "out", "--format", "cef"]) == 2
    assert run(["report", "findings", "none"]) == 3
