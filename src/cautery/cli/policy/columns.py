"""Prints small tables; every cell may be hostile."""

from __future__ import annotations

from collections.abc import Sequence

from cautery.cli.exits import printable


def print_columns(titles: Sequence[str], rows: Sequence[Sequence[str | int]]) -> None:
    """Print a table to standard output, numbers at the right end of their column.

    Args:
        titles: One a column.
        rows: Cells, as many as titles.
    """
    cells = [[_shown(cell) for cell in row] for row in rows]
    widths = [
        max(len(title), *(len(row[place]) for row in cells)) if cells else len(title)
        for place, title in enumerate(titles)
    ]
    numbers = [bool(rows) and isinstance(rows[0][place], int) for place in range(len(titles))]
    for line in (list(titles), *cells):
        laid = [
            cell.rjust(width) if number else cell.ljust(width)
            for cell, width, number in zip(line, widths, numbers, strict=True)
        ]
        print("  ".join(laid).rstrip())


def _shown(cell: str | int) -> str:
    return f"{cell:,}" if isinstance(cell, int) else printable(cell)
