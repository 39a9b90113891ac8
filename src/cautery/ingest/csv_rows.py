"""Reads CSV logs row by row, with bounds on rows and cells."""

from __future__ import annotations

import csv
from typing import TYPE_CHECKING, Any, Final, TypeVar

import msgspec

from cautery.ingest.findings import TOO_LONG, RecordRejected
from cautery.ingest.json_lines import LineRejecter, RowContext
from cautery.ingest.json_records import RecordDecoder
from cautery.ingest.lines import Readable, bounded_lines
from cautery.ingest.rows import ExchangeRow, RowBatcher
from cautery.ingest.sniffing import delimiter_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from cautery.ingest.options import ReadOptions
    from cautery.ports import Reject

Record = TypeVar("Record", bound=msgspec.Struct)

WRONG_WIDTH: Final = "more or fewer cells than the header"
NOT_CSV: Final = "not CSV"
_NULLS: Final = frozenset({"", "\\N", "NULL"})
"""How databases write a null into CSV."""


class _RowLines:
    """Physical lines for the csv module, kept until a row is whole.

    A quote that never ends would swallow the rest of the file into one cell: past the bound the
    row ends with ``RecordRejected``, and the csv module begins anew with the next line.
    """

    def __init__(self, stream: Readable, longest_bytes: int) -> None:
        self._lines = bounded_lines(stream, longest_bytes, keep_blank=True)
        self._longest = longest_bytes
        self._taken: list[bytes] = []
        self.first_line = 0
        self.bytes = 0

    def __iter__(self) -> _RowLines:
        return self

    def __next__(self) -> str:
        line = next(self._lines)
        self.first_line = self.first_line or line.number
        self._taken.append(line.text)
        self.bytes += len(line.text) + 1
        if line.too_long or self.bytes > self._longest:
            raise RecordRejected(TOO_LONG)
        return line.text.decode("utf-8", "replace") + "\n"

    def begin_row(self) -> None:
        self._taken, self.first_line, self.bytes = [], 0, 0

    @property
    def raw(self) -> bytes:
        return b"\n".join(self._taken)


def csv_records(
    stream: Readable, options: ReadOptions, rejecter: LineRejecter
) -> Iterator[tuple[int, dict[str, str], bytes]]:
    """Yield the rows of a CSV log by column name.

    Args:
        stream: Decompressed bytes.
        options: Bounds.
        rejecter: Told of rows that are no rows.

    Yields:
        First line, cells that are not null, and the raw row.
    """
    lines = _RowLines(stream, options.line_bytes)
    # The bound on a row is ours; the module's own would cut prompts at 128 KiB. It holds for the
    # whole process, so that it is raised only: others read CSV too.
    csv.field_size_limit(max(csv.field_size_limit(), 2 * options.line_bytes))
    header: list[str] = []
    reader: Any = None
    while True:
        lines.begin_row()
        try:
            if reader is None:
                first = next(lines)
                header = next(csv.reader([first], delimiter=delimiter_of(first)), [])
                reader = csv.reader(lines, delimiter=delimiter_of(first))
                continue
            cells = next(reader)
            if not cells:
                continue
        except StopIteration:
            return
        except RecordRejected as rejection:
            rejecter(lines.first_line, rejection.reason, lines.raw)
            continue
        except csv.Error:
            rejecter(lines.first_line, NOT_CSV, lines.raw)
            continue
        if len(cells) != len(header):
            rejecter(lines.first_line, WRONG_WIDTH, lines.raw)
            continue
        record = {
            name: cell for name, cell in zip(header, cells, strict=True) if cell not in _NULLS
        }
        yield lines.first_line, record, lines.raw


def read_csv(
    stream: Readable,
    record_type: type[Record],
    make_row: Callable[[Record, RowContext], ExchangeRow],
    options: ReadOptions,
    reject: Reject,
) -> Iterator[Any]:
    """Yield batches of a CSV log whose columns are the fields of a record type.

    Args:
        stream: Decompressed bytes.
        record_type: A msgspec Struct whose fields all have defaults.
        make_row: Turns one record into a row.
        options: How to read the file.
        reject: Called for each row that could not be read.

    Yields:
        Batches of ``BATCH_SCHEMA``.
    """
    context = RowContext(options)
    rejecter = LineRejecter(options, reject)
    decoder = RecordDecoder(record_type, options.findings)

    def make(record: dict[str, Any]) -> ExchangeRow:
        context.identities.begin(record)
        return make_row(decoder.convert(record), context)

    yield from batches_of(csv_records(stream, options, rejecter), make, options, rejecter)
    context.clock.check()


def batches_of(
    records: Iterable[tuple[int, Any, bytes]],
    make: Callable[[Any], ExchangeRow],
    options: ReadOptions,
    rejecter: LineRejecter,
) -> Iterator[Any]:
    """Yield batches of the rows that records give.

    Args:
        records: Line number, record and bytes of each.
        make: Turns one record into a row.
        options: Bounds of a batch.
        rejecter: Called for each record that gives no row.

    Yields:
        Batches of ``BATCH_SCHEMA``.
    """
    batcher = RowBatcher(options)
    for line_number, record, raw in records:
        try:
            row = make(record)
        except RecordRejected as rejection:
            rejecter(line_number, rejection.reason, raw, record)
            continue
        row.source_line = line_number
        if batcher.add(row, len(raw)):
            yield batcher.take()
    if len(batcher):
        yield batcher.take()
