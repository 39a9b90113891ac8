"""Rows on disk: whole lines only, whatever the disk does."""

from __future__ import annotations

import errno
import json
import os
from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from cautery.errors import ConfigurationError
from cautery.guard.recording import (
    ExchangeRecord,
    RecordingSettings,
    RecordWriter,
    protect_text,
)
from cautery.records.exchange import EXCHANGE_COLUMNS

NOW = datetime(2026, 11, 29, 12, tzinfo=UTC)


def row(number: int) -> ExchangeRecord:
    return ExchangeRecord(time_start=NOW, account_id=f"a{number}", status_code=200)


def writer_in(folder: Path, counted: Counter[str], **told: Any) -> RecordWriter:
    def count(outcome: str, by: int) -> None:
        counted[outcome] += by

    settings = RecordingSettings(folder=folder, flush_seconds=3600, **told)
    return RecordWriter(settings, count, lambda: NOW)


def accounts_in(folder: Path) -> list[str]:
    paths = sorted(folder.glob("*.jsonl"))
    lines = [line for path in paths for line in path.read_text().splitlines()]
    return [json.loads(line)["account_id"] for line in lines]


def test_every_field_is_a_column() -> None:
    """The record knows no column that the exchange table does not."""
    columns = {column.name for column in EXCHANGE_COLUMNS}
    assert set(ExchangeRecord.__struct_fields__) <= columns


def test_writes_rotates_and_keeps_the_newest(tmp_path: Path) -> None:
    """A new file is begun at its size; the oldest go."""
    counted: Counter[str] = Counter()
    writer = writer_in(tmp_path, counted, rotate_bytes=1, keep_files=2)
    for number in range(4):
        writer.add(row(number))
        writer.flush()
    writer.close()
    assert accounts_in(tmp_path) == ["a2", "a3"]
    assert counted == {"written": 4}


def test_a_full_disk_loses_nothing_and_tears_no_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What was written in part is taken back, and written once there is room."""
    counted: Counter[str] = Counter()
    writer = writer_in(tmp_path, counted)
    writer.add(row(0))
    writer.flush()
    whole, full = os.write, [True]

    def write(file: int, content: Any) -> int:
        if full[0] and len(content) > 10:
            return whole(file, content[:10])
        if full[0]:
            raise OSError(errno.ENOSPC, "no space")
        return whole(file, content)

    def torn(file: int, content: Any) -> int:
        if not full[0]:
            return whole(file, content)
        whole(file, content[:10])
        raise OSError(errno.ENOSPC, "no space")

    for broken in (write, torn):
        full[0] = True
        monkeypatch.setattr(os, "write", broken)
        writer.add(row(1))
        if broken is torn:
            writer.flush()
            full[0] = False
        writer.flush()
    writer.close()
    assert accounts_in(tmp_path) == ["a0", "a1", "a1"]
    assert counted["failed"] >= 1
    assert counted["dropped"] == 0


def test_what_waits_is_bounded(tmp_path: Path) -> None:
    """Rows beyond the bound are dropped and counted; the request is not held up."""
    counted: Counter[str] = Counter()
    writer = writer_in(tmp_path, counted, waiting_bytes=200)
    for number in range(50):
        writer.add(row(number))
    writer.close()
    assert counted["dropped"] + counted["written"] == 50
    assert len(accounts_in(tmp_path)) == counted["written"] < 50


def test_a_new_file_after_a_while(tmp_path: Path) -> None:
    """Age rotates as well."""
    now = [NOW]
    settings = RecordingSettings(folder=tmp_path, flush_seconds=3600, rotate_seconds=60)
    writer = RecordWriter(settings, lambda _outcome, _by: None, lambda: now[0])
    for _ in range(2):
        writer.add(row(0))
        writer.flush()
        now[0] += timedelta(seconds=61)
    writer.close()
    assert len(list(tmp_path.glob("*.jsonl"))) == 2


def test_a_folder_that_is_not_there(tmp_path: Path) -> None:
    """It is said at the start."""
    with pytest.raises(ConfigurationError, match="is not there"):
        writer_in(tmp_path / "none", Counter())


def test_texts_are_kept_as_chosen() -> None:
    """Full, hashed by key, or not at all."""
    assert protect_text("planted", "full", b"k", 3) == "pla"
    assert protect_text("planted", "none", b"k", 3) is None
    hashed = protect_text("planted", "hash", b"k", 3)
    assert hashed == protect_text("planted", "hash", b"k", 3)
    assert hashed != protect_text("planted", "hash", b"other", 3)
    assert "planted" not in str(hashed)
    assert str(protect_text("x" * 9999, "hash", b"k", 3)).startswith("hash:")
