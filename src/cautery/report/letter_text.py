"""A letter as blocks, and the two ways to write them: plain text and Markdown."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from cautery.report.sanitise import terminal_text
from cautery.report.text_width import pad, width, wrap

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

COLUMNS: Final = 78
"""Columns of a plain letter: what mail programs leave alone."""
_NARROW: Final = 9
"""Columns of a column of numbers."""
_MARKDOWN: Final = re.compile(r"([\\`*_{}\[\]<>#|~&$])")


@dataclass(frozen=True, slots=True, kw_only=True)
class Heading:
    """A title."""

    text: str
    level: int = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Paragraph:
    """A few sentences."""

    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Points:
    """A list."""

    texts: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """A table whose first column is words and whose others are numbers."""

    titles: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


Block = Heading | Paragraph | Points | Figures


def plain_letter(blocks: Sequence[Block]) -> str:
    """Write a letter as plain text.

    Args:
        blocks: Its blocks; every text in them is made inert.

    Returns:
        Lines of at most 78 columns, with a line feed at the end.
    """
    return "\n\n".join("\n".join(_plain(block)) for block in blocks) + "\n"


def _plain(block: Block) -> Iterator[str]:
    if isinstance(block, Heading):
        lines = wrap(terminal_text(block.text), COLUMNS)
        yield from lines
        yield ("=" if block.level == 1 else "-") * max(map(width, lines))
    elif isinstance(block, Paragraph):
        yield from wrap(terminal_text(block.text), COLUMNS)
    elif isinstance(block, Points):
        for text in block.texts:
            yield from wrap(terminal_text(text), COLUMNS, first="- ", indent="  ")
    else:
        yield from _plain_table(block)


def _plain_table(table: Figures) -> Iterator[str]:
    numbers = len(table.titles) - 1
    room = COLUMNS - numbers * (_NARROW + 1)
    for row in (table.titles, *table.rows):
        first, *rest = wrap(terminal_text(row[0]), room, indent="  ")
        cells = [pad(terminal_text(cell), _NARROW, right=True) for cell in row[1:]]
        yield " ".join([pad(first, room), *cells]).rstrip()
        yield from rest


def markdown_letter(blocks: Sequence[Block]) -> str:
    """Write a letter as Markdown (CommonMark with tables).

    Args:
        blocks: Its blocks; every text in them is made inert.

    Returns:
        The text, with a line feed at the end.
    """
    return "\n\n".join("\n".join(_markdown(block)) for block in blocks) + "\n"


def _markdown(block: Block) -> Iterator[str]:
    if isinstance(block, Heading):
        yield f"{'#' * block.level} {markdown_text(block.text)}"
    elif isinstance(block, Paragraph):
        yield markdown_text(block.text)
    elif isinstance(block, Points):
        yield from (f"- {markdown_text(text)}" for text in block.texts)
    else:
        yield _row(block.titles)
        yield _row(("---", *("---:" for _ in block.titles[1:])), plain=True)
        yield from map(_row, block.rows)


def _row(cells: Sequence[str], *, plain: bool = False) -> str:
    written = cells if plain else [markdown_text(cell) for cell in cells]
    return f"| {' | '.join(written)} |"


def markdown_text(text: str) -> str:
    r"""Make a text safe inside Markdown: no link, image, code, HTML or heading comes of it.

    Args:
        text: Any text.

    Returns:
        The text on one line.

    Example:
        >>> markdown_text("<b> [x](y) a_b")
        '\\<b\\> \\[x\\](y) a\\_b'
    """
    return _MARKDOWN.sub(r"\\\1", terminal_text(text))
