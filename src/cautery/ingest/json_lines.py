"""What the readers of JSON logs have in common: lines in, batches out, bad lines aside.

A format brings a record type and a function that turns one record into one row; see
``formats/litellm_spend_logs.py`` for the pattern.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, BinaryIO, Generic, TypeVar

import msgspec

from cautery.ingest.findings import ACCOUNT_MISSING, TOO_LONG, Findings, RecordRejected
from cautery.ingest.identities import IdentityReader, columns_of
from cautery.ingest.json_arrays import array_items, is_array
from cautery.ingest.json_records import RecordDecoder, decode_record
from cautery.ingest.lines import BLOCK_BYTES, BYTE_ORDER_MARK, Line, Readable, bounded_lines
from cautery.ingest.rows import ExchangeRow, RowBatcher
from cautery.ingest.times import TimeReader

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from cautery.ingest.options import ReadOptions
    from cautery.ports import Reject

Record = TypeVar("Record", bound=msgspec.Struct)


class RowContext:
    """What a format needs besides the record to make a row of it.

    Args:
        options: How to read the file.
    """

    def __init__(self, options: ReadOptions) -> None:
        self.options = options
        self.findings = options.findings
        self.clock = TimeReader(options)
        """Reads times."""
        self.identities = IdentityReader(options)
        """Reads accounts, keys and addresses."""


class LineRejecter:
    """Hands bad records to ``reject`` and counts them.

    Args:
        options: Where to count.
        reject: The caller's own.
    """

    def __init__(self, options: ReadOptions, reject: Reject) -> None:
        self._findings = options.findings
        self._reject = reject

    def __call__(self, line_number: int, reason: str, raw: bytes, record: Any = None) -> None:
        """Reject one record.

        Args:
            line_number: Where it stands.
            reason: One of the fixed phrases.
            raw: The line.
            record: The decoded record, if there is one, to name its fields.
        """
        findings = self._findings
        findings.rejected[reason] += 1
        if reason == ACCOUNT_MISSING and not findings.columns_seen:
            findings.columns_seen = columns_of(_decoded(raw) if record is None else record)
        self._reject(line_number, reason, raw)


def _decoded(raw: bytes) -> Any:
    try:
        return decode_record(raw, Findings())
    except RecordRejected:
        return None


class JsonLinesReader(Generic[Record]):
    """Reads JSON Lines, or one JSON array, of records that are one exchange each.

    Args:
        record_type: A msgspec Struct whose fields all have defaults.
        make_row: Turns one record into a row; raises ``RecordRejected`` if it cannot be one.
    """

    def __init__(
        self,
        record_type: type[Record],
        make_row: Callable[[Record, RowContext], ExchangeRow],
    ) -> None:
        self._record_type = record_type
        self._make_row = make_row

    def read(
        self, stream: BinaryIO, options: ReadOptions, reject: Reject, head: bytes = b""
    ) -> Iterator[Any]:
        """Yield batches; the contract is that of ``cautery.ports.LogFormat.read``.

        Args:
            stream: Decompressed bytes.
            options: How to read the file.
            reject: Called for each record that could not be read.
            head: Bytes that were already taken from the stream.

        Yields:
            Batches of ``BATCH_SCHEMA``.
        """
        context = RowContext(options)
        batcher = RowBatcher(options)
        rejecter = LineRejecter(options, reject)
        decoder = RecordDecoder(self._record_type, options.findings)
        for line in json_items(Rewound(head, stream), options):
            try:
                row = self._row(whole_text(line), decoder, context)
            except RecordRejected as rejection:
                rejecter(line.number, rejection.reason, line.text)
                continue
            row.source_line = line.number
            if batcher.add(row, len(line.text)):
                yield batcher.take()
        if len(batcher):
            yield batcher.take()
        context.clock.check()

    def _row(self, text: bytes, decoder: RecordDecoder[Record], context: RowContext) -> ExchangeRow:
        if context.identities.wants_record:
            plain = decode_record(text, context.findings)
            context.identities.begin(plain)
        return self._make_row(decoder.decode(text), context)


def json_items(stream: Readable, options: ReadOptions) -> Iterator[Line]:
    """Yield the records of a JSON log as bytes: its lines, or the items of its one array.

    Args:
        stream: Decompressed bytes.
        options: Bounds.

    Yields:
        One line a record; a record too long comes cut.
    """
    if options.block_first_line is not None:
        first_line = options.block_first_line
        yield from bounded_lines(stream, options.line_bytes, first_number=first_line)
        return
    head = b""
    while block := stream.read(BLOCK_BYTES):
        head += block
        if not head.isspace() and head != BYTE_ORDER_MARK[: len(head)]:
            break
    rest = Rewound(head, stream)
    if is_array(head):
        yield from array_items(rest, options.line_bytes)
    else:
        yield from bounded_lines(rest, options.line_bytes)


def whole_text(line: Line) -> bytes:
    """Take the text of a line.

    Args:
        line: The line.

    Returns:
        Its text.

    Raises:
        RecordRejected: It is too long, so that only its beginning is there.
    """
    if line.too_long:
        raise RecordRejected(TOO_LONG)
    return line.text


class Rewound:
    """A stream of which some bytes were read already, whole again.

    Args:
        head: The bytes that were read.
        stream: The rest.
    """

    def __init__(self, head: bytes, stream: Readable) -> None:
        self._head = head
        self._stream = stream

    def read(self, size: int = -1, /) -> bytes:
        """Read up to ``size`` bytes; fewer do not mean the end, none does."""
        if self._head:
            head, self._head = self._head, b""
            return head
        return self._stream.read(size)
