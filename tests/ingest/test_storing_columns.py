"""Tests of parts that hold less than the log: some columns, and the prompts of a sample."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.ingest.reading import exchanges, lines_of, read, rows_of
from tests.ingest.stored_batches import ListWriter, batch, text_of

from cautery.ingest import storing
from cautery.ingest.coverage import CoverageCounter
from cautery.ingest.keys import add_keys
from cautery.ingest.schema import PART_SCHEMA, SCAN_SCHEMA
from cautery.ingest.sketches import add_sketches
from cautery.ingest.storing import Storing
from cautery.records.exchange import KEPT_TEXT_HASH, KEY_COLUMNS

KEYS = [column.name for column in KEY_COLUMNS]


def made(writer: Any, *, sample_text: bool = False) -> Storing:
    return Storing(writer, 0, sample_text=sample_text)


@pytest.mark.parametrize("wanted", [KEYS, KEYS[:1], KEYS[-1:]])
def test_keys_are_made_where_they_are_wanted(wanted: list[str]) -> None:
    """Parts that ask for any key get the keys of all rows, and other parts get none."""
    names = [*PART_SCHEMA.names, *wanted]
    writer = ListWriter(schema=pa.schema([SCAN_SCHEMA.field(name) for name in names]))
    store = made(writer)
    store.submit("a.jsonl", batch(["a", "b"]))
    store.finish()
    expected = add_keys(add_sketches(batch(["a", "b"])))
    assert writer.batches[0].select(KEYS).equals(expected.select(KEYS))
    store.close()


@pytest.mark.parametrize(
    "columns",
    [
        ["account_id"],
        ["time_start", "account_id", "client_address"],
        ["source_line", "input_shingles", "account_key", "device_key"],
        SCAN_SCHEMA.names,
    ],
)
@pytest.mark.parametrize("addresses", ["many", "one"])
def test_columns_that_are_left_out_are_counted(
    tmp_path: Path, columns: list[str], addresses: str
) -> None:
    """Parts hold the columns that were asked for, and the coverage tells of all."""
    rows = [
        row | ({"client_address": "203.0.113.7"} if addresses == "one" else {})
        for row in exchanges(40)
    ]
    (tmp_path / "a.jsonl").write_bytes(lines_of(rows))
    whole = read(tmp_path, tmp_path / "a.jsonl")
    some = read(tmp_path, tmp_path / "a.jsonl", columns=frozenset(columns))
    assert some.coverage == whole.coverage
    assert some.share("input_text") == some.share("input_hash") == 1.0
    assert some.rows == whole.rows
    found = rows_of(some)
    assert found.schema.names == [name for name in SCAN_SCHEMA.names if name in columns]
    stored = [name for name in found.schema.names if name not in KEYS]
    assert found.select(stored).equals(rows_of(whole).select(stored))


def stored(sizes: list[int], *, full_rows: int, sample_text: bool) -> tuple[Any, CoverageCounter]:
    """Store batches of numbered texts; give all rows and what was counted."""
    writer = ListWriter()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(storing, "FULL_TEXT_ROWS", full_rows)
        store = made(writer, sample_text=sample_text)
        line = 1
        for size in sizes:
            store.submit("a.jsonl", batch([text_of(line + step) for step in range(size)], line))
            line += size
        store.finish()
        store.close()
    return pa.Table.from_batches(writer.batches).select(PART_SCHEMA.names), store.counter


@given(st.lists(st.integers(1, 40), min_size=1, max_size=4), st.integers(0, 80))
@settings(max_examples=30)
def test_prompts_of_long_logs_are_sampled(sizes: list[int], full_rows: int) -> None:
    """Past so many rows only prompts with small hashes are stored; every sketch is."""
    whole, counted = stored(sizes, full_rows=full_rows, sample_text=False)
    sampled, counted_too = stored(sizes, full_rows=full_rows, sample_text=True)
    kept = []
    begun = 0
    for size in sizes:
        kept += [begun < full_rows] * size
        begun += size
    hashes = whole["input_hash"].to_pylist()
    assert sampled["input_text"].to_pylist() == [
        text if full or hashed < KEPT_TEXT_HASH else None
        for text, hashed, full in zip(whole["input_text"].to_pylist(), hashes, kept, strict=True)
    ]
    assert sampled.drop_columns(["input_text"]).equals(whole.drop_columns(["input_text"]))
    assert counted_too.result() == counted.result()


def test_an_eighth_is_sampled() -> None:
    """About an eighth of the prompts of a long log stay, and some of them do."""
    sampled, _counted = stored([4_000], full_rows=0, sample_text=True)
    assert 400 < sampled.num_rows - sampled["input_text"].null_count < 600


def test_the_bound_of_the_sample() -> None:
    """A prompt stays if its hash is below the bound; one without a hash goes."""
    hashes = pa.array([KEPT_TEXT_HASH - 1, KEPT_TEXT_HASH, None, -(2**63)], pa.int64())
    brought = add_sketches(batch(["a", "b", "c", "d"]))
    place = brought.schema.get_field_index("input_hash")
    writer = ListWriter()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(storing, "FULL_TEXT_ROWS", 0)
        store = made(writer, sample_text=True)
        store.submit("a.parquet", brought.set_column(place, "input_hash", hashes))
        store.finish()
        store.close()
    assert writer.batches[0]["input_text"].to_pylist() == ["a", None, None, "d"]
