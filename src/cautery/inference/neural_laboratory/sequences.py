"""Lessons as a network reads them: a token a word, the question first, the working in tags."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from cautery.records.answer import TokenChance
from cautery.resist.laboratory.addition import CLOSING, OPENING, parts_of
from cautery.resist.laboratory.roles import Lesson, Question

PADDING: Final = 0
END: Final = 1
THINK: Final = 2
THOUGHT: Final = 3
UNKNOWN: Final = 4
TOKENS: Final[tuple[str, ...]] = (
    "<padding>",
    "<end>",
    "<think>",
    "</think>",
    "<unknown>",
    "+",
    "=",
    *map(str, range(10)),
    *(f"{number:02d}" for number in range(20)),
    *sorted({*OPENING, *CLOSING, "and", "with", "is", "this", "gives", "."}),
)
"""What the teacher's words are made of; a network's vocabulary."""
NUMBER: Final = {token: place for place, token in enumerate(TOKENS)}
LONGEST: Final = 96
"""Tokens of a text with its question: more than five digits' working in full need."""

Whole = NDArray[np.int64]


@dataclass(frozen=True, slots=True, kw_only=True)
class SoftLabels:
    """Shares of the tokens that might have stood at a place, a row each; by text, then place."""

    text: Whole
    place: Whole
    token: Whole
    share: NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Sequences:
    """Texts to learn from, all padded to the longest."""

    tokens: Whole
    """Shape (texts, places)."""
    learnt: NDArray[np.bool_]
    """Places whose token is learnt: those of the answer, shape (texts, places)."""
    weights: NDArray[np.float64]
    """How much each text counts, shape (texts,)."""
    soft: SoftLabels
    """Where log-probabilities came with a text."""


def question_tokens(question: Question) -> list[int]:
    """Write a question, digit by digit.

    Example:
        >>> one = Question(first=47, second=5, digits=2)
        >>> [TOKENS[token] for token in question_tokens(one)]
        ['4', '7', '+', '0', '5', '=']
    """
    first = f"{question.first:0{question.digits}d}"
    second = f"{question.second:0{question.digits}d}"
    return [NUMBER[sign] for sign in f"{first}+{second}="]


def word_tokens(words: Sequence[str]) -> list[int]:
    """Number words; one that the teacher does not know is *unknown*."""
    return [NUMBER.get(word, UNKNOWN) for word in words]


def sequences_of(
    lessons: Sequence[Lesson], *, uses_working: bool, from_the_right: bool
) -> Sequences:
    """Write lessons as a student learns them.

    Args:
        lessons: At least one.
        uses_working: Whether working is learnt.
        from_the_right: Whether the digits of answers are turned round.

    Returns:
        The texts. An answer of another length than a sum's is not learnt.
    """
    texts, starts = [], []
    soft: list[tuple[int, int, int, float]] = []
    for number, lesson in enumerate(lessons):
        words, digits = parts_of(lesson.choice.text, lesson.choice.reasoning)
        asked = question_tokens(lesson.question)
        working = word_tokens(words)[: LONGEST - len(asked) - 16] if uses_working else []
        text = [*asked, *([THINK, *working] if working else []), THOUGHT]
        if len(digits) == lesson.question.digits + 1:
            shown = reversed(digits) if from_the_right else digits
            text += [*(NUMBER[digit] for digit in shown), END]
        texts.append(text)
        starts.append(len(asked))
        if working and [one.token for one in lesson.choice.token_chances] == [*words, *digits]:
            soft += _soft(lesson.choice.token_chances[: len(working)], number, len(asked) + 1)
    places = max(map(len, texts))
    tokens = np.full((len(texts), places), PADDING, dtype=np.int64)
    learnt = np.zeros((len(texts), places), dtype=np.bool_)
    for row, (text, start) in enumerate(zip(texts, starts, strict=True)):
        tokens[row, : len(text)] = text
        learnt[row, start : len(text)] = True
    weights = np.array([lesson.weight for lesson in lessons], dtype=np.float64)
    columns = np.array(soft, dtype=np.float64).reshape(-1, 4).T
    labels = SoftLabels(
        text=columns[0].astype(np.int64),
        place=columns[1].astype(np.int64),
        token=columns[2].astype(np.int64),
        share=columns[3],
    )
    return Sequences(tokens=tokens, learnt=learnt, weights=weights, soft=labels)


def _soft(
    chances: Sequence[TokenChance], text: int, start: int
) -> list[tuple[int, int, int, float]]:
    """Read log-probabilities as soft labels, where a word was not certain."""
    return [
        (text, start + place, NUMBER.get(token, UNKNOWN), math.exp(log))
        for place, one in enumerate(chances)
        if one.others
        for token, log in ((one.token, one.log_chance), *one.others)
    ]


def number_written(tokens: Sequence[int], *, from_the_right: bool) -> int | None:
    """Read the answer out of what a network wrote behind a question; None if there is none.

    Example:
        >>> number_written([THOUGHT, NUMBER["0"], NUMBER["5"], END], from_the_right=False)
        5
    """
    written = list(tokens)
    if THOUGHT not in written:
        return None
    digits = []
    for token in written[written.index(THOUGHT) + 1 :]:
        if token == END:
            break
        digits.append(TOKENS[token])
    if not digits or not all(len(digit) == 1 and digit.isdigit() for digit in digits):
        return None
    return int("".join(reversed(digits) if from_the_right else digits))
