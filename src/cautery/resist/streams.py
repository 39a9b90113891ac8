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


def nothing() -> None:
    """Tell nobody of an overrun."""


class WholeText:
    """Holds a text back until it has ended, for what can be judged of the whole only.

    Args:
        change: Makes of the text what is shown.
        most_held: Characters that are held; of a longer text nothing is shown.
        overrun: Told of a text that is longer.
    """

    def __init__(
        self, change: Callable[[str], str], most_held: int, overrun: Callable[[], None] = nothing
    ) -> None:
        self._change = change
        self._overrun = overrun
        self._pieces: list[str] = []
        self._left = most_held

    def feed(self, piece: str) -> str:
        """Keep the piece, and show nothing yet."""
        fitted = self._left >= 0
        self._left -= len(piece)
        if self._left >= 0:
            self._pieces.append(piece)
        elif fitted:
            self._pieces = []
            self._overrun()
        return ""

    def finish(self) -> str:
        """Give what is shown."""
        pieces, self._pieces = self._pieces, []
        return self._change("".join(pieces)) if self._left >= 0 else ""
