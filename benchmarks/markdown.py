"""Tables in Markdown."""

from __future__ import annotations

from collections.abc import Iterable, Sequence


def table(header: Sequence[str], rows: Iterable[Sequence[object]]) -> list[str]:
    r"""Lay rows out as a table.

    Args:
        header: Names of the columns.
        rows: The cells; a bar inside a cell is escaped.

    Returns:
        The table's lines.

    Example:
        >>> table(["a", "b"], [[1, "x|y"]])
        ['| a | b |', '| --- | --- |', '| 1 | x\\\\|y |']
    """
    lines = [[str(cell).replace("|", "\\|") for cell in row] for row in (header, *rows)]
    lines.insert(1, ["---"] * len(header))
    return [f"| {' | '.join(cells)} |" for cells in lines]
