r"""Makes hostile text inert, for a terminal, a CSV file and a JSON document.

Attackers choose account names, user agents and prompts, and analysts read them. Nothing that they
write may move a cursor, reorder a line, hide characters or run as a formula. What is taken away is
replaced by a visible escape (``\x1b``, ``\u202e``, ``\U000e0041``), never dropped: two different
names stay different.

The CSV and JSON escapes lose nothing: ``plain_from_csv`` and any JSON parser give the text back.
"""

from __future__ import annotations

import re
import unicodedata
from typing import Final

MAX_COMBINING_MARKS: Final = 2
"""Marks that one letter may carry; Vietnamese and pointed Hebrew need two, piled text has more."""

_FORMULA_STARTS: Final = "=+-@\t\r\n\uff1d\uff0b\uff0d\uff20"
"""First characters that spreadsheets read as a formula (OWASP, CSV injection), full width too."""

_HIDDEN: Final = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})
"""Categories that no output shows as they are: controls, invisible formats, lone surrogates."""

_UNDRAWABLE: Final = _HIDDEN | {"Co", "Cn", "Zs"}
"""Categories that a terminal cannot be trusted to draw; the plain space is let through."""

_RIGHT_TO_LEFT: Final = frozenset({"R", "AL", "AN"})
"""Directions of letters that make a terminal reorder the numbers that stand after them."""

_ESCAPE: Final = re.compile(r"\\x[0-9a-f]{2}|\\u[0-9a-f]{4}|\\U00(?:0[0-9a-f]|10)[0-9a-f]{4}")
_JSON_ESCAPED: Final = re.compile(
    "[<>&\x7f-\x9f\xad\u0600-\u0605\u061c\u06dd\u070f\u0890\u0891\u08e2\u180e\u200b-\u200f"
    "\u2028-\u202e\u2060-\u206f\ufe00-\ufe0f\ufeff\ufff9-\ufffb\U000110bd\U000110cd"
    "\U00013430-\U0001343f\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff]"
)


def escape_of(character: str) -> str:
    r"""Write one character as a visible escape.

    Args:
        character: A single character.

    Returns:
        ``\xNN``, ``\uNNNN`` or ``\UNNNNNNNN``, in lower-case hexadecimal digits.

    Example:
        >>> escape_of("\x1b"), escape_of("\u202e")
        ('\\x1b', '\\u202e')
    """
    point = ord(character)
    if point < 0x100:
        return f"\\x{point:02x}"
    return f"\\u{point:04x}" if point < 0x10000 else f"\\U{point:08x}"


def terminal_text(text: str, *, ascii_only: bool = False, right_to_left: bool = False) -> str:
    r"""Make a text safe for one line of a terminal, with a width that can be added up.

    Every character that is left has the same width wherever it stands: characters that change
    with their neighbours (joiners, variation selectors, skin tones, flags, loose or piled-up
    combining marks) are escaped too.

    Args:
        text: Any text.
        ascii_only: Escape everything outside ASCII, for a terminal that cannot show it.
        right_to_left: Leave letters of right-to-left scripts; only for a text that ends its line,
            because a terminal may reorder what follows them.

    Returns:
        The text on one line, inert.

    Example:
        >>> terminal_text("a\x1b[31m\nb [bold]")
        'a\\x1b[31m\\x0ab [bold]'
    """
    if text.isascii() and text.isprintable():
        return text
    kept: list[str] = []
    marks = MAX_COMBINING_MARKS  # a mark at the very start has no letter to stand on
    for character in text:
        if unicodedata.category(character) in {"Mn", "Me"}:
            marks += 1
            drawable = marks <= MAX_COMBINING_MARKS and not _varies(character)
        else:
            drawable = _drawable(character, right_to_left=right_to_left)
            marks = 0 if drawable else MAX_COMBINING_MARKS
        if drawable and not (ascii_only and not character.isascii()):
            kept.append(character)
        else:
            kept.append(escape_of(character))
            marks = MAX_COMBINING_MARKS
    return "".join(kept)


def _drawable(character: str, *, right_to_left: bool) -> bool:
    if character == " ":
        return True
    if unicodedata.category(character) in _UNDRAWABLE or _varies(character):
        return False
    return right_to_left or unicodedata.bidirectional(character) not in _RIGHT_TO_LEFT


def _varies(character: str) -> bool:
    """Tell whether a terminal draws a character differently beside others, or draws nothing."""
    point = ord(character)
    return (
        0x1100 <= point <= 0x11FF  # Hangul letters that join into syllables
        or 0xD7B0 <= point <= 0xD7FF  # more of them
        or 0xA960 <= point <= 0xA97F  # more of them
        or 0xFE00 <= point <= 0xFE0F  # variation selectors
        or 0xE0100 <= point <= 0xE01EF  # more of them
        or 0x1F1E6 <= point <= 0x1F1FF  # letters that pair into flags
        or 0x1F3FB <= point <= 0x1F3FF  # skin tones
        or point in {0x034F, 0x2800, 0x3164, 0xFFA0, 0x17B4, 0x17B5}  # blanks that count as letters
    )


def csv_text(text: str) -> str:
    r"""Make a text safe for a cell that a spreadsheet or a terminal may open.

    Hidden characters become escapes, so that one row is one line; a backslash that already looks
    like an escape becomes ``\x5c``. A cell that a spreadsheet would read as a formula gets an
    apostrophe in front, and so does one that begins with an apostrophe.

    Args:
        text: Any text.

    Returns:
        The text of the cell, not yet quoted; ``plain_from_csv`` is its inverse.

    Example:
        >>> csv_text("=cmd|' /C calc'!A0"), csv_text("acct_7"), csv_text("a\x1bb")
        ("'=cmd|' /C calc'!A0", 'acct_7', 'a\\x1bb')
    """
    escaped = text
    if "\\" in text:
        escaped = _ESCAPE.sub(lambda match: "\\x5c" + match[0][1:], escaped)
    if not text.isprintable():
        escaped = "".join(
            escape_of(character) if unicodedata.category(character) in _HIDDEN else character
            for character in escaped
        )
    opening = text.lstrip()[:1] or text[:1]
    if text[:1] == "'" or (text and (opening in _FORMULA_STARTS or text[0] in _FORMULA_STARTS)):
        return "'" + escaped
    return escaped


def plain_from_csv(cell: str) -> str:
    r"""Give back the text that ``csv_text`` made a cell of.

    Args:
        cell: The cell, as a CSV parser reads it.

    Returns:
        The text that was written.

    Example:
        >>> plain_from_csv("'=1+1"), plain_from_csv("a\\x1bb") == "a\x1bb"
        ('=1+1', True)
    """
    body = cell.removeprefix("'")
    if "\\" not in body:
        return body
    return _ESCAPE.sub(lambda match: _character(match[0]), body)


def _character(escape: str) -> str:
    return chr(int(f"0x{escape[2:]}", base=0))


def json_document(document: str) -> str:
    r"""Escape what is invisible, reorders lines or opens HTML inside a finished JSON document.

    Such characters can stand only inside JSON strings, where an escape means the same character.
    ``<``, ``>`` and ``&`` are escaped so that the document may be embedded in a page.

    Args:
        document: A JSON document.

    Returns:
        An equal document.

    Example:
        >>> json_document('{"a":"<b>\u202e"}')
        '{"a":"\\u003cb\\u003e\\u202e"}'
    """
    return _JSON_ESCAPED.sub(_json_escape, document)


def _json_escape(match: re.Match[str]) -> str:
    point = ord(match[0])
    if point < 0x10000:  # one UTF-16 unit
        return f"\\u{point:04x}"
    high, low = divmod(point - 0x10000, 0x400)
    return f"\\u{0xD800 + high:04x}\\u{0xDC00 + low:04x}"


def without_surrogates(text: str) -> str:
    r"""Write lone surrogates, which no UTF-8 file can hold, as visible escapes.

    They come from file names that are not UTF-8.

    Args:
        text: Any text.

    Returns:
        The text, encodable as UTF-8.

    Example:
        >>> without_surrogates("log-\udcff.jsonl")
        'log-\\udcff.jsonl'
    """
    try:
        text.encode()
    except UnicodeEncodeError:
        return "".join(escape_of(c) if "\ud800" <= c <= "\udfff" else c for c in text)
    return text
