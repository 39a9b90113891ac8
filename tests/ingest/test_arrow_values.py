"""Tests of taking values out of Arrow arrays."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.ingest.reading import exchanges, read, read_bytes, rows_of

from cautery.ingest.arrow_values import near_times, plain_rows, plain_values, valid_texts
from cautery.ingest.schema import EXCHANGE_SCHEMA

RAW = st.lists(
    st.none() | st.binary(max_size=6) | st.sampled_from([b"caf\xe9", b"caf\xc3\xa9", b"\xff", b""]),
    max_size=8,
)
FORMS = ("string", "large_string", "string_view", "dictionary", "large dictionary")
BAD = (b"caf\xe9, and long enough to stand by itself", b"fine", b"\xff\xfe")
MENDED = ("caf\ufffd, and long enough to stand by itself", "fine", "\ufffd\ufffd")
TEXT_COLUMNS = [
    field.name
    for field in EXCHANGE_SCHEMA
    if pa.types.is_string(field.type) or pa.types.is_large_string(field.type)
]
DECIDED = {"client_address": (None,) * 3, "account_id_source": ("account",) * 3}
"""What is read of columns that may hold a few values only."""


def raw_texts(values: list[bytes | None], form: str) -> Any:
    """Make an array of texts of any bytes, in one of the forms that Parquet gives texts in."""
    if form == "large dictionary":
        return _dictionary(raw_texts(values, "large_string"))
    if form == "dictionary":
        return _dictionary(raw_texts(values, "string"))
    binary = {"string": pa.binary(), "large_string": pa.large_binary()}
    kind = binary.get(form, pa.binary_view())
    return pa.array(values, pa.binary()).cast(kind).view(getattr(pa, form)())


def _dictionary(texts: Any) -> Any:
    return pa.DictionaryArray.from_arrays(pa.array(range(len(texts)), pa.int32()), texts)


@given(
    counts=st.lists(st.none() | st.integers(-(2**63), 2**63 - 1), max_size=5),
    unit=st.sampled_from(["s", "ms", "us", "ns"]),
    zone=st.sampled_from([None, "UTC", "Asia/Kathmandu"]),
)
def test_any_time_is_held(counts: list[int | None], unit: str, zone: str | None) -> None:
    """No timestamp raises or changes its side of 1970; nulls stay nulls."""
    array = pa.array(counts, pa.int64()).cast(pa.timestamp(unit, tz=zone))
    values = plain_values(array)
    assert [value is None for value in values] == [count is None for count in counts]
    near = near_times(array).cast(pa.int64()).to_pylist()
    pairs = [(a, b) for a, b in zip(near, counts, strict=True) if b is not None]
    assert all((a > 0) == (b // {"ns": 1000}.get(unit, 1) > 0) for a, b in pairs)


@pytest.mark.parametrize("kind", [pa.date32(), pa.date64(), pa.duration("s")])
def test_other_values_out_of_range_are_none(kind: pa.DataType) -> None:
    """A value that Python has no type for is None, and its neighbours stay."""
    bits = 32 if kind == pa.date32() else 64
    numbers = [0, 2 ** (bits - 1) - 1]
    array = pa.array(numbers, pa.int32() if bits == 32 else pa.int64()).cast(kind)
    first, second = plain_values(array)
    assert first is not None
    assert second is None
    assert plain_rows(pa.RecordBatch.from_arrays([array], names=["x"]))[1] == {"x": None}


@given(RAW, st.integers(0, 3), st.sampled_from(FORMS))
def test_texts_are_mended(values: list[bytes | None], start: int, form: str) -> None:
    """Bytes that are no UTF-8 become U+FFFD in every kind of text; all else stays as it is."""
    plain = [None if value is None else value.decode("utf-8", "replace") for value in values]
    array = raw_texts(values, form).slice(start)
    mended = valid_texts(array)
    mended.validate(full=True)
    assert mended.to_pylist() == plain[start:]
    assert mended.type == array.type


@pytest.mark.parametrize("form", FORMS)
def test_good_texts_are_not_copied(form: str) -> None:
    """Where nothing is to mend, the column itself comes back."""
    array = raw_texts([b"caf\xc3\xa9", None, b""], form)
    assert valid_texts(array) is array


@pytest.mark.parametrize(
    "column",
    [
        pa.array([b"\xff"], pa.binary()),
        pa.array([1]),
        pa.array([[1]]),
        pa.nulls(2),
        pa.array([1.5, 1.5]).dictionary_encode(),
    ],
    ids=lambda column: str(column.type),
)
def test_other_columns_are_left_alone(column: Any) -> None:
    """What holds no text is no text to mend."""
    assert valid_texts(column) is column


def test_two_bad_texts_become_one() -> None:
    """Entries of a dictionary that are mended into the same text still give every row its own."""
    entries = raw_texts([b"\xff", b"\xfe", b"a"], "string")
    indices = pa.array([1, 0, None, 2], pa.int8())
    mended = valid_texts(pa.DictionaryArray.from_arrays(indices, entries))
    assert mended.to_pylist() == ["\ufffd", "\ufffd", None, "a"]
    assert mended.cast(pa.string()).dictionary_encode().dictionary.to_pylist() == ["\ufffd", "a"]


def log_with(**texts: Any) -> Any:
    """Make a log of three exchanges with these columns."""
    columns = pa.Table.from_pylist(exchanges(3)).to_pydict() | texts
    return pa.table(columns)


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("column", TEXT_COLUMNS)
def test_a_log_with_bad_texts(column: str, form: str) -> None:
    """Whichever column is no UTF-8, however it is stored, every row is read and text is mended."""
    sink = io.BytesIO()
    pq.write_table(log_with(**{column: raw_texts(list(BAD), form)}), sink)
    reading = read_bytes("canonical", sink.getvalue())
    assert reading.rejects == []
    assert [row[column] for row in reading.rows] == list(DECIDED.get(column, MENDED))


def test_a_log_with_nothing_but_bad_texts(tmp_path: Path) -> None:
    """A log all of whose texts are broken is read to the end, sketches and keys included."""
    names = [*EXCHANGE_SCHEMA.names, "account_key", "address_key", "input_hash", "style_key"]
    broken = {name: raw_texts([b"\xff", b"\xfe\xff", b"\xff"], "string") for name in TEXT_COLUMNS}
    pq.write_table(log_with(**broken), tmp_path / "a.parquet")
    rows = rows_of(read(tmp_path, tmp_path / "a.parquet", columns=frozenset(names)))
    assert rows["account_id"].to_pylist() == ["\ufffd", "\ufffd\ufffd", "\ufffd"]
    first, second, third = rows["account_key"].to_pylist()
    assert first == third != second
    assert rows["address_key"].to_pylist() == [None] * 3
