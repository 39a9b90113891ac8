"""What a terminal can show: its width, colour, and characters beyond ASCII."""

from __future__ import annotations

import os
import shutil
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from cautery.report.sanitise import terminal_text
from cautery.report.text_width import shorten

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import TextIO

    from cautery.records.campaign import Band

PLAIN_WIDTH: Final = 100
"""Columns of an output that is not a terminal: fits a wide e-mail and half a screen."""

MIN_WIDTH: Final = 60
"""Narrower terminals wrap: below this no table is readable."""

MAX_WIDTH: Final = 140
"""Wider terminals leave the rest empty: longer lines are hard to read."""

TEXT_WIDTH: Final = 320
"""Columns that one text from a log may take: some lines, never a screenful."""

_SYMBOLS: Final[dict[Band, tuple[str, str]]] = {
    "very likely": ("●", "*"),
    "likely": ("◐", "+"),
    "watch": ("○", "o"),
    "": (" ", " "),
}
_COLOURS: Final[dict[Band, str]] = {"very likely": "31", "likely": "33", "watch": "36", "": ""}
_BARS: Final = ("▁▂▃▄▅▆▇█", "_.-:=+*#")


@dataclass(frozen=True, slots=True, kw_only=True)
class Style:
    """How to draw on one terminal or file."""

    width: int = PLAIN_WIDTH
    """Columns that a line may take."""
    colour: bool = False
    """Whether bands are coloured; the word and the symbol stand there in any case."""
    unicode: bool = True
    """Whether characters beyond ASCII may be written."""

    def text(self, text: str, *, right_to_left: bool = False) -> str:
        """Make a hostile text short, and safe for this terminal (see ``terminal_text``)."""
        safe = terminal_text(
            text[: TEXT_WIDTH + 1], ascii_only=not self.unicode, right_to_left=right_to_left
        )
        return shorten(safe, TEXT_WIDTH, mark=self.ellipsis)

    def symbol(self, band: Band) -> str:
        """Give the one-column symbol of a band."""
        return _SYMBOLS[band][0 if self.unicode else 1]

    def paint(self, text: str, band: Band) -> str:
        """Colour a finished text by its band; changes no width."""
        colour = _COLOURS[band]
        return f"\x1b[{colour}m{text}\x1b[0m" if self.colour and colour else text

    @property
    def bars(self) -> str:
        """Eight characters from low to high."""
        return _BARS[0 if self.unicode else 1]

    @property
    def ellipsis(self) -> str:
        """What shows that a text was cut."""
        return "…" if self.unicode else "..."

    def narrowed(self, columns: int) -> Style:
        """Give the same style with fewer columns, for an indented part."""
        return replace(self, width=max(20, self.width - columns))


def style_for(stream: TextIO, environment: Mapping[str, str] | None = None) -> Style:
    """Find out what an output can show.

    ``NO_COLOR`` (any value but an empty one, see no-color.org) and ``TERM=dumb`` switch colour off;
    ``COLUMNS`` overrides the width. An output that is not a terminal gets no colour.

    Args:
        stream: Where the text will go.
        environment: Environment variables; those of the process if None.

    Returns:
        The style.
    """
    variables = os.environ if environment is None else environment
    terminal = bool(getattr(stream, "isatty", lambda: False)())
    colour = terminal and not variables.get("NO_COLOR") and variables.get("TERM") != "dumb"
    width = PLAIN_WIDTH
    if variables.get("COLUMNS", "").isascii() and variables.get("COLUMNS", "").isdigit():
        width = int(variables["COLUMNS"][:6])
    elif terminal:
        width = shutil.get_terminal_size((PLAIN_WIDTH, 24)).columns
    return Style(
        width=min(MAX_WIDTH, max(MIN_WIDTH, width)),
        colour=colour,
        unicode=_carries(getattr(stream, "encoding", None) or "ascii"),
    )


def _carries(encoding: str) -> bool:
    try:
        (_BARS[0] + "●◐○…✓✗").encode(encoding)
    except (UnicodeEncodeError, LookupError):
        return False
    return encoding.lower().replace("-", "").replace("_", "").startswith("utf")
