"""Reads the release table: when each served model became available (contracts, section 3)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from cautery.ingest.side_tables import read_side_table
from cautery.records.account import RELEASE_COLUMNS

if TYPE_CHECKING:
    from pathlib import Path


def read_release_table(path: Path) -> Any:
    """Read ``--releases FILE``.

    Args:
        path: CSV, JSON Lines or Parquet with ``model`` and ``released_at``.

    Returns:
        A ``pyarrow.Table`` with the columns of ``RELEASE_COLUMNS``.

    Raises:
        MalformedFileError: It cannot be read, or a time is missing; names file and line.
        MissingColumnError: A column is missing.
        InputError: A model stands on two lines; names both.
    """
    return read_side_table(path, RELEASE_COLUMNS, "model")
