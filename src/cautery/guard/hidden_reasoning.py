"""Takes reasoning out of a text as it comes in: what stands between ``<think>`` and ``</think>``.

Servers without a reasoning parser leave it in the text. A tag may be cut anywhere between two
pieces, so the least that might become one is held back, and let go as soon as it cannot.
"""

from __future__ import annotations

import re
from typing import Final

_OPENING: Final = re.compile(r"<(think|thinking|reasoning)>")
_CLOSING: Final = re.compile(r"</(think|thinking|reasoning)>")
_TAGS: Final = ("<think>", "<thinking>", "<reasoning>")
_ENDS: Final = ("</think>", "</thinking>", "</reasoning>")
_LONGEST: Final = len("</reasoning>")


class ReasoningFilter:
    r"""Lets the visible part of one text through.

    Args:
        begins_inside: Whether the text begins in its reasoning without a tag, as of served models
            whose chat template opens it for them.

    Example:
        >>> shown = ReasoningFilter()
        >>> [shown.feed(piece) for piece in ("<thi", "nk>7*6", " is 42</th", "ink>It is", " 42.")]
        ['', '', '', 'It is', ' 42.']
    """

    __slots__ = ("_held", "_inside", "_trims")

    def __init__(self, *, begins_inside: bool = False) -> None:
        self._inside = begins_inside
        self._held = ""
        self._trims = False

    def feed(self, piece: str) -> str:
        """Take a piece of the text, and give what may be shown of it now."""
        text, shown = self._held + piece, ""
        while True:
            match = (_CLOSING if self._inside else _OPENING).search(text)
            if match is None:
                break
            if not self._inside:
                shown += self._trimmed(text[: match.start()])
            text = text[match.end() :]
            self._trims = self._inside
            self._inside = not self._inside
        keep = _open_end(text, _ENDS if self._inside else _TAGS)
        self._held = text[len(text) - keep :]
        if not self._inside:
            shown += self._trimmed(text[: len(text) - keep])
        return shown

    def _trimmed(self, text: str) -> str:
        """Leave out the blanks between the reasoning's end and the answer."""
        if self._trims:
            text = text.lstrip()
            self._trims = not text
        return text

    def finish(self) -> str:
        """Give what was held back and turned out to be no tag, now that the text has ended."""
        held, self._held = self._held, ""
        return "" if self._inside else held


def _open_end(text: str, tags: tuple[str, ...]) -> int:
    """Count the last characters that may be the beginning of a tag."""
    start = text.rfind("<", max(0, len(text) - _LONGEST))
    if start < 0:
        return 0
    ending = text[start:]
    return len(ending) if any(tag.startswith(ending) for tag in tags) else 0


def without_reasoning(text: str, *, begins_inside: bool = False) -> str:
    """Take the reasoning out of a whole text.

    Args:
        text: The text.
        begins_inside: As for ``ReasoningFilter``; a text with a closing tag and no opening one
            before it is taken as such.

    Returns:
        The visible part.

    Example:
        >>> without_reasoning("so it is 42</think>42"), without_reasoning("a<think>b")
        ('42', 'a')
    """
    closing, opening = _CLOSING.search(text), _OPENING.search(text)
    if closing is not None and (opening is None or closing.start() < opening.start()):
        begins_inside = True
    shown = ReasoningFilter(begins_inside=begins_inside)
    return shown.feed(text) + shown.finish()
