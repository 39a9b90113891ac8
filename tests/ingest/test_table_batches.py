"""Pieces of a table, read on many machines, are what one reading of the whole gives."""

from __future__ import annotations

import itertools
import pickle
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cautery.ingest import table_batches
from cautery.ingest.options import IngestOptions, ReadOptions
from cautery.ingest.period import Period
from cautery.ingest.read import read_logs
from cautery.ingest.reading import Reading
from cautery.ingest.table_batches import (
    FOUND,
    TablePlan,
    add_found,
    read_batches,
    table_schema,
)
from cautery.records.exchange import KEPT_TEXT_HASH
from cautery.records.progress import SilentProgress
from cautery.scan.needs import SCAN_COLUMNS

NOW = datetime(2026, 11, 24, tzinfo=UTC)
DAY = datetime(2026, 11, 2, tzinfo=UTC)


def rows(count: int) -> pa.Table:
    """Make a table; every seventh row has no account, every fifth no possible time."""
    times = [
        DAY.replace(hour=number % 24, year=1999 if number % 5 == 4 else 2026)
        for number in range(count)
    ]
    return pa.table(
        {
            "time_start": pa.array(times, pa.timestamp("us", "UTC")),
            "account_id": [None if n % 7 == 6 else f"a{n % 4}" for n in range(count)],
            "input_text": [f"Tell me a story about bee number {n}" for n in range(count)],
            "max_tokens": pa.array(range(count), pa.int64()),
            "not_ours": ["x"] * count,
        }
    )


def plan(**changes: Any) -> TablePlan:
    """Ask for what a scan reads."""
    options = ReadOptions(file_name="db.exchanges", now=NOW)
    return TablePlan(options=options, columns=SCAN_COLUMNS, **changes)


def read(pieces: list[pa.Table], **changes: Any) -> tuple[pa.Table, Reading, list[str]]:
    """Read pieces as machines do: each with a copy of the plan that came over a wire."""
    sent = pickle.dumps(plan(**changes))
    batches = [
        batch
        for piece in pieces
        for batch in read_batches(iter(piece.to_batches()), plan=pickle.loads(sent))  # noqa: S301
    ]
    whole = pa.Table.from_batches(batches, table_schema(SCAN_COLUMNS))
    reading = Reading()
    kept = add_found(reading, whole[FOUND].drop_null().to_pylist())
    return whole.filter(whole[FOUND].is_null()).drop_columns([FOUND]), reading, kept


@given(st.lists(st.integers(0, 40), max_size=3))
@settings(max_examples=12)
def test_pieces_are_the_whole(cuts: list[int]) -> None:
    """However a table is cut, rows, counts and rejected rows are the same."""
    table = rows(40)
    bounds = [0, *sorted(cuts), 40]
    pieces = [table.slice(a, b - a) for a, b in itertools.pairwise(bounds)]
    whole, reading, kept = read([table])
    again, reading_again, kept_again = read(pieces)
    assert again.equals(whole)
    assert reading_again.document() == reading.document()
    assert kept_again == kept


def test_same_as_a_log_of_this_machine(tmp_path: Path) -> None:
    """Sketches and keys are those that reading a Parquet file gives."""
    import pyarrow.parquet as pq

    path = tmp_path / "log.parquet"
    pq.write_table(rows(40), path)
    options = IngestOptions(logs=(str(path),), columns=SCAN_COLUMNS, now=NOW, max_bad_share=1.0)
    table = read_logs(options, tmp_path, SilentProgress())
    local = pq.read_table(table.parts[0])
    found, reading, kept = read([rows(40)])
    assert found.schema.names == local.schema.names
    assert found.equals(local.cast(found.schema))
    assert reading.counter.result() == table.coverage
    assert reading.rejects.count == table.rejected == len(kept) == 12


def test_rejected_rows_have_no_line(monkeypatch: pytest.MonkeyPatch) -> None:
    """A table has no order of rows: what is shown of a bad one is its reason and its values."""
    _table, reading, kept = read([rows(8)])
    shown = [msgspec.json.decode(line) for line in kept]
    assert {(row["file"], row["line"]) for row in shown} == {("db.exchanges", None)}
    assert sorted(row["reason"] for row in shown) == ["account missing", "time impossible"]
    assert reading.rejects.first == dict.fromkeys(reading.rejects.reasons, "db.exchanges")
    monkeypatch.setattr(table_batches, "MOST_KEPT", 1)
    _table, reading, kept = read([rows(8)])
    assert (reading.rejects.count, len(kept)) == (2, 1)


def test_a_thousand_impossible_times_are_counted() -> None:
    """A piece that happens to hold bad rows only is no reason to stop the others."""
    bad = rows(2_000).set_column(
        0, "time_start", pa.array([0] * 2_000, pa.int64()).cast(pa.timestamp("us", "UTC"))
    )
    found, reading, _kept = read([bad, rows(4)])
    assert (found.num_rows, reading.rejects.count) == (4, 2_000)


def test_period_and_sample() -> None:
    """What began outside is counted; of a long log an eighth of the prompts is kept."""
    period = Period(since=DAY.replace(hour=12))
    found, reading, _kept = read([rows(24)], period=period, sample_text=True)
    assert reading.outside == 24 - reading.rejects.count - found.num_rows > 0
    assert reading.counter.rows == found.num_rows
    kept = [text is not None for text in found["input_text"].to_pylist()]
    assert kept == [hashed < KEPT_TEXT_HASH for hashed in found["input_hash"].to_pylist()]
