"""Reads the account table: what billing and identity know (contracts, section 2)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from cautery.ingest.side_tables import read_side_table
from cautery.records.account import ACCOUNT_COLUMNS

if TYPE_CHECKING:
    from pathlib import Path


def read_account_table(path: Path) -> Any:
    """Read ``--accounts FILE``.

    Args:
        path: CSV, JSON Lines or Parquet with at least ``account_id``.

    Returns:
        A ``pyarrow.Table`` with all columns of ``ACCOUNT_COLUMNS``, null where the file lacks
        one; ``cautery.ingest.side_tables.table_notes`` gives notes about it.

    Raises:
        MalformedFileError: It cannot be read; names file and line.
        MissingColumnError: It has no ``account_id``.
        InputError: An account stands on two lines; names both.
    """
    return read_side_table(path, ACCOUNT_COLUMNS, "account_id")
