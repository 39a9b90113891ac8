"""What the tests of the readers share: a fixed clock, one call to read bytes, the golden data."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path
from typing import Any

from cautery.ingest.findings import Findings
from cautery.ingest.mapping import load_mapping
from cautery.ingest.options import ReadOptions
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
