"""What the tests of storing share: a writer that keeps batches, and batches to keep."""

from __future__ import annotations

import threading
from typing import Any

import pyarrow as pa

from cautery.ingest.schema import BATCH_SCHEMA, PART_SCHEMA


class ListWriter:
    """A writer that keeps the batches; the one of a given number fails, as on a full disk."""

    def __init__(self, failing: int | None = None, schema: Any = PART_SCHEMA) -> None:
        self.schema = schema
        self.batches: list[Any] = []
        self.threads: set[int] = set()
        self.rows = 0
        self.ends: list[str] = []
        self._failing = failing

    def write(self, batch: Any) -> None:
        if len(self.batches) == self._failing:
            raise OSError("disk full")
        self.threads.add(threading.get_ident())
        self.batches.append(batch)
        self.rows += batch.num_rows

    def close(self) -> None:
        self.ends.append("closed")

    def abandon(self) -> None:
        self.ends.append("abandoned")


def batch(texts: list[str], first_line: int = 1) -> Any:
    """A batch as a reader yields it."""
    columns = {field.name: pa.nulls(len(texts), field.type) for field in BATCH_SCHEMA}
    columns["input_text"] = pa.array(texts, pa.large_string())
    columns["account_id"] = pa.array(["a"] * len(texts), pa.string())
    lines = range(first_line, first_line + len(texts))
    columns["source_line"] = pa.array(list(lines), pa.int64())
    return pa.RecordBatch.from_arrays(list(columns.values()), schema=BATCH_SCHEMA)


def text_of(line: int) -> str:
    """A text of its own for every line."""
    return f"please explain the number {line} in a few short words"
