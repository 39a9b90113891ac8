"""Every exit code of the contract, from the real program."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from tests.end_to_end.command_line import QUICK, cautery, simulate


def row(number: int) -> str:
    return json.dumps(
        {
            "time_start": f"2026-03-01T00:{number % 60:02d}:00Z",
            "account_id": f"a{number % 7}",
            "input_text": f"question number {number}",
        }
    )


@pytest.fixture
def small_log(tmp_path: Path) -> Path:
    """A hundred good lines."""
    path = tmp_path / "log.jsonl"
    path.write_text("\n".join(map(row, range(100))) + "\n", encoding="utf-8")
    return path


def test_a_run_without_findings_leaves_with_0(tmp_path: Path, small_log: Path) -> None:
    """Nothing found is not a failure, even if findings were to fail."""
    outcome = cautery("scan", small_log, "-o", tmp_path / "out", "--fail-on", "watch")
    assert outcome.code == 0, outcome.messages


def test_findings_leave_with_1_if_asked_for(tmp_path: Path) -> None:
    """The loud tier is found; ``--fail-on likely`` says so to a script."""
    log = simulate(tmp_path / "log", "loud", *QUICK)
    words = ("--accounts", log / "accounts.csv", "-o", tmp_path / "out", "--no-progress")
    outcome = cautery("scan", *sorted(log.glob("exchanges*")), *words, "--fail-on", "likely")
    assert outcome.code == 1, outcome.messages


@pytest.mark.parametrize("words", [("scan", "--nonsense"), ("scam",), ("benchmark", "score")])
def test_a_wrong_call_leaves_with_2(words: tuple[str, ...]) -> None:
    """One sentence that says what is wrong."""
    outcome = cautery(*words)
    assert outcome.code == 2
    assert outcome.messages.startswith("error: ")
    assert "Traceback" not in outcome.messages


def test_a_missing_log_leaves_with_3(tmp_path: Path) -> None:
    """The path is named."""
    outcome = cautery("scan", tmp_path / "nowhere.jsonl", "-o", tmp_path / "out")
    assert outcome.code == 3
    assert "nowhere.jsonl" in outcome.messages


def test_too_many_bad_lines_leave_with_4(tmp_path: Path, small_log: Path) -> None:
    """Three in a hundred, one allowed; the bad lines are kept with their place."""
    with small_log.open("a", encoding="utf-8") as stream:
        stream.write("not json\n" * 3)
    outcome = cautery("scan", small_log, "-o", tmp_path / "out")
    assert outcome.code == 4, outcome.messages
    rejected = (tmp_path / "out" / "rejected.jsonl").read_text(encoding="utf-8").splitlines()
    assert len(rejected) == 3


def test_scoring_the_wrong_folder_leaves_with_3(tmp_path: Path, small_log: Path) -> None:
    """A log's folder is no truth."""
    outcome = cautery("benchmark", "score", small_log.parent, tmp_path)
    assert outcome.code == 3
    assert "cautery simulate" in outcome.messages
