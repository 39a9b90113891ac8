"""Streams that several defences share."""

from __future__ import annotations

from collections.abc import Callable


class UnchangedText:
    """Lets a text through as it is.

    Example:
        >>> UnchangedText().feed("a")
        'a'
    """

    def feed(self, piece: str) -> str:
        """Give the piece."""
        return piece

    def finish(self) -> str:
        """Give nothing: nothing was held back."""
        return ""


class WholeText:
    """Holds a text back until it has ended, for what can be judged of the whole only.

    Args:
        change: Makes of the text what is shown.
    """

    def __init__(self, change: Callable[[str], str]) -> None:
        self._change = change
        self._pieces: list[str] = []

    def feed(self, piece: str) -> str:
        """Keep the piece, and show nothing yet."""
        self._pieces.append(piece)
        return ""

    def finish(self) -> str:
        """Give what is shown."""
        pieces, self._pieces = self._pieces, []
        return self._change("".join(pieces))
