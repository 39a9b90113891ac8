"""Takes values out of Arrow arrays, also those that Python's calendar cannot hold."""

from __future__ import annotations

from typing import Any, Final

import pyarrow as pa
import pyarrow.compute as pc

_PER_SECOND: Final = {"s": 1, "ms": 10**3, "us": 10**6, "ns": 10**9}
_EARLIEST_SECONDS: Final = -60_000_000_000
_LATEST_SECONDS: Final = 220_000_000_000
"""The years 68 and 8941: inside Python's calendar, outside every log."""


def near_times(array: Any) -> Any:
    """Change times to microseconds; those too far away stay far away rather than wrap around.

    Args:
        array: A timestamp array of any unit.

    Returns:
        The times in microseconds, in the same zone.
    """
    per_second = _PER_SECOND[array.type.unit]
    # In 64 bits nanoseconds reach the year 2262 only: nothing to clip there.
    earliest = max(_EARLIEST_SECONDS * per_second, -(2**63))
    latest = min(_LATEST_SECONDS * per_second, 2**63 - 1)
    counts = array.cast(pa.int64())
    ends = pc.min_max(counts).as_py()
    if ends["min"] is not None and (ends["min"] < earliest or ends["max"] > latest):
        counts = pc.max_element_wise(counts, earliest, skip_nulls=False)
        counts = pc.min_element_wise(counts, latest, skip_nulls=False)
    return counts.cast(array.type).cast(pa.timestamp("us", tz=array.type.tz), safe=False)


def plain_values(array: Any) -> list[Any]:
    """List the values of an array; those that Python cannot hold are None.

    Args:
        array: Any Arrow array.

    Returns:
        Plain values.

    Example:
        >>> plain_values(pa.array([1, None]))
        [1, None]
    """
    if pa.types.is_timestamp(array.type):
        array = near_times(array)
    try:
        values: list[Any] = array.to_pylist()
    except (OverflowError, ValueError):
        values = [_plain(item) for item in array]
    return values


def _plain(item: Any) -> Any:
    try:
        return item.as_py()
    except (OverflowError, ValueError):
        return None


def plain_rows(batch: Any) -> list[dict[str, Any]]:
    """List the rows of a batch as plain objects.

    Args:
        batch: Any record batch.

    Returns:
        One object a row; values that Python cannot hold are None.
    """
    columns = [plain_values(column) for column in batch.columns]
    names = batch.schema.names
    return [dict(zip(names, values, strict=True)) for values in zip(*columns, strict=True)]


def valid_texts(column: Any) -> Any:
    r"""Mend texts that are no UTF-8: Parquet promises it, and writers break the promise.

    Args:
        column: An Arrow array of any kind.

    Returns:
        The same, with U+FFFD in place of bytes that mean nothing.

    Example:
        >>> bad = pa.array([b"caf\xe9"], pa.binary()).view(pa.string())
        >>> ascii(valid_texts(bad)[0].as_py())
        "'caf\\ufffd'"
    """
    kind = column.type
    if pa.types.is_dictionary(kind):
        mended = valid_texts(column.dictionary)
        if mended is column.dictionary:
            return column
        return pa.DictionaryArray.from_arrays(column.indices, mended)
    texts = (pa.types.is_string, pa.types.is_large_string, pa.types.is_string_view)
    if not any(is_text(kind) for is_text in texts):
        return column
    try:
        column.validate(full=True)
    except pa.ArrowInvalid:
        raw = column.cast(pa.large_binary()).to_pylist()
        mended = [None if value is None else value.decode("utf-8", "replace") for value in raw]
        return pa.array(mended, kind)
    return column
