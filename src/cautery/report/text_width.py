"""How many terminal columns a text takes, and how to make it take a given number.

Only for texts that ``sanitise.terminal_text`` has passed: then each character has one width.
"""

from __future__ import annotations

import unicodedata
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Sequence

GLUE: Final = "\xa0"
"""A space at which no line is broken; hostile text cannot hold one, sanitised as it is."""


def width(text: str) -> int:
    """Count the terminal columns of a sanitised text.

    Args:
        text: A text that ``terminal_text`` returned, or one of our own.

    Returns:
        Columns: two for a wide East Asian letter, none for a combining mark.

    Example:
        >>> width("abc"), width("\u8b66\u544a"), width("e\u0301")
        (3, 4, 1)
    """
    if text.isascii():
        return len(text)
    return sum(_columns(character) for character in text)


def _columns(character: str) -> int:
    if unicodedata.category(character) in {"Mn", "Me"}:
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1


def shorten(text: str, columns: int, *, mark: str = "…") -> str:
    """Cut a sanitised text to at most so many columns, with a mark where it was cut.

    Args:
        text: A sanitised text.
        columns: Room for it.
        mark: What shows that something is missing.

    Returns:
        The text itself if it fits, or its beginning and the mark.

    Example:
        >>> shorten("agentic coding", 9)
        'agentic…'
    """
    if width(text) <= columns:
        return text
    room = columns - width(mark)
    if room < 0:
        return ""
    kept: list[str] = []
    for character in text:
        room -= _columns(character)
        if room < 0:
            break
        kept.append(character)
    return "".join(kept).rstrip() + mark


def pad(text: str, columns: int, *, right: bool = False) -> str:
    """Fill a sanitised text with spaces to so many columns.

    Args:
        text: A sanitised text.
        columns: Columns wanted; a longer text is returned as it is.
        right: Put the text at the right end, as for numbers.

    Returns:
        The padded text.

    Example:
        >>> pad("7", 3, right=True)
        '  7'
    """
    fill = " " * max(0, columns - width(text))
    return fill + text if right else text + fill


def wrap(text: str, columns: int, *, first: str = "", indent: str = "") -> list[str]:
    """Break a sanitised text at spaces into lines of at most so many columns.

    Args:
        text: A sanitised text; several spaces in a row become one.
        columns: Room for a line.
        first: Put in front of the first line.
        indent: Put in front of every other line.

    Returns:
        The lines, at least one. A word that is too long for a line is broken inside.

    Example:
        >>> wrap("one two three", 8, indent="  ")
        ['one two', '  three']
    """
    glued = text.replace(" %", f"{GLUE}%")
    return [line.replace(GLUE, " ") for line in _broken(glued, columns, first, indent)]


def wrap_parts(
    parts: Sequence[str], columns: int, *, first: str = "", indent: str = "  "
) -> list[str]:
    """Break a row of parts between them rather than inside them, where that is possible.

    Args:
        parts: Sanitised texts; empty ones are left out.
        columns: Room for a line.
        first: Put in front of the first line.
        indent: Put in front of every other line.

    Returns:
        The lines, the parts separated by bars.

    Example:
        >>> wrap_parts(["one two", "three four"], 12)
        ['one two |', '  three four']
    """
    room = columns - max(width(first), width(indent)) - 2
    glued = [part.replace(" ", GLUE) if width(part) <= room else part for part in parts if part]
    return wrap(f"{GLUE}| ".join(glued), columns, first=first, indent=indent)


def _broken(text: str, columns: int, first: str, indent: str) -> list[str]:
    lines: list[str] = []
    line, empty = first, True
    for word in text.split(" "):
        if not word:
            continue
        if not empty and width(line) + 1 + width(word) > columns:
            lines.append(line)
            line, empty = indent, True
        line = line + word if empty else f"{line} {word}"
        empty = False
        while width(line) > columns:
            head = shorten(line, columns, mark="")
            if width(head) <= width(indent):  # not even one character fits beside the indent
                break
            lines.append(head)
            line = indent + line[len(head) :].lstrip()
    return [*lines, line]
