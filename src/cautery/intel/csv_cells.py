r"""Texts of peers as cells of CSV, inert in a spreadsheet, and back without loss.

A cell that a spreadsheet would read as a formula gets an apostrophe in front (OWASP, *CSV
injection*), and so does one that begins with an apostrophe; what cannot be seen becomes an escape.
"""

from __future__ import annotations

import re
from typing import Final

FORMULA_STARTS: Final = "=+-@\uff1d\uff0b\uff0d\uff20"
"""First characters of a formula, in full width too; tabs and line ends become escapes."""
_ESCAPE: Final = re.compile(r"\\U([0-9a-f]{8})|\\\\")


def cell(text: str) -> str:
    r"""Write a text as a cell, not yet quoted.

    Args:
        text: Any text.

    Returns:
        The cell; ``plain`` is its inverse.

    Example:
        >>> cell("=1+1"), cell("Lab A"), cell("a\x1b")
        ("'=1+1", 'Lab A', 'a\\U0000001b')
    """
    escaped = text.replace("\\", "\\\\")
    if not escaped.isprintable():
        escaped = "".join(each if each.isprintable() else f"\\U{ord(each):08x}" for each in escaped)
    opening = text.lstrip()[:1] or text[:1]
    risky = text[:1] == "'" or (opening and opening in FORMULA_STARTS)
    return f"'{escaped}" if risky else escaped


def plain(written: str) -> str:
    r"""Give back the text that ``cell`` made a cell of.

    Args:
        written: The cell, as a CSV parser reads it; hostile.

    Returns:
        The text.

    Example:
        >>> plain("'=1+1"), plain("a\\U0000001b") == "a\x1b"
        ('=1+1', True)
    """
    return _ESCAPE.sub(_character, written.removeprefix("'"))


def _character(match: re.Match[str]) -> str:
    if match[1] is None:
        return "\\"
    point = int(match[1], 16)
    # What is no character stays as it stands.
    return chr(point) if point <= 0x10FFFF else match[0]
