"""Writes exchanges to Parquet parts of bounded size."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import pyarrow as pa
import pyarrow.parquet as pq

from cautery.errors import OutputError
from cautery.ingest.schema import SKETCH_VERSION_KEY
from cautery.ingest.sketches import SKETCH_VERSION
from cautery.records.exchange import TEXT_COLUMNS

if TYPE_CHECKING:
    from pathlib import Path

PART_ROWS: Final = 2_000_000
"""Rows in one part; a part is read whole by nobody, so this only bounds the files."""
GROUP_ROWS: Final = 131_072
GROUP_BYTES: Final = 32 * 2**20
"""Rows and bytes in one row group: what is held in memory before it is written."""
_LISTS: Final = ("input_shingles", "issued_signatures", "carried_signatures")
_HIGH_CARDINALITY: Final = frozenset(
    {
        *TEXT_COLUMNS,
        *_LISTS,
        "request_id",
        "history_hash",
        "input_hash",
        "source_line",
        "time_start",
        "time_end",
    }
)
"""Columns that hardly repeat: a dictionary would only cost time."""
_INCOMPRESSIBLE: Final = frozenset({*_LISTS, "input_hash"})
"""Columns of hashes: compressing them costs time and saves next to nothing."""


class PartWriter:
    """Writes batches, in order, into ``part-00000.parquet`` and so on.

    Args:
        folder: Where the parts go.
        schema: Columns of the parts.
        part_rows: Rows in a part, give or take one group.
    """

    def __init__(self, folder: Path, schema: Any, *, part_rows: int = PART_ROWS) -> None:
        self._folder = folder
        self._part_rows = part_rows
        version = {SKETCH_VERSION_KEY: str(SKETCH_VERSION).encode()}
        self.schema = schema.with_metadata(version)
        self._writer: Any = None
        self._rows_in_part = 0
        self._pending: list[Any] = []
        self._pending_rows = 0
        self._pending_bytes = 0
        self.rows = 0
        self.parts: list[Path] = []

    def write(self, batch: Any) -> None:
        """Take one batch that has all columns of the parts.

        Args:
            batch: A ``pyarrow.RecordBatch``.
        """
        chosen = batch.select(self.schema.names)
        self._pending.append(chosen)
        self._pending_rows += chosen.num_rows
        self._pending_bytes += chosen.nbytes
        self.rows += chosen.num_rows
        if self._pending_rows >= GROUP_ROWS or self._pending_bytes >= GROUP_BYTES:
            self._flush()

    def close(self) -> None:
        """Write what is pending and end the last part; an empty table still has one part."""
        if self._pending or not self.parts:
            self._flush()
        self._end_part()

    def abandon(self) -> None:
        """End the part without writing what is pending, after an error."""
        self._pending = []
        self._end_part()

    def _flush(self) -> None:
        table = pa.Table.from_batches(
            [batch.cast(self.schema) for batch in self._pending], self.schema
        )
        self._pending, self._pending_rows, self._pending_bytes = [], 0, 0
        try:
            if self._writer is None:
                self._writer = self._open()
            self._writer.write_table(table, row_group_size=max(1, table.num_rows))
        except OSError as error:
            raise OutputError(
                f"cannot write the exchange table: {error.strerror or error}",
                where=str(self._folder),
                hint="Is the disk full?",
            ) from error
        self._rows_in_part += table.num_rows
        if self._rows_in_part >= self._part_rows:
            self._end_part()

    def _open(self) -> Any:
        path = self._folder / f"part-{len(self.parts):05d}.parquet"
        self.parts.append(path)
        self._rows_in_part = 0
        encoded = [name for name in self.schema.names if name not in _HIGH_CARDINALITY]
        return pq.ParquetWriter(
            path,
            self.schema,
            compression={_leaf(name): _codec(name) for name in self.schema.names},
            use_dictionary=encoded,
            write_statistics=["time_start", "account_id"],
        )

    def _end_part(self) -> None:
        if self._writer is not None:
            self._writer.close()
            self._writer = None


def _leaf(name: str) -> str:
    """Path of a column's values, as Parquet names them."""
    return f"{name}.list.element" if name in _LISTS else name


def _codec(name: str) -> str:
    """A scan reads its parts several times, and LZ4 is decompressed several times as fast."""
    return "none" if name in _INCOMPRESSIBLE else "lz4"
