"""Makes batches of a table ready for a scan, wherever the table is: what runs on every machine.

A machine sees some rows of the table and not the others, so nothing here judges the whole: what
was found travels along, as JSON in one more row, and whoever asked for the work adds it up.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

import msgspec
import pyarrow as pa

from cautery.ingest.canonical_parquet import BatchReader
from cautery.ingest.coverage import CoverageCounter
from cautery.ingest.json_lines import LineRejecter, RowContext
from cautery.ingest.keys import add_keys
from cautery.ingest.options import ReadOptions
from cautery.ingest.period import Period
from cautery.ingest.reading import Reading
from cautery.ingest.rejects import RejectCounts, rejected_line
from cautery.ingest.schema import part_schema
from cautery.ingest.sketches import PLAIN, fastest_kernels
from cautery.ingest.storing import sampled, sketched

if TYPE_CHECKING:
    from cautery.ingest.sketches import TextKernels

FOUND: Final = "found"
"""Column that holds what was found, in rows that hold nothing else."""
MOST_KEPT: Final = 1_000
"""Rejected rows that one piece of a table keeps to show; all are counted."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TablePlan:
    """How to read the rows of one table; it is sent to every machine that holds some."""

    options: ReadOptions
    """How to read times and identities; ``file_name`` is the table's."""
    columns: frozenset[str]
    """Columns that are wanted of each exchange."""
    period: Period = field(default_factory=Period)
    """Exchanges that began outside are counted and left out."""
    sample_text: bool = False
    """Keep prompts only where their hash is below ``KEPT_TEXT_HASH``."""
    compiled: bool = False
    """Use compiled sketches where they are installed."""


def table_schema(columns: frozenset[str]) -> Any:
    """Arrow schema of what ``read_batches`` yields.

    Args:
        columns: Columns that are wanted.

    Returns:
        Those columns and ``FOUND``; a short batch needs no large strings.
    """
    fields = [
        pa.field(one.name, pa.string() if pa.types.is_large_string(one.type) else one.type)
        for one in part_schema(drop_text=False, columns=columns)
    ]
    return pa.schema([*fields, pa.field(FOUND, pa.string())])


def read_batches(batches: Iterator[Any], *, plan: TablePlan) -> Iterator[Any]:
    """Bring batches of a table to the columns that a scan reads.

    Args:
        batches: Batches with columns of the exchange table, in any order.
        plan: How to read them.

    Yields:
        Batches of ``table_schema``; the last one is a row of what was found.
    """
    piece = _Piece(plan)
    for batch in batches:
        if batch.num_rows:
            yield piece.prepared(batch)
    yield piece.found()


class _Piece:
    """Some rows of a table on one machine."""

    def __init__(self, plan: TablePlan) -> None:
        self._plan = plan
        self._schema = table_schema(plan.columns)
        self._kernels: TextKernels = fastest_kernels() if plan.compiled else PLAIN
        self._reading = Reading(counter=CoverageCounter(), findings=plan.options.findings)
        self._kept: list[str] = []
        context = RowContext(plan.options)
        # That no time is possible is for the whole table to say, not for its first thousand rows.
        context.clock.count_possible(1)
        self._reader = BatchReader(context, LineRejecter(plan.options, self._reject))

    def _reject(self, _row: int, reason: str, raw: bytes) -> None:
        name, counts = self._plan.options.file_name, self._reading.rejects
        counts.merge(RejectCounts(count=1))
        counts.reasons[reason] += 1
        counts.first[reason] = name
        if len(self._kept) < MOST_KEPT:
            self._kept.append(rejected_line(name, None, reason, raw).decode())

    def prepared(self, batch: Any) -> Any:
        # Rows of a table have no number, and those of a piece would tell how it was cut.
        unnumbered = batch.append_column("source_line", pa.nulls(batch.num_rows, pa.int64()))
        whole = self._reader.read(unnumbered, 1, ("source_line",))
        kept = self._plan.period.keep(whole)
        self._reading.outside += whole.num_rows - kept.num_rows
        ready = add_keys(sketched(self._plan.options.file_name, kept, self._kernels))
        self._reading.counter.add(ready)
        if self._plan.sample_text:
            ready = sampled(ready)
        columns = [
            ready.column(one.name).cast(one.type)
            if one.name != FOUND
            else pa.nulls(ready.num_rows, one.type)
            for one in self._schema
        ]
        return pa.RecordBatch.from_arrays(columns, schema=self._schema)

    def found(self) -> Any:
        told = {"reading": self._reading.document(), "kept": self._kept}
        text = msgspec.json.encode(told).decode()
        columns = [
            pa.array([text if one.name == FOUND else None], one.type) for one in self._schema
        ]
        return pa.RecordBatch.from_arrays(columns, schema=self._schema)


def add_found(reading: Reading, texts: list[str]) -> list[str]:
    """Add what the machines found, in no order that matters.

    Args:
        reading: What it is added to.
        texts: What the rows of ``FOUND`` say.

    Returns:
        Lines of ``rejected.jsonl``, sorted.
    """
    kept: list[str] = []
    for text in sorted(texts):
        told = msgspec.json.decode(text)
        reading.add(Reading.of(told["reading"]))
        kept.extend(told["kept"])
    return sorted(kept)
