"""Runs the real command line in a process of its own, as a person would."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

QUICK = ("--accounts", "1500", "--volume", "0.12", "--seed", "3")
"""Size of a log whose loud campaigns are found, small enough for the slow formats."""
RESULT_FILES = ("case.json", "accounts.csv", "campaigns.csv", "report.html")
"""What every scan writes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What one call left behind."""

    code: int
    output: str
    messages: str


def cautery(*words: str | Path, program: str | None = None) -> Outcome:
    """Call ``cautery`` with some words.

    Args:
        words: The words after ``cautery``.
        program: Python text to run instead of the module, for tests that take something away.

    Returns:
        Exit code, standard output and standard error.
    """
    start = ["-c", program] if program else ["-m", "cautery.cli"]
    done = subprocess.run(
        [sys.executable, *start, *map(str, words)],
        check=False,
        capture_output=True,
        encoding="utf-8",
        timeout=300,
    )
    # A fault of ours ends with the code of bad input.
    assert "in a way nobody foresaw" not in done.stderr, done.stderr
    return Outcome(code=done.returncode, output=done.stdout, messages=done.stderr)


def succeed(*words: str | Path) -> Outcome:
    """Call ``cautery`` and insist that it ran."""
    outcome = cautery(*words)
    assert outcome.code == 0, outcome.messages[-2_000:]
    return outcome


def simulate(folder: Path, tier: str, *words: str) -> Path:
    """Write a labelled log, a small one unless the words say otherwise."""
    size = () if "--accounts" in words else ("--accounts", "1500", "--volume", "0.3", "--seed", "3")
    succeed("simulate", "--tier", tier, *size, *words, "-o", folder, "--no-progress")
    return folder


def scan(folder: Path, output: Path, *words: str) -> Outcome:
    """Scan a labelled log with the tables that its folder holds."""
    tables: list[str | Path] = []
    for name in ("accounts", "releases"):
        if (folder / f"{name}.csv").is_file():
            tables += [f"--{name}", folder / f"{name}.csv"]
    logs = sorted(folder.glob("exchanges*"))
    return succeed("scan", *logs, *tables, "-o", output, "--no-progress", *words)


def score(folder: Path, output: Path) -> dict[str, Any]:
    """Score a scan; the document that programs read."""
    words = ("benchmark", "score", folder / "truth", output, "--output-format", "json")
    board: dict[str, Any] = json.loads(succeed(*words).output)
    return board


def at_likely(board: dict[str, Any]) -> dict[str, Any]:
    """Return the scores of accounts at ``likely`` or above."""
    return next(band for band in board["bands"] if band["band"] == "likely")
