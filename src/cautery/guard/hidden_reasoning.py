"""Takes reasoning out of a text as it comes in: what stands between ``<think>`` and ``</think>``.

What is reasoning and what is shown is told by ``cautery.resist.reasoning_text``, so that the guard
hides just what the defences hide.
"""

from __future__ import annotations

from cautery.resist.reasoning_text import ReasoningRewriter, begins_in_reasoning


class ReasoningFilter(ReasoningRewriter):
    r"""Lets the visible part of one text through.

    Args:
        begins_inside: Whether the text begins in its reasoning without a tag, as of served models
            whose chat template opens it for them.

    Example:
        >>> shown = ReasoningFilter()
        >>> [shown.feed(piece) for piece in ("<thi", "nk>7*6", " is 42</th", "ink>It is", " 42.")]
        ['', '', '', 'It is', ' 42.']
    """

    __slots__ = ()

    def __init__(self, *, begins_inside: bool = False) -> None:
        super().__init__(_nothing, begins_inside=begins_inside)


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
    shown = ReasoningFilter(begins_inside=begins_inside or begins_in_reasoning(text))
    return shown.feed(text) + shown.finish()


def _nothing(_reasoning: str) -> str:
    return ""
