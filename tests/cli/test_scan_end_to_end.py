"""``cautery scan`` with the real rooms on a small log: it runs, and finds nothing in little."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import jsonschema
import pytest

from cautery.cli import main
from cautery.report.case_schema import case_schema

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def log(tmp_path: Path) -> Path:
    """Write a log of unrelated accounts, one of them with a hostile name."""
    names = ["\x1b[2J=evil", *(f"acct_{number}" for number in range(19))]
    lines = [
        json.dumps(
            {
                "time_start": f"2026-10-0{1 + day}T{hour:02d}:00:00Z",
                "account_id": name,
                "input_text": f"What is {day} plus {hour}, said {name}?",
                "output_tokens": 40 + hour,
            }
        )
        for day in range(3)
        for hour, name in enumerate(names)
    ]
    path = tmp_path / "log.jsonl"
    path.write_text("\n".join([*lines, "broken"]), encoding="utf-8")
    return path


def test_a_small_log(log: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The document is valid, the screen is inert, and one bad line in sixty gives 4."""
    out = tmp_path / "out"
    code = main.run(["scan", str(log), "-o", str(out), "--output-format", "json"])
    shown = capsys.readouterr()
    assert code == 4
    document = json.loads(shown.out)
    jsonschema.Draft202012Validator(case_schema()).validate(document)
    assert (document["input"]["exchanges"], document["input"]["rejected"]) == (60, 1)
    assert document["campaigns"] == []
    assert "No campaigns at or above `watch`." in shown.err
    assert shown.err.replace("\n", "").isprintable()
    assert (out / "rejected.jsonl").is_file()


def test_same_bytes_twice(log: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A second scan of the same log writes the same files."""
    for name in ("one", "two"):
        assert main.run(["scan", str(log), "-o", str(tmp_path / name), "--max-bad", "5%"]) == 0
    capsys.readouterr()
    for name in ("case.json", "accounts.csv", "campaigns.csv", "report.html", "rejected.jsonl"):
        first, second = ((tmp_path / folder / name).read_bytes() for folder in ("one", "two"))
        assert first == second


def test_explain_after_scan(log: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """An account of the log can be explained from the folder that the scan wrote."""
    out = str(tmp_path / "out")
    assert main.run(["scan", str(log), "-o", out, "--max-bad", "5%", "--no-progress"]) == 0
    capsys.readouterr()
    assert main.run(["explain", "\\x1b[2J=evil", "--on", out]) == 0
    shown = capsys.readouterr().out
    assert shown.startswith("account \\x1b[2J=evil\n")
    assert "This account is in no campaign." in shown


def test_output_below_a_file(log: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A folder that cannot be made is an error with a hint, and the exit is 3."""
    assert main.run(["scan", str(log), "-o", str(log / "out")]) == 3
    assert capsys.readouterr().err.startswith("error: ")
