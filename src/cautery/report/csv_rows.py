"""Writes records as CSV rows in which hostile text is inert; shared by the CSV report formats."""

from __future__ import annotations

import csv
from typing import TYPE_CHECKING, TextIO

from cautery.report.sanitise import csv_text

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

Cell = str | int | float | bool
"""What a cell may hold; numbers and truth values are written as they are."""


def write_rows(stream: TextIO, header: Sequence[str], rows: Iterable[Sequence[Cell]]) -> None:
    """Write a header and rows: RFC 4180 quoting, a line feed after each row.

    Args:
        stream: Where to.
        header: Names of the columns.
        rows: One sequence of cells a row; texts go through ``sanitise.csv_text``.
    """
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow(header)
    writer.writerows([_cell(cell) for cell in row] for row in rows)


def _cell(cell: Cell) -> str:
    if isinstance(cell, str):
        return csv_text(cell)
    if isinstance(cell, bool):
        return "true" if cell else "false"
    return repr(cell)
