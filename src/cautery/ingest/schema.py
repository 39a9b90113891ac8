"""Arrow schemas of the exchange table, built from the records so that they cannot drift apart."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import pyarrow as pa

from cautery.records.exchange import (
    EXCHANGE_COLUMNS,
    KEY_COLUMNS,
    SKETCH_COLUMNS,
    SOURCE_COLUMNS,
    TEXT_COLUMNS,
)

if TYPE_CHECKING:
    from collections.abc import Iterable

    from cautery.records.exchange import Column

SKETCH_VERSION_KEY: Final = b"cautery.sketch"
"""Key in a Parquet file's metadata that holds the version of the sketches in it."""

_TYPES: Final[dict[str, Any]] = {
    "timestamp": pa.timestamp("us", tz="UTC"),
    "string": pa.string(),
    "int16": pa.int16(),
    "int32": pa.int32(),
    "int64": pa.int64(),
    "float64": pa.float64(),
    "bool": pa.bool_(),
    "sketch": pa.list_(pa.int32()),
    "hashes": pa.list_(pa.int64()),
}


def arrow_type(column: Column) -> Any:
    """Name the Arrow type of a column.

    Args:
        column: Any column of the records.

    Returns:
        Its type; texts are large strings, because a batch of them may pass two gigabytes.

    Example:
        >>> str(arrow_type(EXCHANGE_COLUMNS[0]))
        'timestamp[us, tz=UTC]'
    """
    return pa.large_string() if column.name in TEXT_COLUMNS else _TYPES[column.kind]


def make_schema(columns: Iterable[Column]) -> Any:
    """Build the Arrow schema of some columns, in their order.

    Args:
        columns: Columns of the records.

    Returns:
        The schema; every field may be null, required ones are checked by the readers.
    """
    return pa.schema([(column.name, arrow_type(column)) for column in columns])


EXCHANGE_SCHEMA: Final = make_schema(EXCHANGE_COLUMNS)
"""The canonical columns."""
BATCH_SCHEMA: Final = make_schema((*EXCHANGE_COLUMNS, SOURCE_COLUMNS[1]))
"""What every reader yields: the canonical columns and ``source_line``."""
PART_SCHEMA: Final = make_schema((*EXCHANGE_COLUMNS, *SOURCE_COLUMNS, *SKETCH_COLUMNS))
"""What the parts of an exchange table hold."""
SCAN_SCHEMA: Final = make_schema(
    (*EXCHANGE_COLUMNS, *SOURCE_COLUMNS, *SKETCH_COLUMNS, *KEY_COLUMNS)
)
"""What parts may hold that are made for a scan."""


def part_schema(*, drop_text: bool, columns: frozenset[str] | None = None) -> Any:
    """Choose the schema of the parts.

    Args:
        drop_text: Whether the text columns are left out.
        columns: Names of all columns that are wanted; None for those of ``PART_SCHEMA``.

    Returns:
        ``SCAN_SCHEMA``, without what is dropped or not wanted.
    """
    wanted = frozenset(PART_SCHEMA.names) if columns is None else columns
    left_out = TEXT_COLUMNS if drop_text else ()
    return pa.schema(
        [field for field in SCAN_SCHEMA if field.name in wanted and field.name not in left_out]
    )
