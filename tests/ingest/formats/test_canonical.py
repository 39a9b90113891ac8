"""Tests of the exchange table as a log format."""

from __future__ import annotations

import io
from datetime import UTC, datetime, timedelta
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.ingest.reading import golden_input, json_lines, options_for, read_bytes

from cautery.errors import MissingColumnError
from cautery.ingest.canonical_parquet import BatchReader, batch_rows, open_parquet
from cautery.ingest.json_lines import LineRejecter, RowContext
from cautery.ingest.schema import BATCH_SCHEMA, EXCHANGE_SCHEMA
from cautery.records.exchange import EXCHANGE_COLUMNS


def parquet(table: Any) -> bytes:
    sink = io.BytesIO()
    pq.write_table(table, sink)
    return sink.getvalue()


def as_parquet(rows: list[dict[str, Any]], schema: Any = None) -> bytes:
    return parquet(pa.Table.from_pylist(rows, schema))


# Hypothesis and Parquet's times without a zone both want naive datetimes.
FIRST_DAY, LAST_DAY = datetime.fromisoformat("2015-01-01"), datetime.fromisoformat("2026-11-24")

VALUES: dict[str, st.SearchStrategy[Any]] = {
    "timestamp": st.datetimes(FIRST_DAY, LAST_DAY, timezones=st.just(UTC)),
    "string": st.text(max_size=12).filter(lambda text: text.strip()),
    "int32": st.integers(-(2**31), 2**31 - 1),
    "int64": st.integers(-(2**63), 2**63 - 1),
    "float64": st.floats(allow_nan=False, allow_infinity=False),
    "bool": st.booleans(),
    "hashes": st.lists(st.integers(-(2**63), 2**63 - 1), max_size=3),
}
SPECIAL = {
    "account_id": st.from_regex(r"acct-[a-z0-9]{1,8}\Z"),
    "account_id_source": st.sampled_from(["account", "key", "address"]),
    "key_id": st.from_regex(r"id-[a-z0-9]{1,8}\Z"),
    "client_address": st.ip_addresses(v=4).map(str),
    "end_user_id": st.from_regex(r"eu-[a-z0-9]{1,8}\Z"),
}
REQUIRED = ("time_start", "account_id", "account_id_source")
ROW = st.fixed_dictionaries(
    {name: SPECIAL.get(name, VALUES["timestamp"]) for name in REQUIRED},
    optional={
        column.name: SPECIAL.get(column.name, VALUES[column.kind])
        for column in EXCHANGE_COLUMNS
        if column.name not in REQUIRED
    },
)


@given(rows=st.lists(ROW, min_size=1, max_size=5))
def test_round_trip(rows: list[dict[str, Any]]) -> None:
    """Exchanges survive JSON Lines to Parquet to rows, to the last bit."""
    told = [
        {
            key: value.isoformat() if isinstance(value, datetime) else value
            for key, value in row.items()
        }
        for row in rows
    ]
    from_lines = read_bytes("canonical", json_lines(*told))
    assert not from_lines.rejects
    assert [
        {k: v for k, v in row.items() if k in set(rows[i])} for i, row in enumerate(from_lines.rows)
    ] == rows
    table = pa.Table.from_batches(from_lines.batches).select(EXCHANGE_SCHEMA.names)
    assert read_bytes("canonical", parquet(table)).rows == from_lines.rows


def test_parquet_and_lines_reject_the_same() -> None:
    """The golden input gives the same rows and reasons as Parquet of texts."""
    lines = read_bytes("canonical", golden_input("canonical"))
    rows = lines.rows
    rows += [
        {**rows[0], "account_id": None, "key_id": None, "client_address": None},
        {**rows[0], "time_start": None},
        {**rows[0], "time_start": datetime(1970, 1, 2, tzinfo=UTC)},
    ]
    for row in rows:
        row.pop("source_line")
    reading = read_bytes("canonical", as_parquet(rows, EXCHANGE_SCHEMA))
    assert [{k: v for k, v in row.items() if k != "source_line"} for row in reading.rows] == rows[
        :4
    ]
    assert reading.reasons == [
        (5, "account missing"),
        (6, "time missing"),
        (7, "time impossible"),
    ]


def test_parquet_of_other_types_is_cast() -> None:
    """Numbers as texts, dictionaries and naive times are cast; what is no number is null."""
    day = datetime.fromisoformat("2026-10-01T08:00:00")
    table = pa.table(
        {
            "time_start": pa.array([day, day + timedelta(seconds=1)], pa.timestamp("ms")),
            "account_id": pa.array(["a", "b"]).dictionary_encode(),
            "input_tokens": ["12", "many"],
            "temperature": pa.array([1.0, float("nan")]),
            "max_tokens": pa.array([2**40, 5]),
            "unknown": [1, 2],
        }
    )
    reading = read_bytes("canonical", parquet(table))
    assert reading.batches[0].schema.equals(BATCH_SCHEMA)
    assert [row["input_tokens"] for row in reading.rows] == [12, None]
    assert [row["temperature"] for row in reading.rows] == [1.0, None]
    assert [row["max_tokens"] for row in reading.rows] == [None, 5]
    assert reading.findings.unreadable == {"input_tokens": 1, "max_tokens": 1}
    assert reading.findings.without_zone == {"time_start": 2}


@pytest.mark.parametrize("unit", [1, 10**3, 10**6, 10**9])
def test_parquet_times_as_numbers(unit: int) -> None:
    """Times that are numbers are read in the unit that makes them possible."""
    rows = [{"time_start": 1790841600 * unit, "account_id": "a"}]
    assert read_bytes("canonical", as_parquet(rows)).rows[0]["time_start"] == datetime(
        2026, 10, 1, 8, tzinfo=UTC
    )


def test_parquet_without_account_column() -> None:
    """A Parquet file that has no column to tell accounts by is refused, naming its columns."""
    data = as_parquet([{"time_start": datetime(2026, 10, 1, tzinfo=UTC), "org": "o"}])
    with pytest.raises(
        MissingColumnError, match=r"no column 'account_id'. Columns seen: time_start, org"
    ):
        read_bytes("canonical", data)
    assert read_bytes("canonical", data, account_field="org").rows[0]["account_id"] == "o"


def test_parquet_credentials_are_hidden() -> None:
    """Raw keys in a Parquet file become the digests that JSON Lines give."""
    row = {"time_start": "2026-10-01T08:00:00Z", "key_id": "sk-" + "a" * 40}
    (left,) = read_bytes("canonical", json_lines(row)).rows
    (right,) = read_bytes("canonical", as_parquet([row])).rows
    assert left["account_id"] == right["account_id"]
    assert left["account_id"].startswith("key-sha-")


def test_long_names_are_cut() -> None:
    """A user agent of a megabyte is cut; a prompt of a megabyte is not."""
    row = {
        "time_start": "2026-10-01T08:00:00Z",
        "account_id": "a",
        "user_agent": "x" * 2**20,
        "input_text": "y" * 2**20,
    }
    (read,) = read_bytes("canonical", json_lines(row)).rows
    assert (len(read["user_agent"]), len(read["input_text"])) == (4096, 2**20)


@pytest.mark.parametrize("unit", ["s", "ms", "us", "ns"])
def test_parquet_times_far_away_are_impossible(unit: str) -> None:
    """A time beyond all calendars is impossible; it does not wrap around into a possible one."""
    per_second = {"s": 1, "ms": 10**3, "us": 10**6, "ns": 10**9}[unit]
    times = [1790841600 * per_second, 2**58 + 12345, -(2**60), None]
    column = pa.array(times, pa.int64()).cast(pa.timestamp(unit, tz="UTC"))
    table = pa.table({"time_start": column, "account_id": ["a", "b", "c", "d"]})
    # Parquet itself has no seconds, so the batches are made by hand.
    reader = BatchReader(
        RowContext(options_for("canonical")),
        LineRejecter(options_for("canonical"), lambda *_: None),
    )
    rows = reader.read(table.to_batches()[0], 1, ()).to_pylist()
    assert [(row["account_id"], row["time_start"]) for row in rows] == [
        ("a", datetime(2026, 10, 1, 8, tzinfo=UTC))
    ]


def test_parquet_of_bytes() -> None:
    """Texts that are stored as bytes are read as UTF-8."""
    row = {"time_start": "2026-10-01T08:00:00Z", "account_id": b"a\xff", "input_text": "ü".encode()}
    (read,) = read_bytes("canonical", as_parquet([row])).rows
    assert (read["account_id"], read["input_text"]) == ("a\ufffd", "ü")


@pytest.mark.parametrize(("rows", "expected"), [(400, 50), (1_600, 100), (16_000, 200)])
def test_batches_grow_with_the_file(rows: int, expected: int) -> None:
    """A short file is read in small batches, which threads share and little memory holds."""
    stream = io.BytesIO()
    pq.write_table(pa.table({"account_id": ["a"] * rows}), stream)
    stream.seek(0)
    options = options_for("canonical", batch_rows=50)
    assert batch_rows(open_parquet(stream, "log.parquet"), options) == expected
