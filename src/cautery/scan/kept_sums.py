"""Sums that a state keeps: a new day's parts are counted, and added to what is known of the others.

There is one file a question, ``STATE/sums/*.sums``, with the answer over all parts together and the
names of these parts. A scan asks the parts that are not among them and writes the sum. Its size and
the time to add to it go by the pairs of accounts and tokens, not by exchanges.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Sequence
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import duckdb
import ibis
import msgspec
import pyarrow as pa
from pyarrow import parquet

from cautery.ingest.sketches import SKETCH_VERSION
from cautery.scan.kept_files import part_identity, read_kept, write_kept
from cautery.scan.questions import Question

if TYPE_CHECKING:
    from cautery.ports import OpenEngine

SUMS_SCHEMA: Final = "cautery.sums/1"
"""Goes into the name of every file: raise it when kept sums come to mean something else."""
SUMS_SUFFIX: Final = ".sums"
_COVERED: Final = b"cautery.parts"

View = Callable[[Any], tuple[Any, Any]]
"""Makes of an Ibis table of parts the rows and the exchange facts."""


class KeptSums:
    """Answers questions about all parts by asking only those that were not asked before.

    Args:
        folder: Where answers are kept; made if it is not there.
        engine: This machine's engine, with the parts opened.
        parts: All parts of the exchange table; they hold account keys.
        schema: Ibis schema of the columns to read of them, the same for all.
        view: Makes rows and exchange facts of them, with the key as ``account``.
        rows_held: Exchanges of new parts whose facts may be held in memory.
    """

    def __init__(
        self,
        folder: Path,
        engine: OpenEngine,
        *,
        parts: Sequence[Path],
        schema: Any,
        view: View,
        rows_held: int,
    ) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.folder = folder
        self.parts: dict[str, Path] = {}
        """The parts by identity; each further copy of one has a sign more."""
        for part in parts:
            name = part_identity(part)
            while name in self.parts:
                name += "+"
            self.parts[name] = part
        self.used: set[str] = set()
        """Names of the files that this scan needs."""
        self.asked_parts: list[tuple[str, tuple[Path, ...]]] = []
        """What was read: a name, and the parts."""
        self._engine = engine
        self._schema = schema
        self._view = view
        self._rows_held = rows_held
        self._opened: dict[tuple[Path, ...], tuple[Any, Any]] = {}

    def answer(self, question: Question) -> pa.Table:
        """Answer a question about all parts.

        Args:
            question: What to count.

        Returns:
            Arrow table with the key of the account as ``account``, in no promised order.
        """
        path = self.folder / self._name(question)
        self.used.add(path.name)
        known, covered = self._known(path)
        new = tuple(part for name, part in self.parts.items() if name not in covered)
        if known is not None and not new:
            return known
        self.asked_parts.append((path.name, new))
        fresh = question.over(self._table(question, new)).to_pyarrow()
        if known is not None:
            both = pa.concat_tables([known.cast(fresh.schema), fresh])
            summed = question.together(ibis.memtable(both))
            fresh = self._engine.connection.to_pyarrow(summed).cast(both.schema)
        self._keep(path, fresh)
        return fresh

    def forget_unused(self) -> None:
        """Remove the answers to questions that this scan did not ask, and what was half written."""
        for path in self.folder.iterdir():
            if path.name not in self.used and path.is_file():
                with contextlib.suppress(OSError):
                    path.unlink()

    def _name(self, question: Question) -> str:
        """Name a question by all that its answer depends on besides the parts."""
        parts = ibis.table(self._schema, name="parts")
        asked = question.over(_chosen(self._view(parts), question))
        told = (
            SUMS_SCHEMA,
            str(SKETCH_VERSION),
            duckdb.__version__,
            str(ibis.to_sql(asked, dialect="duckdb")),
        )
        return sha256("\n".join(told).encode()).hexdigest()[:32] + SUMS_SUFFIX

    def _known(self, path: Path) -> tuple[Any, frozenset[str]]:
        """Read the kept answer and the parts that it covers; nothing if it covers others too."""
        content = read_kept(path)
        if content is None:
            return None, frozenset()
        try:
            table = parquet.read_table(pa.BufferReader(content))
            names = msgspec.json.decode(table.schema.metadata[_COVERED], type=list[str])
        except (pa.ArrowException, msgspec.DecodeError, KeyError, TypeError, OSError):
            return None, frozenset()
        covered = frozenset(names)
        if not covered <= self.parts.keys():
            return None, frozenset()
        return table.replace_schema_metadata(None), covered

    def _keep(self, path: Path, table: pa.Table) -> None:
        marked = table.replace_schema_metadata({_COVERED: msgspec.json.encode(sorted(self.parts))})
        sink = pa.BufferOutputStream()
        parquet.write_table(marked, sink, compression="zstd", compression_level=1)
        with contextlib.suppress(OSError):  # then the next scan counts it once more
            write_kept(path, [memoryview(sink.getvalue())])

    def _table(self, question: Question, parts: tuple[Path, ...]) -> Any:
        """Open parts as rows and exchange facts."""
        if parts not in self._opened:
            name = f"new_parts_{len(self._opened)}"
            paths = [str(part) for part in parts]
            found = self._engine.connection.read_parquet(paths, table_name=name)
            rows, exchanges = self._view(found.select(*self._schema.names))
            count = sum(parquet.read_metadata(part).num_rows for part in parts)
            held = count <= self._rows_held
            narrow = exchanges.drop("shingles")  # large, and nothing that adds up by account
            facts = self._engine.named(f"facts_of_{name}", narrow, held=held)
            self._opened[parts] = (rows, facts)
        return _chosen(self._opened[parts], question)


def _chosen(tables: tuple[Any, Any], question: Question) -> Any:
    return tables[0] if question.of == "rows" else tables[1]
