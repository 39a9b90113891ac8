"""What the caller chose reaches the scan, through the command line and the rooms."""

from __future__ import annotations

from dataclasses import fields, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import pytest
from tests.cli.test_scan_verb import FakeRooms, table_of
from tests.report.cases import example_case

from cautery.cli import main, scan_run
from cautery.cli.scan_rooms import ScanChoices, real_rooms
from cautery.records.progress import SilentProgress
from cautery.scan import run as scan_room
from cautery.scan.run import ScanOptions

if TYPE_CHECKING:
    from cautery.records.case import Case


def test_every_choice_reaches_the_scan(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No choice is lost between the two records: each arrives under its name."""
    given: list[Any] = []

    def noted(*words: Any) -> Case:
        given.extend(words)
        return example_case()

    monkeypatch.setattr(scan_room, "scan", noted)
    marks = {field.name: cast("Any", object()) for field in fields(ScanChoices)}
    table, progress = table_of(), SilentProgress()
    real_rooms().scan(table, "accounts", "releases", ScanChoices(**marks), progress)
    assert given[:3] == [table, "accounts", "releases"]
    assert given[4] is progress
    assert given[3] == replace(ScanOptions(), **marks)


def test_memory_of_the_command_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A size is given to the scan in bytes, and nothing where nothing is said."""
    asked: list[int | None] = []
    fake = FakeRooms()

    def noted(*words: Any) -> Case:
        asked.append(words[3].memory_bytes)
        return fake.scan(*words)

    monkeypatch.setattr(
        scan_run, "real_rooms", lambda *_place, **_more: replace(fake.rooms(), scan=noted)
    )
    words = ["scan", "a.jsonl", "--no-progress", "-o", str(tmp_path / "out")]
    assert main.run(words) == 0
    assert main.run([*words, "--memory", "4GB"]) == 0
    assert asked == [None, 4 * 10**9]
