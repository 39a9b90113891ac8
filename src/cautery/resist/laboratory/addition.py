"""The task: sums of two numbers, with exact answers, and the words in which working is written."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

import numpy as np

from cautery.resist.laboratory.roles import Question
from cautery.resist.reasoning_text import split_text

DIGITS: Final = 3
OPENING: Final = "I add the columns from the right.".replace(".", " .").split()
CLOSING: Final = "Now I read the sum from the columns.".replace(".", " .").split()
_WORD: Final = re.compile(r"[A-Za-z]+|\d+|\.")
_NUMBER: Final = re.compile(r"\d+")


def draw_questions(count: int, seed: Sequence[int], digits: int = DIGITS) -> list[Question]:
    """Draw questions evenly, with replacement.

    Args:
        count: How many.
        seed: Of the draw.
        digits: Of each number.

    Returns:
        The questions.
    """
    drawn = np.random.default_rng(list(seed)).integers(0, 10**digits, (count, 2)).tolist()
    return [Question(first=first, second=second, digits=digits) for first, second in drawn]


def words_of(text: str) -> list[str]:
    """Split working into words; a full stop is one.

    Example:
        >>> words_of("7 and 5 is 12.")
        ['7', 'and', '5', 'is', '12', '.']
    """
    return _WORD.findall(text)


def spaced(words: Sequence[str]) -> str:
    """Write words as a text, the inverse of ``words_of``."""
    return " ".join(words).replace(" .", ".")


def number_in(shown: str) -> str:
    """Find the last number of a text, as it is written; empty if there is none.

    Example:
        >>> number_in("It is 0093.")
        '0093'
    """
    numbers: list[str] = _NUMBER.findall(shown)
    return numbers[-1] if numbers else ""


def parts_of(text: str, reasoning: str) -> tuple[list[str], str]:
    """Take an answer apart as whoever harvests it does.

    Args:
        text: What is shown, reasoning in tags included.
        reasoning: What is given apart from it.

    Returns:
        The words of the working, and the digits of the answer.
    """
    inside, shown = split_text(text)
    return words_of(f"{reasoning} {inside}"), number_in(shown)
