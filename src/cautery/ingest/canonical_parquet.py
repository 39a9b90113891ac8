"""Reads an exchange table from Parquet, by whole columns."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, BinaryIO, Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from cautery.errors import MalformedFileError, MissingColumnError
from cautery.ingest.arrow_values import near_times, plain_rows, plain_values, valid_texts
from cautery.ingest.batch_identities import BatchIdentities
from cautery.ingest.findings import (
    ACCOUNT_MISSING,
    TIME_IMPOSSIBLE,
    TIME_MISSING,
    RecordRejected,
)
from cautery.ingest.identities import MOST_COLUMNS_NAMED
from cautery.ingest.json_lines import LineRejecter, RowContext
from cautery.ingest.rows import make_array, newest
from cautery.ingest.schema import (
    BATCH_SCHEMA,
    EXCHANGE_SCHEMA,
    PART_SCHEMA,
    SKETCH_VERSION_KEY,
)
from cautery.ingest.sketches import SKETCH_VERSION
from cautery.records.exchange import SKETCH_COLUMNS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cautery.ingest.options import ReadOptions
    from cautery.ports import Reject

PARQUET_MAGIC: Final = b"PAR1"
LARGER_BATCHES: Final = 4
"""How many times the usual rows a batch of short rows may have."""
LEAST_BATCHES: Final = 16
"""Batches that a file is cut into before they grow: threads share few large ones badly, and
several of them are held at once."""
_SKETCHES: Final = tuple(column.name for column in SKETCH_COLUMNS)
_POINTER: Final = ("source_file", "source_line")
_TIME: Final = EXCHANGE_SCHEMA.field("time_start").type


def open_parquet(stream: BinaryIO, file_name: str) -> Any:
    """Open a Parquet file.

    Args:
        stream: Seekable bytes.
        file_name: Name for messages.

    Returns:
        A ``pyarrow.parquet.ParquetFile``.

    Raises:
        MalformedFileError: It is cut off or no Parquet file.
    """
    try:
        # Buffering ahead would keep the bytes of every group until the end of the file.
        return pq.ParquetFile(stream, pre_buffer=False)
    except (pa.ArrowException, OSError, ValueError) as error:
        raise MalformedFileError(
            "not a whole Parquet file", where=file_name, hint="Was the copy cut off?"
        ) from error


def batch_rows(file: Any, options: ReadOptions) -> int:
    """Choose how many rows to decode at once: more of short ones, as every batch costs time.

    Args:
        file: From ``open_parquet``.
        options: The bounds.

    Returns:
        Rows, from ``options.batch_rows`` for long ones or a short file to ``LARGER_BATCHES`` times
        as many.
    """
    metadata = file.metadata
    groups = [metadata.row_group(place) for place in range(metadata.num_row_groups)]
    row_bytes = sum(group.total_byte_size for group in groups) / max(metadata.num_rows, 1)
    fitting = int(options.batch_bytes / max(row_bytes, 1.0))
    fitting = min(fitting, int(metadata.num_rows) // LEAST_BATCHES)
    return min(max(fitting, options.batch_rows), LARGER_BATCHES * options.batch_rows)


def parquet_batches(file: Any, columns: list[str], options: ReadOptions) -> Iterator[Any]:
    """Yield batches of some columns of an open Parquet file.

    Args:
        file: From ``open_parquet``.
        columns: Names of columns that it has.
        options: Bounds, and the file's name for messages.

    Yields:
        Batches in row order.

    Raises:
        MalformedFileError: A page of it cannot be read.
    """
    try:
        yield from file.iter_batches(batch_size=batch_rows(file, options), columns=columns)
    except (pa.ArrowException, OSError) as error:
        raise MalformedFileError(
            "the Parquet file is damaged", where=options.file_name, hint="Write it again."
        ) from error


def read_canonical_parquet(stream: BinaryIO, options: ReadOptions, reject: Reject) -> Iterator[Any]:
    """Yield the batches of an exchange table.

    Args:
        stream: Seekable bytes.
        options: How to read the file.
        reject: Called for each row without a possible time or an account.

    Yields:
        Batches of ``BATCH_SCHEMA``; sketches and original line numbers are kept if the file has
        them in this version.

    Raises:
        MalformedFileError: It is no whole Parquet file.
        MissingColumnError: It has no ``time_start``, or nothing to tell accounts by.
    """
    file = open_parquet(stream, options.file_name)
    names = set(file.schema_arrow.names)
    check_columns(file.schema_arrow.names, options)
    metadata = file.schema_arrow.metadata or {}
    ours = metadata.get(SKETCH_VERSION_KEY) == str(SKETCH_VERSION).encode()
    kept = (*_POINTER, *_SKETCHES) if ours and {*_POINTER, *_SKETCHES} <= names else ()
    wanted = wanted_columns(file.schema_arrow.names, options, kept)
    reader = BatchReader(RowContext(options), LineRejecter(options, reject))
    first_row = 1
    for batch in parquet_batches(file, wanted, options):
        yield reader.read(batch, first_row, kept)
        first_row += batch.num_rows
    reader.context.clock.check()


def check_columns(
    names: list[str],
    options: ReadOptions,
    what: str = "Parquet file",
    hint: str = "Say which column holds what in a mapping file (--mapping).",
) -> None:
    """Check that there are times and something to tell accounts by.

    Args:
        names: Columns of the table.
        options: Which other column holds accounts, and the table's name.
        what: The table, in words.
        hint: What to do where a column has another name.

    Raises:
        MissingColumnError: One of the two is not there.
    """
    present = set(names)
    identity = {"account_id", "key_id", "client_address", options.account_field}
    if "time_start" in present and identity & present:
        return
    lacking = "time_start" if "time_start" not in present else "account_id"
    seen = ", ".join(names[:MOST_COLUMNS_NAMED])
    raise MissingColumnError(
        f"the {what} has no column '{lacking}'. Columns seen: {seen}",
        where=options.file_name,
        hint=hint,
    )


def wanted_columns(names: list[str], options: ReadOptions, kept: tuple[str, ...] = ()) -> list[str]:
    """Choose the columns of a table that are read.

    Args:
        names: Columns that it has.
        options: Which other columns hold accounts and addresses.
        kept: Columns to keep that are no canonical ones.

    Returns:
        Their names.
    """
    wanted = [name for name in (*EXCHANGE_SCHEMA.names, *kept) if name in names]
    extra = [
        path
        for path in (options.account_field, options.client_address_field)
        if path is not None and path in names and path not in wanted
    ]
    return [*wanted, *extra]


class BatchReader:
    """Brings batches of one table to ``BATCH_SCHEMA``.

    Args:
        context: How to read the table.
        rejecter: Called for each row without a possible time or an account.
    """

    def __init__(self, context: RowContext, rejecter: LineRejecter) -> None:
        self.context = context
        self._rejecter = rejecter
        self._identities = BatchIdentities(context)

    def read(self, batch: Any, first_row: int, kept: tuple[str, ...]) -> Any:
        """Bring one batch to the schema.

        Args:
            batch: Columns of the table, under the names of the exchange table.
            first_row: Number of its first row.
            kept: Columns to keep that are no canonical ones.

        Returns:
            The rows that are exchanges.
        """
        columns = {name: valid_texts(batch.column(name)) for name in batch.schema.names}
        size = batch.num_rows
        columns["time_start"], reasons = self._times(columns["time_start"], "time_start", size)
        columns["time_end"], _ = self._times(columns.get("time_end"), "time_end", size)
        self._identities.fill(columns, size)
        for name in EXCHANGE_SCHEMA.names:
            columns[name] = self._typed(columns.get(name), name, size)
        if "source_line" not in kept:
            columns["source_line"] = pa.array(np.arange(first_row, first_row + size))
        names = [*BATCH_SCHEMA.names, *(name for name in kept if name != "source_line")]
        whole = pa.RecordBatch.from_arrays(
            [columns[name].cast(PART_SCHEMA.field(name).type) for name in names], names=names
        )
        good = self._good_rows(whole, first_row, reasons)
        whole = whole if good is None else whole.filter(good)
        self.context.findings.accepted += whole.num_rows
        return whole

    def _typed(self, array: Any, name: str, size: int) -> Any:
        kind = EXCHANGE_SCHEMA.field(name).type
        if array is None:
            return pa.nulls(size, kind)
        if array.type == kind:
            if pa.types.is_floating(kind):
                return pc.if_else(pc.is_finite(array), array, pa.scalar(None, kind))
            return newest(array) if pa.types.is_list(kind) else array
        try:
            cast = array.cast(kind)
            return newest(cast) if pa.types.is_list(kind) else cast
        except (pa.ArrowException, TypeError, ValueError):
            return make_array(plain_values(array), name, kind, self.context.findings)

    def _times(self, array: Any, name: str, size: int) -> tuple[Any, dict[int, str]]:
        """Read a column of times; also the reason for each that could not be read."""
        if array is None:
            return pa.nulls(size, _TIME), {}
        if pa.types.is_timestamp(array.type):
            if array.type.tz is None:
                self.context.findings.without_zone[name] += size - array.null_count
                array = pc.assume_timezone(
                    near_times(array),
                    self.context.options.time_zone,
                    ambiguous="earliest",
                    nonexistent="earliest",
                )
            return near_times(array).cast(_TIME), {}
        values: list[int | None] = []
        reasons: dict[int, str] = {}
        for index, value in enumerate(plain_values(array)):
            try:
                values.append(None if value is None else self.context.clock.read(value, name))
            except RecordRejected as rejection:
                values.append(None)
                reasons[index] = rejection.reason
        return pa.array(values, pa.int64()).cast(_TIME), reasons

    def _good_rows(self, batch: Any, first_row: int, reasons: dict[int, str]) -> Any:
        """Reject rows without a possible time or an account; None if all are good."""
        clock = self.context.clock
        times = batch.column("time_start").cast(pa.int64())
        possible = pc.and_(
            pc.greater_equal(times, clock.earliest), pc.less_equal(times, clock.latest)
        )
        good = pc.and_(pc.fill_null(possible, False), pc.is_valid(batch.column("account_id")))
        bad = pc.indices_nonzero(pc.invert(good)).to_pylist()
        clock.count_possible(batch.num_rows - len(bad))
        for index in bad:
            row = plain_rows(batch.slice(index, 1))[0]
            value = times[index].as_py()
            reason = reasons.get(index, TIME_MISSING)
            if value is not None:
                reason = ACCOUNT_MISSING
                if not clock.earliest <= value <= clock.latest:
                    reason = TIME_IMPOSSIBLE
                    clock.count_impossible("time_start", value / 1e6)
            self._rejecter(first_row + index, reason, _shown(row), row)
        return good if bad else None


def _shown(row: dict[str, Any]) -> bytes:
    parts = [f"{name}={str(value)[:40]}" for name, value in row.items() if value is not None]
    return " ".join(parts).encode("utf-8", "replace")
