"""Finds the tables that somebody means: names of a catalog, folders of Parquet, other formats."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any, Final

from cautery.errors import NoInputError

TABLE_FORMATS: Final = ("parquet", "delta", "iceberg", "orc")
"""What may stand before a colon and a path: what Spark is to read there."""
_NAME: Final = re.compile(r"[^\s/\\:.]+(?:\.[^\s/\\:.]+){0,3}")


def open_table(session: Any, log: str) -> Any:
    """Open one table.

    Args:
        session: A Spark session.
        log: ``catalog.schema.table``, the path or URI of Parquet files, or ``FORMAT:PATH``.

    Returns:
        A Spark data frame.

    Raises:
        NoInputError: There is no such table.
    """
    from pyspark.errors import AnalysisException

    kind, path = table_place(log)
    try:
        frame = session.read.format(kind).load(path) if kind else session.read.table(path)
        names = frame.columns  # asks the server, if there is one, whether the table is there
    except AnalysisException as error:
        raise NoInputError(
            f"Spark finds no {kind or 'such'} table: {str(error).splitlines()[0][:200]}",
            where=log,
            hint="Name a table, the path or URI of Parquet files, or delta:PATH, iceberg:PATH.",
        ) from error
    if not names:
        raise NoInputError("Spark finds no table: nothing stands there", where=log)
    return frame.select([f"`{name}`" for name in names])


def table_place(log: str) -> tuple[str, str]:
    """Tell what a table is, and where.

    Args:
        log: As somebody named it.

    Returns:
        Format, empty for a table of a catalog; and path or name.

    Example:
        >>> table_place("prod.gateway.exchanges"), table_place("delta:s3a://logs/exchanges")
        (('', 'prod.gateway.exchanges'), ('delta', 's3a://logs/exchanges'))
    """
    kind, colon, rest = log.partition(":")
    if colon and kind in TABLE_FORMATS and not rest.startswith("//"):
        return kind, _absolute(rest)
    if _NAME.fullmatch(log) and not Path(log).exists() and not log.endswith(".parquet"):
        return "", log
    path = _absolute(log)
    return ("delta" if (Path(path) / "_delta_log").is_dir() else "parquet"), path


def _absolute(path: str) -> str:
    """Spark has a working folder of its own: a path of this machine is given whole."""
    return path if "://" in path else str(Path(path).absolute())
