"""Lays out a table for a terminal: drops columns when there is no room, never wraps a row."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from cautery.report.text_width import pad, shorten, width

if TYPE_CHECKING:
    from collections.abc import Sequence

    from cautery.report.style import Style


@dataclass(frozen=True, slots=True, kw_only=True)
class TableColumn:
    """One column of a table."""

    title: str
    cells: tuple[str, ...]
    """Sanitised texts, one a row."""
    right: bool = False
    """Stands at the right end of its column, as numbers do."""
    drop: int = 0
    """The column with the highest number goes first when there is no room; 0 stays."""
    at_most: int = 0
    """Columns of the terminal that it may take; 0 is as many as its longest cell."""

    @property
    def columns(self) -> int:
        """Columns of the terminal that it takes."""
        longest = max(map(width, (self.title, *self.cells)))
        return min(longest, max(self.at_most, width(self.title))) if self.at_most else longest


def table_lines(
    columns: Sequence[TableColumn], style: Style, *, indent: str = "", least: int = 8
) -> list[str]:
    """Lay out a table; the last column takes the room that is left.

    Args:
        columns: The columns from left to right; all have equally many cells.
        style: The terminal.
        indent: Put in front of every line.
        least: Columns that the last one needs at least, before others are dropped for it.

    Returns:
        The header and the rows, without trailing spaces.
    """
    kept = list(columns)
    while len(kept) > 1:
        room = style.width - len(indent) - sum(column.columns + 1 for column in kept[:-1])
        candidates = [column for column in kept[:-1] if column.drop]
        if room >= min(least, kept[-1].columns) or not candidates:
            break
        kept.remove(max(candidates, key=lambda column: column.drop))
    room = style.width - len(indent) - sum(column.columns + 1 for column in kept[:-1])
    rows = zip(*((column.title, *column.cells) for column in kept), strict=True)
    widths = [column.columns for column in kept[:-1]] + [max(1, room)]
    return [(indent + " ".join(_cells(row, kept, widths, style))).rstrip() for row in rows]


def _cells(
    row: Sequence[str], columns: Sequence[TableColumn], widths: Sequence[int], style: Style
) -> list[str]:
    return [
        pad(shorten(cell, columns_wide, mark=style.ellipsis), columns_wide, right=column.right)
        for cell, column, columns_wide in zip(row, columns, widths, strict=True)
    ]
