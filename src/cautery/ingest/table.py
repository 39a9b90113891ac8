"""The exchange table on disk: what a reading leaves behind."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from cautery.errors import TooManyRejectedError
from cautery.records.case import Coverage, InputFile


@dataclass(frozen=True, slots=True, kw_only=True)
class ExchangeTable:
    """Exchanges of one or more logs, as Parquet parts, and what is known about the reading."""

    parts: tuple[Path, ...]
    """Parquet files with the columns of ``cautery.ingest.schema.part_schema``."""
    files: tuple[InputFile, ...]
    """The logs, sorted by name; ``lines`` counts their records (see ``cautery.ingest.read``)."""
    rows: int
    """Exchanges in all parts."""
    rejected: int
    """Records that could not be read."""
    rejected_path: Path | None
    """``rejected.jsonl`` with one object per rejected record; None if there is none."""
    coverage: tuple[Coverage, ...]
    """Share of rows that carry each canonical column, then each sketch column."""
    switched_off: frozenset[str]
    """Columns to treat as absent although present, because what they hold is misleading."""
    notes: tuple[str, ...]
    """Sentences for people, each begun by ``note:`` or ``warning:``."""

    def share(self, column: str) -> float:
        """Tell how much of the table may be used of one column.

        Args:
            column: Name of a canonical or sketch column.

        Returns:
            Share of rows that carry it; 0 if it is switched off or unknown.
        """
        if column in self.switched_off:
            return 0.0
        return next((item.share for item in self.coverage if item.column == column), 0.0)


class RejectedShareError(TooManyRejectedError):
    """More bad lines than the caller allows; the good ones were read and are in ``table``."""

    def __init__(self, what: str, *, table: ExchangeTable, where: str = "", hint: str = "") -> None:
        super().__init__(what, where=where, hint=hint)
        self.table = table
        """The exchanges that could be read: enough to finish a scan and then exit with 4."""
