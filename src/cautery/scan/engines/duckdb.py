"""DuckDB: the engine of this machine; what reads whole sketches goes through Python's own hands."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import ibis
import numpy as np
import pyarrow as pa
from numpy.typing import NDArray
from pyarrow import parquet

from cautery.ingest.background import in_threads
from cautery.ingest.keys import add_keys
from cautery.ingest.read import read_logs
from cautery.ingest.schema import make_schema
from cautery.records.exchange import KEY_COLUMNS
from cautery.scan.engine_options import EngineOptions
from cautery.scan.facts import BATCH_ROWS, Facts, Scratch
from cautery.scan.kept_shingles import kept_repeated_shingles
from cautery.scan.shingle_pairs import ShinglePairs, repeated_shingles
from cautery.scan.stored_rows import StoredRows
from cautery.scan.tallies import added_up

if TYPE_CHECKING:
    from cautery.ingest.options import IngestOptions
    from cautery.ingest.table import ExchangeTable
    from cautery.ports import Kernel, Pass
    from cautery.records.progress import Progress

Integers = NDArray[np.int64]

FEW_ROWS: Final = 300_000
"""Exchanges under which a second thread saves less time than its buffers take memory."""
ENGINE_SHARE: Final = 0.5
"""Part of the memory of a scan that the engine may take before it spills to disk; the rest is for
the sketches of accounts, links and groups, which do not grow with the exchanges."""


class DuckDB:
    """Opens the engine of this machine."""

    name: Final = "duckdb"
    description: Final = "DuckDB on this machine (the default)"

    def open(self, options: EngineOptions) -> LocalEngine:
        """Open it; nothing is connected before there are rows.

        Args:
            options: Work folder and memory; there is no address.

        Returns:
            The engine.
        """
        return LocalEngine(options)


class LocalEngine:
    """DuckDB over Parquet parts, and passes over the same parts in Python.

    Args:
        options: Work folder and memory.
    """

    connection: Any = None

    def __init__(self, options: EngineOptions) -> None:
        self._options = options

    def errors(self) -> AbstractContextManager[None]:
        """What DuckDB raises is a fault of the program, and stays what it is."""
        return nullcontext()

    def read_logs(
        self, options: IngestOptions, work_folder: Path, progress: Progress
    ) -> ExchangeTable:
        """Read logs as ``cautery.ingest.read.read_logs`` does."""
        return read_logs(options, work_folder, progress)

    def stored(self, parts: Sequence[Path], scratch: Scratch) -> StoredRows:
        """Connect to the parts; those without keys are written anew.

        Args:
            parts: Parquet files with the canonical, source and sketch columns.
            scratch: Where parts are written that need keys.

        Returns:
            The opened table.
        """
        count = sum(parquet.read_metadata(part).num_rows for part in parts)
        self.connection = connected(self._options, threads=1 if count < FEW_ROWS else None)
        keyed = _keyed(parts, scratch)
        rows = self.connection.read_parquet([str(part) for part in keyed], table_name="parts")
        return StoredRows(rows=rows, parts=keyed, count=count)

    def small_table(self, name: str, table: pa.Table) -> Any:
        """Give an Arrow table as an Ibis table, in place of an earlier one of that name."""
        return self.connection.create_table(name, ibis.memtable(table), overwrite=True)

    def named(self, name: str, table: Any, *, held: bool) -> Any:
        """Name an expression; hold its rows in memory if asked to."""
        make = self.connection.create_table if held else self.connection.create_view
        return make(name, table)

    def over_log(self, facts: Facts, columns: Sequence[str]) -> Pass:
        """Go through columns of the parts, which costs less than asking DuckDB for them."""
        return LocalPass(self, facts.scratch, facts.batches(columns))

    def over(self, facts: Facts, table: Any) -> Pass:
        """Go through an Ibis table."""
        return LocalPass(self, facts.scratch, _batches(table))

    def repeated_shingles(
        self, facts: Facts, needed: Integers, fewest_accounts: int
    ) -> ShinglePairs:
        """Count by sorting pieces; what is asked for besides the fewest repeats is not cut off."""
        if facts.kept is not None:
            return kept_repeated_shingles(facts, facts.kept)
        return repeated_shingles(facts, int(needed.min(initial=2)))

    def close(self) -> None:
        """Disconnect."""
        if self.connection is not None:
            self.connection.disconnect()


class LocalPass:
    """One pass over batches on this machine.

    Args:
        engine: Gives what is written down as a table.
        scratch: Where it is written.
        batches: Account numbers and batches.
    """

    def __init__(
        self, engine: LocalEngine, scratch: Scratch, batches: Iterator[tuple[Integers, Any]]
    ) -> None:
        self._engine = engine
        self._scratch = scratch
        self._batches = batches

    def tally(self, kernel: Kernel, counts: Sequence[str]) -> pa.Table:
        """Add up what the kernel counts, batch by batch."""
        return added_up(in_threads(kernel, self._batches), counts)

    def write(self, kernel: Kernel, schema: Any, name: str) -> Any:
        """Write what the kernel makes to one Parquet file."""
        path = self._scratch.new_path(name, ".parquet")
        with parquet.ParquetWriter(path, schema, compression="lz4") as writer:
            for made in in_threads(kernel, self._batches):
                writer.write_batch(made.cast(schema))
        return self._engine.connection.read_parquet(path, table_name=path.stem.replace("-", "_"))


def _batches(table: Any) -> Iterator[tuple[Integers, Any]]:
    for batch in table.to_pyarrow_batches(chunk_size=BATCH_ROWS):
        yield batch.column("account").to_numpy(), batch


def connected(options: EngineOptions, threads: int | None) -> Any:
    """Connect Ibis to a DuckDB of its own.

    Args:
        options: Work folder and memory.
        threads: Threads to use; None for all processors.

    Returns:
        The Ibis backend.
    """
    folder = options.work_folder
    spill = {"temp_directory": str(folder / "spill")} if folder else {}
    connection = ibis.duckdb.connect(**spill)
    connection.raw_sql("SET TimeZone = 'UTC'")
    # Freed memory goes back to the system soon: a scan is not alone on its machine.
    connection.raw_sql("SET allocator_flush_threshold = '8MB'")
    if options.memory_bytes is not None:
        share = int(ENGINE_SHARE * options.memory_bytes)
        connection.raw_sql(f"SET memory_limit = '{share}B'")
    if threads is not None:
        connection.raw_sql(f"SET threads = {threads}")
    connection.raw_sql("SET preserve_insertion_order = false")
    return connection


def _keyed(parts: Sequence[Path], scratch: Scratch) -> tuple[Path, ...]:
    """Give every part its keys; those that were made for a scan have them."""
    names = {column.name for column in KEY_COLUMNS}
    if all(names <= set(parquet.read_schema(part).names) for part in parts):
        return tuple(parts)
    written = []
    for part in parts:
        target = scratch.new_path("part", ".parquet")
        file = parquet.ParquetFile(part, pre_buffer=False)
        kept = [field for field in file.schema_arrow if field.name not in names]
        schema = pa.schema([*kept, *make_schema(KEY_COLUMNS)])
        with parquet.ParquetWriter(target, schema, compression="zstd") as writer:
            for batch in file.iter_batches(columns=[field.name for field in kept]):
                writer.write_batch(add_keys(batch))
        written.append(target)
    return tuple(written)


MEMBER: Final = DuckDB()
"""The engine of this machine."""
