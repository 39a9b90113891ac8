"""``cautery scan --resume``: a scan that was stopped goes on, and leaves nothing behind."""

from __future__ import annotations

import io
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from tests.cli.test_scan_every_day import EXAMPLE, FakeRooms
from tests.ingest.reading import exchanges, lines_of

from cautery.cli import main
from cautery.cli.scan_request import ScanRequest
from cautery.cli.scan_rooms import real_rooms
from cautery.cli.scan_run import run_scan
from cautery.errors import UsageError
from cautery.ingest.options import IngestOptions

if TYPE_CHECKING:
    from cautery.ingest.table import ExchangeTable
    from cautery.records.case import Case


def request_of(folder: Path) -> ScanRequest:
    """A scan that keeps what it reads until it is done."""
    return ScanRequest(
        options=IngestOptions(logs=("a.jsonl",)),
        output_folder=folder / "out",
        resume_folder=folder / "kept",
    )


def test_a_stopped_scan_keeps_what_it_read_and_a_done_one_does_not(tmp_path: Path) -> None:
    """After an interrupt the folder stays and is named; after the scan it is gone."""
    (tmp_path / "kept").mkdir()
    messages = io.StringIO()
    stopped = FakeRooms(EXAMPLE, stopped=True)
    assert run_scan(request_of(tmp_path), io.StringIO(), messages, stopped.rooms()) == 130
    assert str(tmp_path / "kept") in messages.getvalue()
    assert (tmp_path / "kept").is_dir()
    done = FakeRooms(EXAMPLE)
    assert run_scan(request_of(tmp_path), io.StringIO(), messages, done.rooms()) == 0
    assert not (tmp_path / "kept").exists()


def test_the_state_of_daily_scans_is_never_removed(tmp_path: Path) -> None:
    """A folder with names of campaigns is refused before any work."""
    (tmp_path / "kept").mkdir()
    (tmp_path / "kept" / "names.json").write_text("{}")
    with pytest.raises(UsageError, match="--resume would remove it"):
        run_scan(request_of(tmp_path), io.StringIO(), io.StringIO(), FakeRooms(EXAMPLE).rooms())
    assert (tmp_path / "kept" / "names.json").exists()


def test_what_was_read_is_not_read_again(tmp_path: Path) -> None:
    """A scan that was stopped while linking finds its parts as they were, and ends as any other."""
    log = tmp_path / "a.jsonl"
    log.write_bytes(lines_of(exchanges(200)))
    folder = tmp_path / "kept"
    request = replace(request_of(tmp_path), options=IngestOptions(logs=(str(log),)), silent=True)

    def stopped(table: ExchangeTable, *words: Any) -> Case:
        raise KeyboardInterrupt

    rooms = replace(real_rooms(folder), scan=stopped)
    assert run_scan(request, io.StringIO(), io.StringIO(), rooms) == 130
    before = {path: path.stat().st_mtime_ns for path in folder.rglob("*.parquet")}
    assert before

    def seen(table: ExchangeTable, *words: Any) -> Case:
        assert {path: path.stat().st_mtime_ns for path in table.parts} == before
        return EXAMPLE

    rooms = replace(real_rooms(folder), scan=seen)
    assert run_scan(request, io.StringIO(), io.StringIO(), rooms) == 0
    assert not folder.exists()


def test_one_of_two_ways_to_keep(capsys: pytest.CaptureFixture[str]) -> None:
    """Both options at once are a wrong call."""
    words = ["scan", "a.jsonl", "--resume", "x", "--incremental", "y"]
    assert main.run(words) == 2
    assert "--incremental or --resume" in capsys.readouterr().err
