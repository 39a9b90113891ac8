"""``cautery simulate``: what it writes, says and refuses."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from cautery.cli.main import main


def run(*words: str) -> int:
    """Run the command line and return its exit code."""
    with pytest.raises(SystemExit) as stop:
        main(list(words))
    return int(stop.value.code or 0)


def test_simulate_writes_log_tables_and_truth(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The folder holds everything that contracts promise, and the screen says where."""
    folder = tmp_path / "log"
    words = ["--tier", "hydra", "--accounts", "600", "--days", "1", "--seed", "7"]
    assert run("simulate", *words, "-o", str(folder), "--no-progress") == 0
    assert sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*.*")) == [
        "accounts.csv",
        "exchanges.parquet",
        "releases.csv",
        "truth/accounts.csv",
        "truth/exchanges.csv",
        "truth/plan.json",
    ]
    assert json.loads((folder / "truth" / "plan.json").read_text())["seed"] == 7
    said = capsys.readouterr()
    assert "600 accounts" in said.out
    assert str(folder / "exchanges.parquet") in said.out
    assert said.err == ""


def test_audit_prints_the_worst_first(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The audit names tier, worst area and features; an easy tier is not a failure."""
    words = ["--tier", "loud", "--accounts", "600", "--days", "1", "--no-progress"]
    assert run("simulate", *words, "-o", str(tmp_path)) == 0
    capsys.readouterr()
    assert run("simulate", "audit", str(tmp_path), "--show", "3") == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].startswith("loud: worst area under the curve")
    assert len(lines) == 4


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--tier", "hydro"], "Did you mean"),
        (["--accounts", "5"], "at least 600"),
        (["--log-format", "xml"], "canonical-jsonl"),
    ],
)
def test_impossible_wishes_are_usage_errors(
    words: list[str], said: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Exit code 2, one sentence, and what is possible."""
    assert run("simulate", *words, "-o", str(tmp_path / "log")) == 2
    assert said in capsys.readouterr().err
