"""Reads spend logs of LiteLLM: ordinary rows by columns, and the others one by one."""

from __future__ import annotations

from datetime import UTC
from typing import TYPE_CHECKING, Any, BinaryIO, NamedTuple

import msgspec
import pyarrow as pa
import pyarrow.compute as pc

from cautery.ingest.json_lines import Rewound, RowContext, json_items
from cautery.ingest.litellm_columns import ordinary_columns, usual_times
from cautery.ingest.litellm_ordinary import Ordinary, decode_ordinary
from cautery.ingest.rows import ExchangeRow, make_batch
from cautery.ingest.schema import BATCH_SCHEMA

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from cautery.ingest.lines import Line


class Entry(NamedTuple):
    """One line and, if it is an ordinary row, the row."""

    line: Line
    row: Ordinary | None


def read_by_columns(
    stream: BinaryIO, head: bytes, context: RowContext, read_odd: Callable[[Line], Any]
) -> Iterator[Any]:
    """Yield the batches of a spend log.

    Args:
        stream: Decompressed bytes.
        head: Bytes that were already taken from the stream.
        context: Clock, identities and options.
        read_odd: Reads one line that is not ordinary; None if it was rejected.

    Yields:
        Batches of ``BATCH_SCHEMA``.
    """
    options = context.options
    batch = _Batch(context, read_odd)
    entries: list[Entry] = []
    size = 0
    for line in json_items(Rewound(head, stream), options):
        entries.append(Entry(line, None if line.too_long else decode_ordinary(line.text)))
        size += len(line.text)
        if batch.would_be_full(len(entries), size):
            batch.add(entries)
            entries, size = [], 0
            if batch.would_be_full(0, 0):
                yield batch.take()
    batch.add(entries)
    if batch.rows:
        yield batch.take()
    context.clock.check()


class _Batch:
    """The rows of a batch so far: the ordinary ones as records, the others as rows."""

    def __init__(self, context: RowContext, read_odd: Callable[[Line], Any]) -> None:
        self._context = context
        self._read_odd = read_odd
        self._ordinary: list[tuple[Line, Ordinary]] = []
        self._starts: list[int] = []
        self._odd: list[ExchangeRow] = []
        self._bytes = 0

    @property
    def rows(self) -> int:
        return len(self._ordinary) + len(self._odd)

    def would_be_full(self, rows: int, size_bytes: int) -> bool:
        """Whether it would have enough rows, or bytes of log, with so many more of them."""
        options = self._context.options
        enough = self.rows + rows >= options.batch_rows
        return enough or self._bytes + size_bytes >= options.batch_bytes

    def add(self, entries: list[Entry]) -> None:
        """Take what can be read of some lines; the others are rejected in their order."""
        rows = [entry.row for entry in entries if entry.row is not None]
        times = iter(_times([row.startTime for row in rows], self._context) if rows else ())
        for line, row in entries:
            start = None if row is None else next(times)
            if row is not None and start is not None:
                self._ordinary.append((line, row))
                self._starts.append(start)
                self._context.clock.count_possible(1)
            elif (odd := self._read_odd(line)) is not None:
                self._odd.append(odd)
            else:
                continue
            self._bytes += len(line.text)

    def take(self) -> Any:
        """Build the batch and start anew."""
        findings = self._context.findings
        findings.accepted += self.rows
        batches = []
        if self._ordinary:
            columns = ordinary_columns([row for _, row in self._ordinary], self._context)
            columns["time_start"] = self._starts
            columns["source_line"] = [line.number for line, _ in self._ordinary]
            none = [None] * len(self._ordinary)
            batches.append(make_batch([columns.get(n, none) for n in BATCH_SCHEMA.names], findings))
        if self._odd:
            rows = zip(*map(msgspec.structs.astuple, self._odd), strict=True)
            batches.append(make_batch(tuple(rows), findings))
        self._ordinary, self._starts, self._odd, self._bytes = [], [], [], 0
        if len(batches) == 1:
            return batches[0]
        whole = pa.Table.from_batches(batches).combine_chunks().to_batches()[0]
        return whole.take(pc.array_sort_indices(whole.column("source_line")))


def _times(texts: list[str], context: RowContext) -> list[int | None]:
    """Read times; None for one that is not possible or not usual, to be judged the long way."""
    clock = context.clock
    found = usual_times(texts)
    if found is None:
        found = [clock.peek(text, UTC) for text in texts]
    earliest, latest = clock.earliest, clock.latest
    return [
        moment if moment is not None and earliest <= moment <= latest else None for moment in found
    ]
