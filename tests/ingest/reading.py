"""What the tests of the readers share: a fixed clock, one call to read bytes, the golden data."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from cautery.ingest.findings import Findings
from cautery.ingest.mapping import load_mapping
from cautery.ingest.options import IngestOptions, ReadOptions
from cautery.ingest.read import read_logs
from cautery.ingest.table import ExchangeTable
from cautery.records.progress import SilentProgress
from cautery.registry import LOG_FORMATS

GOLDEN = Path(__file__).resolve().parents[1] / "golden" / "formats"
NOW = datetime(2026, 11, 24, tzinfo=UTC)
"""The clock of these tests: golden times are in October 2026."""


@dataclass(frozen=True, slots=True)
class Reading:
    """All that came of reading some bytes."""

    batches: list[Any]
    rejects: list[tuple[int, str, bytes]]
    findings: Findings

    @property
    def rows(self) -> list[dict[str, Any]]:
        """Rows as plain objects."""
        return [row for batch in self.batches for row in batch.to_pylist()]

    @property
    def reasons(self) -> list[tuple[int, str]]:
        """Line and reason of each rejected record."""
        return [(line, reason) for line, reason, _ in self.rejects]


def options_for(name: str, **changes: Any) -> ReadOptions:
    """Options with the tests' clock, and the golden mapping for the format that needs one."""
    options = ReadOptions(file_name="log", now=NOW)
    if name == "mapped":
        options = replace(options, mapping=load_mapping(GOLDEN / "mapped" / "map.toml"))
    return replace(options, **changes)


def read_bytes(name: str, data: bytes, **changes: Any) -> Reading:
    """Read bytes with a format."""
    options = options_for(name, **changes)
    rejects: list[tuple[int, str, bytes]] = []
    batches = list(
        LOG_FORMATS.load(name).read(
            BytesIO(data), options, lambda line, reason, raw: rejects.append((line, reason, raw))
        )
    )
    return Reading(batches, rejects, options.findings)


def json_lines(*records: Any) -> bytes:
    """Encode records as JSON Lines."""
    return b"".join(json.dumps(record).encode() + b"\n" for record in records)


def golden_input(name: str, file: str = "in.jsonl") -> bytes:
    """Read the golden input of a format."""
    return (GOLDEN / name / file).read_bytes()


def golden_output(reading: Reading) -> list[dict[str, Any]]:
    """Rows and rejected records as the golden output writes them: nulls are left out."""
    rows = [
        {
            key: value.isoformat() if isinstance(value, datetime) else value
            for key, value in row.items()
            if value is not None
        }
        for row in reading.rows
    ]
    rejects = [{"rejected": reason, "line": line} for line, reason in reading.reasons]
    skipped = [
        {"skipped": kind, "count": count} for kind, count in reading.findings.skipped.items()
    ]
    return [*rows, *rejects, *skipped]


def golden_expected(name: str) -> list[dict[str, Any]]:
    """Read the golden output of a format."""
    text = (GOLDEN / name / "expected.jsonl").read_text(encoding="utf-8")
    return [json.loads(line) for line in text.splitlines()]


def exchanges(count: int, start: int = 0) -> list[dict[str, Any]]:
    """Plain exchanges of a few accounts."""
    return [
        {
            "time_start": f"2026-10-01T{index // 3600 % 24:02d}:{index // 60 % 60:02d}"
            f":{index % 60:02d}Z",
            "account_id": f"acct-{index % 60}",
            "client_address": f"203.0.{index % 60}.7",
            "input_text": f"please explain the number {index} in a few short words",
        }
        for index in range(start, start + count)
    ]


def lines_of(records: list[dict[str, Any]]) -> bytes:
    """Encode a list of records as JSON Lines."""
    return json_lines(*records)


def read(work: Path, *logs: Path | str, **changes: Any) -> ExchangeTable:
    """Read logs with the tests' clock into a fresh folder."""
    folder = work / f"work-{len(list(work.iterdir()))}"
    folder.mkdir()
    options = IngestOptions(logs=tuple(map(str, logs)), now=NOW, **changes)
    return read_logs(options, folder, SilentProgress())


def rows_of(table: ExchangeTable) -> Any:
    """All rows of an exchange table."""
    return pa.concat_tables([pq.read_table(part) for part in table.parts])
