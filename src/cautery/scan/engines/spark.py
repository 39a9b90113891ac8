"""Spark: the same expressions and kernels on many machines, where the tables are."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pyarrow as pa
from ibis import _
from numpy.typing import NDArray

from cautery.errors import UsageError
from cautery.ingest.table_batches import FOUND
from cautery.scan.distributed.arrow_backend import arrow_backend, arrow_frame
from cautery.scan.distributed.kernels import tallied, written
from cautery.scan.distributed.reading_tables import ReadTables, assembled_tables, read_tables
from cautery.scan.distributed.session import open_session, spark_errors
from cautery.scan.distributed.shared_folder import SharedFolder
from cautery.scan.engine_options import EngineOptions
from cautery.scan.facts import Facts
from cautery.scan.shingle_pairs import ShinglePairs
from cautery.scan.stored_rows import StoredRows

if TYPE_CHECKING:
    from cautery.ingest.options import IngestOptions
    from cautery.ingest.table import ExchangeTable
    from cautery.ports import Kernel, Pass
    from cautery.records.progress import Progress

Integers = NDArray[np.int64]

SMALL_BYTES: Final = 4 * 2**20
"""Bytes of a table that may travel inside the plan of a query; larger ones are written down."""


class Spark:
    """Opens Spark, by its own configuration or at an address."""

    name: Final = "spark"
    description: Final = "Apache Spark, for tables past one machine (pip install 'cautery[spark]')"

    def open(self, options: EngineOptions) -> SparkEngine:
        """Begin a session, or join the one at a ``sc://`` address.

        Args:
            options: Address and scratch folder.

        Returns:
            The engine.

        Raises:
            MissingExtraError: pyspark is not installed.
            EngineError: The master cannot be reached.
            UsageError: Machines elsewhere need a scratch folder that they can write.
        """
        scratch = options.scratch
        if scratch is None:
            if not options.address.startswith("local") or options.work_folder is None:
                raise UsageError(
                    "the machines of Spark need a folder that all of them can write",
                    where="--scratch",
                    hint="Give one, as --scratch s3a://bucket/tmp or a mounted path.",
                )
            scratch = str(options.work_folder)
        session, ours = open_session(options.address)
        return SparkEngine(session, scratch, address=options.address, ours=ours)


class SparkEngine:
    """A Spark session, with the rows of one exchange table.

    Args:
        session: A session, in UTC.
        scratch: Path or URI of a folder that all machines can write.
        address: For messages.
        ours: Whether the session ends with the scan.
    """

    def __init__(
        self, session: Any, scratch: str, *, address: str = "", ours: bool = False
    ) -> None:
        self._session = session
        self._shared = SharedFolder(session, scratch)
        self._address = address
        self._ours = ours
        self._tables: ReadTables | None = None
        self.connection = arrow_backend(session)

    @contextmanager
    def errors(self) -> Iterator[None]:
        """Turn what Spark raises into an ``EngineError``."""
        with spark_errors(self._address):
            yield

    def read_logs(
        self, options: IngestOptions, work_folder: Path, progress: Progress
    ) -> ExchangeTable:
        """Read tables on Spark's machines.

        Args:
            options: ``logs`` are names of tables, paths or URIs.
            work_folder: Where ``rejected.jsonl`` goes, on this machine.
            progress: Told of the rows.

        Returns:
            The exchange table, without parts.

        Raises:
            InputError: As ``cautery.ingest.read.read_logs``.
            EngineError: Spark failed.
        """
        with self.errors():
            found = read_tables(self._session, options, self._shared, work_folder, progress)
            self._tables = found
            return assembled_tables(found, self._rows(found), options.max_bad_share)

    def _rows(self, found: ReadTables) -> Any:
        frame = self._session.read.parquet(*found.paths).where(f"{FOUND} IS NULL").drop(FOUND)
        return self._table(frame, "parts")

    def _table(self, frame: Any, name: str) -> Any:
        view = f"cautery_{name.replace('-', '_')}"
        frame.createOrReplaceTempView(view)
        return self.connection.table(view)

    def stored(self, _parts: Sequence[Path], _scratch: Any) -> StoredRows:
        """Give the rows that ``read_logs`` left on Spark's machines."""
        if self._tables is None:
            raise UsageError("Spark scans what it has read itself", where="--engine")
        count = self._tables.reading.counter.rows
        return StoredRows(rows=self._rows(self._tables), parts=(), count=count)

    def small_table(self, name: str, table: pa.Table) -> Any:
        """Give an Arrow table as an Ibis table, in place of an earlier one of that name."""
        frame = arrow_frame(self._session, table)
        if table.nbytes > SMALL_BYTES:
            frame = self._kept(frame, name)
        return self._table(frame, name)

    def named(self, name: str, table: Any, *, held: bool) -> Any:
        """Name an expression; its rows stay where they are."""
        return self._table(self._frame(table), name)

    def _frame(self, table: Any) -> Any:
        return self._session.sql(self.connection.compile(table))

    def _kept(self, frame: Any, name: str) -> Any:
        path = self._shared.new_path(name)
        frame.write.parquet(path)
        return self._session.read.parquet(path)

    def over_log(self, facts: Facts, columns: Sequence[str]) -> Pass:
        """Go through columns of all exchanges on Spark's machines."""
        held = [name for name in columns if name in facts.rows.columns]
        return SparkPass(self, self._frame(facts.rows.select("account", *held)))

    def over(self, facts: Facts, table: Any) -> Pass:
        """Go through an Ibis table on Spark's machines."""
        return SparkPass(self, self._frame(table))

    def write(self, frame: Any, name: str) -> Any:
        """Write a data frame to the shared folder.

        Args:
            frame: Spark data frame.
            name: For the files.

        Returns:
            An Ibis table.
        """
        path = self._shared.new_path(name)
        frame.write.parquet(path)
        return self._table(self._session.read.parquet(path), path.rpartition("/")[2])

    def repeated_shingles(
        self, facts: Facts, needed: Integers, fewest_accounts: int
    ) -> ShinglePairs:
        """Count by grouping; what nobody asks for does not come to this machine."""
        accounts = np.arange(needed.size, dtype=np.int32)
        table = pa.table({"account": accounts, "needed": needed.astype(np.int64)})
        asked = self.small_table("shingles_needed", table)
        repeated = (
            facts.rows.select("account", token=_.input_shingles.unnest())
            .group_by(["account", "token"])
            .aggregate(exchanges=_.count())
            .filter(_.exchanges >= 2)
            .join(asked, "account")
            .filter(_.exchanges >= _.needed)
            .select("account", "token", "exchanges")
        )
        kept = self.write(self._frame(repeated), "repeated-shingles")
        shared = kept.group_by("token").aggregate(accounts=_.count())
        found = kept.semi_join(shared.filter(_.accounts >= fewest_accounts), "token").to_pyarrow()
        return ShinglePairs(
            **{
                name: found[name].to_numpy().astype(np.int64)
                for name in ("account", "token", "exchanges")
            }
        )

    def close(self) -> None:
        """Remove what was written down, and end the session if it was begun here."""
        self._shared.remove()
        if self._ours:
            self._ours = False
            self._session.stop()


class SparkPass:
    """One pass over batches on Spark's machines.

    Args:
        engine: Gives what is written down as a table.
        frame: Spark data frame with ``account``.
    """

    def __init__(self, engine: SparkEngine, frame: Any) -> None:
        self._engine = engine
        self._frame = frame

    def tally(self, kernel: Kernel, counts: Sequence[str]) -> pa.Table:
        """Add up what the kernel counts: in every piece first, then all pieces together."""
        schema = ", ".join(f"`{name}` BIGINT" for name in ("key", *counts))
        pieces = self._frame.mapInArrow(partial(tallied, kernel=kernel, counts=counts), schema)
        sums = [f"SUM(`{name}`) AS `{name}`" for name in counts]
        grouped = _summed(pieces, sums)
        whole = [pa.field(name, pa.int64()) for name in ("key", *counts)]
        return grouped.toArrow().cast(pa.schema(whole)).sort_by("key").combine_chunks()

    def write(self, kernel: Kernel, schema: Any, name: str) -> Any:
        """Write what the kernel makes to Parquet, a file a piece."""
        from pyspark.sql.pandas.types import from_arrow_schema

        made = self._frame.mapInArrow(
            partial(written, kernel=kernel, schema=schema), from_arrow_schema(schema)
        )
        return self._engine.write(made, name)


def _summed(pieces: Any, sums: Sequence[str]) -> Any:
    from pyspark.sql import functions

    return pieces.groupBy("key").agg(*(functions.expr(one) for one in sums))


MEMBER: Final = Spark()
"""The engine of many machines."""
