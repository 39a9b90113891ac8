"""Which account shows which value in logs: one pass over them, counted on disk where need be."""

from __future__ import annotations

import contextlib
import tempfile
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TextIO

Showing = tuple[str, str, str, str]
"""Account, value, first and last time, ISO 8601, UTC."""


@contextlib.contextmanager
def log_values(
    logs: Sequence[str], columns: Sequence[str], messages: TextIO
) -> Iterator[Callable[[str], Iterator[Showing]]]:
    """Read logs, and give what accounts show in some of their columns.

    Args:
        logs: Files, folders and globs.
        columns: Names of columns of the exchange table.
        messages: Told of the reading.

    Yields:
        Gives, for one of the columns, every account with every value.

    Raises:
        CauteryError: A log cannot be read.
    """
    from cautery.cli.progress import progress_for
    from cautery.ingest.options import IngestOptions
    from cautery.ingest.read import read_logs

    wanted = frozenset({"account_id", "time_start", *columns})
    options = IngestOptions(logs=tuple(logs), columns=wanted, drop_text=True)
    with (
        tempfile.TemporaryDirectory(prefix="cautery-intel-") as work,
        progress_for(messages, silent=False) as progress,
    ):
        table = read_logs(options, Path(work), progress)
        parts = [str(part) for part in table.parts]

        def showings(column: str) -> Iterator[Showing]:
            if not parts or not table.share(column):
                return iter(())
            return _showings(parts, column)

        yield showings


def _showings(parts: Sequence[str], column: str) -> Iterator[Showing]:
    """Count in the database, so that a long log does not stand in memory."""
    import duckdb

    form = "'%Y-%m-%dT%H:%M:%SZ'"
    with duckdb.connect() as base:
        base.execute("SET TimeZone = 'UTC'")
        found = base.execute(
            f"SELECT account_id, CAST({column} AS VARCHAR), "  # noqa: S608 - names of our own
            f"strftime(min(time_start), {form}), strftime(max(time_start), {form}) "
            f"FROM read_parquet($parts) WHERE {column} IS NOT NULL GROUP BY 1, 2",
            {"parts": list(parts)},
        )
        while rows := found.fetchmany(65_536):
            yield from rows
