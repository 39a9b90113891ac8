"""Reads the small tables beside the logs: CSV, JSON Lines or Parquet, with errors by line."""

from __future__ import annotations

import csv
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

import pyarrow as pa

from cautery.errors import InputError, MalformedFileError, MissingColumnError, NoInputError
from cautery.ingest.arrow_values import plain_rows
from cautery.ingest.canonical_parquet import open_parquet
from cautery.ingest.collecting import seldom_collecting
from cautery.ingest.findings import Findings, RecordRejected
from cautery.ingest.json_records import decode_record
from cautery.ingest.lines import Readable, bounded_lines
from cautery.ingest.options import LINE_BYTES, ReadOptions
from cautery.ingest.rows import make_array
from cautery.ingest.schema import arrow_type
from cautery.ingest.sniffing import delimiter_of, looks_like_csv
from cautery.ingest.streams import OpenLog, compression_errors
from cautery.ingest.times import TimeReader
from cautery.plain_files import why_no_file

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from cautery.records.exchange import Column

MOST_BYTES: Final = 2**31
"""Of a table, decompressed: some fifteen million accounts, and a small file may unpack to more."""
MOST_ROWS: Final = 20_000_000
"""Of a table in Parquet, where a few bytes can stand for many rows."""
NOTES_KEY: Final = b"cautery.notes"
"""Key in the schema's metadata that holds notes about the table, one a line."""
FAR_PAST: Final = datetime(1990, 1, 1, tzinfo=UTC)
"""Accounts of a provider may be older than its models."""
FAR_FUTURE: Final = datetime(2100, 1, 1, tzinfo=UTC)
"""A contract may close and a model may be released after today: side tables look ahead."""


@seldom_collecting()
def read_side_table(path: Path, columns: Sequence[Column], key: str) -> Any:
    """Read a table whose rows are told apart by one column.

    Args:
        path: CSV, JSON Lines or Parquet, plain or compressed.
        columns: Columns that it may have.
        key: The column whose values must be there and differ.

    Returns:
        A ``pyarrow.Table`` of all ``columns``, null where the file lacks one; notes about unknown
        columns are in its schema's metadata.

    Raises:
        NoInputError: It is no file: a folder, a pipe, a device.
        MalformedFileError: It cannot be read, is too large, or a line of it is wrong.
        MissingColumnError: A required column is missing.
        InputError: A value of the key stands on two lines.
    """
    name = str(path)
    rows = _all_rows(path, name)
    seen = dict.fromkeys(field for _, row in rows for field in row)
    _check_columns(seen, columns, name)
    values: dict[str, list[Any]] = {column.name: [] for column in columns}
    clock = TimeReader(ReadOptions(file_name=name, now=FAR_FUTURE), earliest=FAR_PAST)
    lines: dict[Any, int] = {}
    for line, row in rows:
        _check_key(row, key, line, lines, name)
        for column in columns:
            values[column.name].append(_value(row, column, line, clock, name))
    findings = Findings()
    arrays = [
        make_array(values[column.name], column.name, arrow_type(column), findings)
        for column in columns
    ]
    unknown = [field for field in seen if field not in values]
    notes = [f"unknown columns: {', '.join(sorted(unknown))}"] if unknown else []
    schema = pa.schema(
        [(column.name, arrow_type(column)) for column in columns],
        metadata={NOTES_KEY: "\n".join(notes).encode("utf-8", "replace")},
    )
    return pa.Table.from_arrays(arrays, schema=schema)


def table_notes(table: Any) -> tuple[str, ...]:
    """Give the notes that the reading of a side table left.

    Args:
        table: From ``read_side_table``.

    Returns:
        Sentences, none if nothing was odd.
    """
    text = (table.schema.metadata or {}).get(NOTES_KEY, b"").decode()
    return tuple(text.split("\n")) if text else ()


def _all_rows(path: Path, name: str) -> list[tuple[int, dict[str, Any]]]:
    problem = why_no_file(path)
    if problem:
        raise NoInputError(problem, where=name, hint="Give a table in CSV, JSON Lines or Parquet.")
    try:
        opened = OpenLog(path, lambda _: None)
    except OSError as error:
        raise MalformedFileError(
            f"cannot be read: {error.strerror or error}", where=name
        ) from error
    try:
        with compression_errors(name):
            rows = list(_rows(opened, name))
    finally:
        opened.close()
    if not rows:
        raise MalformedFileError("the table has no rows", where=name, hint="Leave it out.")
    return rows


def _rows(opened: OpenLog, name: str) -> Iterator[tuple[int, dict[str, Any]]]:
    if opened.is_parquet:
        file = open_parquet(opened.stream, name)
        if file.metadata.num_rows > MOST_ROWS:
            raise MalformedFileError(f"holds more than {MOST_ROWS:,} rows", where=name)
        try:
            batches = file.read().to_batches()
        except (pa.ArrowException, OSError) as error:
            raise MalformedFileError("the Parquet file is damaged", where=name) from error
        rows = (row for batch in batches for row in plain_rows(batch))
        yield from enumerate(rows, 1)
        return
    lines = list(bounded_lines(_Bounded(opened.stream, name), LINE_BYTES))
    if lines and looks_like_csv(lines[0].text):
        yield from _csv_rows([(line.number, line.text) for line in lines], name)
        return
    for line in lines:
        try:
            record = decode_record(line.text, Findings())
        except RecordRejected as rejection:
            raise MalformedFileError(rejection.reason, where=f"{name}:{line.number}") from None
        if not isinstance(record, dict):
            raise MalformedFileError("not a JSON object", where=f"{name}:{line.number}")
        yield line.number, record


class _Bounded:
    """A stream that is refused where it goes on for too long, decompression bombs included."""

    def __init__(self, stream: Readable, name: str) -> None:
        self._stream = stream
        self._name = name
        self._left = MOST_BYTES

    def read(self, size: int = -1, /) -> bytes:
        """Read some bytes."""
        block = self._stream.read(size)
        self._left -= len(block)
        if self._left < 0:
            raise MalformedFileError(
                f"larger than the {MOST_BYTES:,} bytes that are read of a table", where=self._name
            )
        return block


def _csv_rows(lines: list[tuple[int, bytes]], name: str) -> Iterator[tuple[int, dict[str, Any]]]:
    texts = [text.decode("utf-8-sig", "replace") for _, text in lines]
    reader = csv.reader((f"{text}\n" for text in texts), delimiter=delimiter_of(texts[0]))
    header: list[str] = []
    try:
        for cells in reader:
            number = lines[reader.line_num - 1][0]
            if not header:
                header = [cell.strip() for cell in cells]
                continue
            if len(cells) != len(header):
                raise MalformedFileError(
                    f"{len(cells)} cells where the header has {len(header)}",
                    where=f"{name}:{number}",
                )
            row = zip(header, cells, strict=True)
            yield number, {field: cell.strip() or None for field, cell in row}
    except csv.Error as error:
        raise MalformedFileError(f"not CSV: {error}", where=name) from None


def _check_columns(seen: dict[str, None], columns: Sequence[Column], name: str) -> None:
    for column in columns:
        if column.required and column.name not in seen:
            raise MissingColumnError(
                f"there is no column '{column.name}'. Columns seen: {', '.join(seen) or 'none'}",
                where=name,
                hint=f"The first line must name them, for example: "
                f"{','.join(column.name for column in columns)}",
            )


def _check_key(row: dict[str, Any], key: str, line: int, lines: dict[Any, int], name: str) -> None:
    value = str(row.get(key) or "")
    if not value:
        raise MalformedFileError(f"{key} is empty", where=f"{name}:{line}")
    if value in lines:
        raise InputError(
            f"{key} '{value[:80]}' stands on lines {lines[value]} and {line}",
            where=f"{name}:{line}",
            hint="Keep one line for each.",
        )
    lines[value] = line


def _value(row: dict[str, Any], column: Column, line: int, clock: TimeReader, name: str) -> Any:
    value = row.get(column.name)
    if isinstance(value, str):
        value = value.strip() or None
    if column.kind != "timestamp":
        return value if value is None or isinstance(value, str) else str(value)
    if value is None and not column.required:
        return None
    try:
        return clock.read(value, column.name)
    except RecordRejected as rejection:
        raise MalformedFileError(
            f"{column.name}: {rejection.reason}",
            where=f"{name}:{line}",
            hint="Write times like 2026-10-01T12:00:00Z.",
        ) from None
