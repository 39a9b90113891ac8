"""Tests of taking values out of Arrow arrays."""

from __future__ import annotations

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cautery.ingest.arrow_values import near_times, plain_rows, plain_values


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
