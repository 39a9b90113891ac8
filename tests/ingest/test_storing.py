"""Tests of what happens to batches between the readers and the parts."""

from __future__ import annotations

from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.ingest.stored_batches import ListWriter, batch, text_of

from cautery.ingest.schema import BATCH_SCHEMA, PART_SCHEMA
from cautery.ingest.sketches import add_sketches
from cautery.ingest.storing import Storing
from cautery.records.exchange import SKETCH_COLUMNS

SKETCHES = [column.name for column in SKETCH_COLUMNS]


def storing(writer: Any, log_bytes: int = 0) -> Storing:
    return Storing(writer, log_bytes)


@given(sizes=st.lists(st.integers(0, 400), max_size=30))
def test_batches_stay_in_order(sizes: list[int]) -> None:
    """However long each batch takes to sketch, rows are written in the order they came."""
    writer = ListWriter()
    store = storing(writer)
    line = 1
    for size in sizes:
        store.submit("a.jsonl", batch([text_of(line + step) for step in range(size)], line))
        line += size
    store.finish()
    written = [value for each in writer.batches for value in each["source_line"].to_pylist()]
    assert written == list(range(1, line))
    assert [each.num_rows for each in writer.batches] == [size for size in sizes if size]
    assert len(writer.threads) <= 1
    assert store.counter.rows == line - 1
    assert writer.ends == ["closed"]
    store.close()


@pytest.mark.parametrize("log_bytes", [0, 64 * 2**20, 2**40])
def test_what_is_written_is_whole(log_bytes: int) -> None:
    """Every batch has the columns of the parts, the same for short logs and for long ones."""
    writer = ListWriter()
    store = storing(writer, log_bytes)
    read = batch([text_of(1), "", "solve it step by step"])
    store.submit("a.jsonl", read)
    store.finish()
    (written,) = writer.batches
    assert set(written.schema.names) == set(PART_SCHEMA.names)
    assert written["source_file"].to_pylist() == ["a.jsonl"] * 3
    assert written.select(BATCH_SCHEMA.names).equals(read)
    assert written.select(SKETCHES).equals(add_sketches(read).select(SKETCHES))
    store.close()


def test_a_file_name_of_the_log_stays() -> None:
    """Rows that already point to their first log keep pointing there."""
    writer = ListWriter()
    store = storing(writer)
    names = pa.array(["first.jsonl", None], pa.string())
    store.submit("second.parquet", batch(["a", "b"]).append_column("source_file", names))
    store.finish()
    assert writer.batches[0]["source_file"].to_pylist() == ["first.jsonl", None]
    assert writer.batches[0].schema.names.count("source_file") == 1
    store.close()


def test_sketches_of_the_log_stay() -> None:
    """A log that brings all sketches keeps them, as it may have no text to make them from."""
    writer = ListWriter()
    store = storing(writer)
    brought = add_sketches(batch([text_of(1), text_of(2)]))
    place = brought.schema.get_field_index("input_text")
    without = brought.set_column(place, "input_text", pa.nulls(2, pa.large_string()))
    store.submit("a.parquet", without)
    store.finish()
    (written,) = writer.batches
    assert written.select(SKETCHES).equals(brought.select(SKETCHES))
    assert written["input_hash"].null_count == 0
    store.close()


@pytest.mark.parametrize("missing", SKETCHES)
def test_part_of_the_sketches_is_not_enough(missing: str) -> None:
    """If one sketch is missing all are made anew, so that they fit one another."""
    writer = ListWriter()
    store = storing(writer)
    brought = add_sketches(batch([text_of(1)]))
    others = add_sketches(batch(["something else that has as many words as this"]))
    mixed = brought
    for name in SKETCHES:
        mixed = mixed.set_column(mixed.schema.get_field_index(name), name, others[name])
    store.submit("a.parquet", mixed.drop_columns([missing]))
    store.finish()
    assert writer.batches[0].select(SKETCHES).equals(brought.select(SKETCHES))
    store.close()


@pytest.mark.parametrize("failing", [0, 3, 19])
def test_an_error_of_the_writer_comes_back(failing: int) -> None:
    """A full disk ends the reading, at the latest when it is finished, and parts are abandoned."""
    writer = ListWriter(failing)
    store = storing(writer)

    def read_all() -> None:
        for line in range(1, 21):
            store.submit("a.jsonl", batch([text_of(line)], line))
        store.finish()

    with pytest.raises(OSError, match="disk full"):
        read_all()
    store.close()
    assert writer.ends == ["abandoned"]


def test_an_error_of_the_sketches_comes_back() -> None:
    """A batch that cannot be sketched is an error too, not a batch that is quietly missing."""
    writer = ListWriter()
    store = storing(writer)
    store.submit("a.jsonl", batch([text_of(1)]))
    store.submit("a.jsonl", batch([text_of(2)], 2).drop_columns(["client_address"]))
    with pytest.raises(KeyError, match="client_address"):
        store.finish()
    store.close()
    assert writer.ends == ["abandoned"]


def test_empty_batches_are_nothing() -> None:
    """A batch without rows is neither counted nor written."""
    writer = ListWriter()
    store = storing(writer)
    store.submit("a.jsonl", batch([]))
    store.finish()
    assert writer.batches == []
    assert store.counter.rows == 0
    store.close()
