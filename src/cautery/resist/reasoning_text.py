"""Tells the reasoning in a text from what is shown, as the text comes in.

Servers without a reasoning parser leave the reasoning in the text, between ``<think>`` and
``</think>``. A tag may be cut anywhere between two pieces, so the least that may become one is held
back. What is not closed is reasoning to the end: when in doubt, it is not shown.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

TAG_NAMES: Final = ("think", "thinking", "reasoning")
_MOST_DEPTH: Final = 8
_MOST_TAG: Final = max(map(len, TAG_NAMES)) + len("</>")
_OPENING: Final = re.compile(rf"<({'|'.join(TAG_NAMES)})>", re.IGNORECASE)
_CLOSING: Final = re.compile(rf"</({'|'.join(TAG_NAMES)})>", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Segment:
    """A stretch of a text, without tags."""

    is_reasoning: bool
    text: str
    ends: bool = False
    """Whether a stretch of reasoning is over with it."""


class ReasoningSplitter:
    """Splits one text that comes in pieces.

    Args:
        begins_inside: Whether it begins in its reasoning without a tag, as of served models whose
            chat template opens it for them.

    Example:
        >>> splitter = ReasoningSplitter()
        >>> [(one.is_reasoning, one.text) for one in splitter.feed("<think>7*6</think>4")]
        [(True, '7*6'), (False, '4')]
    """

    __slots__ = ("_held", "_inside", "_name")

    def __init__(self, *, begins_inside: bool = False) -> None:
        self._inside = begins_inside
        self._name = ""
        self._held = ""

    def feed(self, piece: str) -> list[Segment]:
        """Take a piece, and give the stretches that are sure by now."""
        text, found, place = self._held + piece, [], 0
        while match := self._next_tag(text, place):
            before, place = text[place : match.start()], match.end()
            if before or self._inside:
                found.append(Segment(self._inside, before, self._inside))
            self._name = "" if self._inside else match[1].casefold()
            self._inside = not self._inside
        end = len(text) - self._open_end(text, place)
        self._held = text[end:]
        if place < end:
            found.append(Segment(self._inside, text[place:end]))
        return found

    def finish(self) -> list[Segment]:
        """Give what was held back and turned out to be no tag, now that the text has ended."""
        held, self._held = self._held, ""
        return [Segment(self._inside, held, self._inside)] if held or self._inside else []

    def _next_tag(self, text: str, place: int) -> re.Match[str] | None:
        """Find the tag that changes sides; one of another name closes nothing."""
        if not self._inside:
            return _OPENING.search(text, place)
        tags = _CLOSING.finditer(text, place)
        return next((tag for tag in tags if self._name in {"", tag[1].casefold()}), None)

    def _open_end(self, text: str, place: int) -> int:
        """Count the last characters that may be the beginning of a tag."""
        start = text.rfind("<", place)
        if start < 0 or len(text) - start > _MOST_TAG:
            return 0
        ending, mark = text[start:].casefold(), "</" if self._inside else "<"
        may_be = any(f"{mark}{name}>".startswith(ending) for name in TAG_NAMES)
        return len(ending) if may_be else 0


class ReasoningRewriter:
    """Shows a text whose reasoning was rewritten, or left out; an ``AnswerStream``.

    Args:
        rewrite: Makes of one whole stretch of reasoning what is shown instead, tags and all.
        begins_inside: As for ``ReasoningSplitter``.
        most_held: Characters of one stretch that are kept for ``rewrite``; 0 if it reads none.
    """

    __slots__ = (
        "_begins_inside",
        "_kept",
        "_left",
        "_most_held",
        "_rewrite",
        "_splitter",
        "_trims",
    )

    def __init__(
        self, rewrite: Callable[[str], str], *, begins_inside: bool = False, most_held: int = 0
    ) -> None:
        self._rewrite = rewrite
        self._splitter = ReasoningSplitter(begins_inside=begins_inside)
        self._begins_inside = begins_inside
        self._most_held = most_held
        self._kept: list[str] = []
        self._left = most_held
        self._trims = False

    def feed(self, piece: str) -> str:
        """Take a piece, and give what is shown of it."""
        return "".join(map(self._shown, self._splitter.feed(piece)))

    def finish(self) -> str:
        """Give what is left at the end."""
        return "".join(map(self._shown, self._splitter.finish()))

    def _shown(self, segment: Segment) -> str:
        if not segment.is_reasoning:
            # The blanks between the reasoning's end and the answer go with the reasoning.
            text = segment.text.lstrip() if self._trims else segment.text
            self._trims = self._trims and not text
            return text
        if self._left:
            self._kept.append(segment.text[: self._left])
            self._left -= len(self._kept[-1])
        if not segment.ends:
            return ""
        whole, self._kept, self._left = "".join(self._kept), [], self._most_held
        self._trims = True
        return self._rewrite(whole)


def begins_in_reasoning(text: str) -> bool:
    """Say whether a whole text closes its reasoning before it opens any."""
    closing, opening = _CLOSING.search(text), _OPENING.search(text)
    return closing is not None and (opening is None or closing.start() < opening.start())


def split_text(text: str) -> tuple[str, str]:
    """Split a whole text.

    Args:
        text: The text; one that closes its reasoning before it opens any begins inside it.

    Returns:
        The reasoning, and what is shown.

    Example:
        >>> split_text("so it is 42</think> 42"), split_text("a<think>b")
        (('so it is 42', '42'), ('b', 'a'))
    """
    found: list[str] = []

    def keep(reasoning: str) -> str:
        found.append(reasoning)
        return ""

    rewriter = ReasoningRewriter(keep, begins_inside=begins_in_reasoning(text), most_held=len(text))
    shown = rewriter.feed(text) + rewriter.finish()
    return "\n".join(found), shown


def without_tags(text: str) -> str:
    """Leave the tags out of a text, so that it can stand between tags; none can be put together.

    Args:
        text: The text. Tags inside tags inside tags, deeper than anybody writes, cost it all its
            angle brackets.

    Returns:
        The text without tags.
    """
    for _ in range(_MOST_DEPTH):
        shorter = _CLOSING.sub("", _OPENING.sub("", text))
        if shorter == text:
            return text
        text = shorter
    return text.replace("<", "")
