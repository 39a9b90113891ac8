"""What the tests of incremental reading share: a folder of daily logs and a state beside it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

from tests.ingest.reading import NOW, exchanges, lines_of, read, rows_of

from cautery.ingest.incremental import read_new_logs
from cautery.ingest.options import IngestOptions
from cautery.ingest.table import ExchangeTable
from cautery.records.progress import SilentProgress


class Heard(SilentProgress):
    """Progress that remembers what it was told, and may do something at the first byte."""

    def __init__(self) -> None:
        self.total: int | None = 0
        self.bytes = 0
        self.summary = ""

    def start(self, phase: str, total: int | None, unit: str) -> None:
        assert (phase, unit) == ("reading", "bytes")
        self.total = total

    def advance(self, amount: int) -> None:
        self.bytes += amount

    def finish(self, summary: str) -> None:
        self.summary = summary


class Days:
    """A folder of daily logs and a state beside it."""

    def __init__(self, folder: Path) -> None:
        self.logs = folder / "logs"
        self.logs.mkdir()
        self.state = folder / "state"
        self._folder = folder

    def write(self, day: int, count: int = 40, more: bytes = b"") -> Path:
        """Write the log of one day."""
        log = self.logs / f"day-{day}.jsonl"
        log.write_bytes(lines_of(exchanges(count, 1000 * day)) + more)
        return log

    def read(
        self, *logs: Path | str, heard: SilentProgress | None = None, **changes: Any
    ) -> ExchangeTable:
        """Read some logs, or the whole folder, into the state."""
        work = self._folder / f"work-{len(list(self._folder.iterdir()))}"
        work.mkdir()
        options = IngestOptions(logs=tuple(map(str, logs or [self.logs])), now=NOW)
        return read_new_logs(
            replace(options, **changes), self.state, work, heard or SilentProgress()
        )

    def together(self, **changes: Any) -> ExchangeTable:
        """Read all logs at once, without a state."""
        return read(self._folder, self.logs, **changes)


def same(left: ExchangeTable, right: ExchangeTable) -> bool:
    """Whether two tables tell and hold the same."""
    plain = [replace(table, parts=(), rejected_path=None) for table in (left, right)]
    bad = [table.rejected_path and table.rejected_path.read_bytes() for table in (left, right)]
    return plain[0] == plain[1] and rows_of(left).equals(rows_of(right)) and bad[0] == bad[1]
