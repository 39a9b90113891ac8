"""A student that is a table of counts: a decision list over short contexts.

For the next word it looks at several contexts (the words before, the digits of the column, what an
earlier sentence ended with) and follows the one that was surest in training, as decision lists do
(Rivest, *Learning decision lists*, Machine Learning 2, 1987; Yarowsky, ACL 1994). It is an n-gram
model that may skip, with one convenience: it knows which column of the question it is at. It does
not know how to add, so that whatever it can do it has from the lessons.
"""

from __future__ import annotations

import math
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

import numpy as np
from numpy.typing import NDArray

from cautery.records.answer import TokenChance
from cautery.resist.laboratory.addition import parts_of
from cautery.resist.laboratory.roles import Lesson, Question

DOUBT: Final = 1.0
"""Added to the count of each context: what was seen once is half sure."""
UNSEEN: Final = 1e-3
"""Share of a word that a context never had, for ``surprise`` and ``log_chances``."""
MOST_WORDS: Final = 80
"""A text in which the student goes round in circles ends here."""
READINGS_KEPT: Final = 800
"""About 40 kB each."""
_START: Final = ""

Context = tuple[object, ...]


class TableStudent:
    """The student.

    Args:
        uses_working: Whether it learns and writes working; without, it learns answers only.
        from_the_right: Whether it rewrites answers so that the units come first.
    """

    def __init__(self, *, uses_working: bool = True, from_the_right: bool = False) -> None:
        self._uses_working = uses_working
        self._from_the_right = from_the_right
        self._counts: defaultdict[Context, dict[str, float]] = defaultdict(dict)
        self._with_working = 0.0

    def learn(self, lessons: Sequence[Lesson]) -> None:
        """Count the words of lessons in their contexts."""
        for lesson in lessons:
            read = self._read(lesson)
            self._with_working += lesson.weight if read.working else -lesson.weight
            soft = _soft_words(lesson.choice.token_chances, read)
            for place, (contexts, word) in enumerate(read.examples):
                shares = soft.get(place)
                for context in contexts:
                    counts = self._counts[context]
                    if shares is None:
                        counts[word] = counts.get(word, 0.0) + lesson.weight
                        continue
                    for one, share in shares.items():
                        counts[one] = counts.get(one, 0.0) + share * lesson.weight

    def answer(self, question: Question) -> int | None:
        """Write working if that is what it learnt, and then the answer."""
        working = self._write_working(question) if self._with_working > 0.0 else []
        columns = _Columns(question, working)
        digits: list[str] = []
        order = range(question.digits + 1)
        for place in order if self._from_the_right else reversed(order):
            digit = self._surest(columns.answer_contexts(place, digits))
            if not digit.isdigit():
                return None
            digits.append(digit)
        return int("".join(reversed(digits) if self._from_the_right else digits))

    def surprise(self, lesson: Lesson) -> float:
        """Give the mean of minus the logarithm of what the surest context thought of each word."""
        examples = self._read(lesson).examples
        logs = [
            math.log(self._share(self._surest_context(contexts), word))
            for contexts, word in examples
        ]
        return -sum(logs) / max(1, len(logs))

    def log_chances(
        self, question: Question, working: Sequence[str], words: Sequence[str]
    ) -> NDArray[np.float64]:
        """Give the logarithm of the share of each word after this working, as a proxy student."""
        contexts = _Columns(question, working).working_contexts(len(working))
        surest = self._surest_context(contexts)
        logs = [math.log(self._share(surest, word)) for word in words]
        return np.array(logs, dtype=np.float64)

    def _read(self, lesson: Lesson) -> _Reading:
        return _read(
            lesson.question,
            lesson.choice.text,
            lesson.choice.reasoning,
            self._uses_working,
            self._from_the_right,
        )

    def _write_working(self, question: Question) -> list[str]:
        working: list[str] = []
        columns = _Columns(question, working)
        while len(working) < MOST_WORDS:
            word = self._surest(columns.working_contexts(len(working)))
            if word == _START:
                break
            working.append(word)
            columns.grow(word)
        return working

    def _surest_context(self, contexts: Sequence[Context]) -> Mapping[str, float]:
        best: Mapping[str, float] = {}
        surest = 0.0
        for context in contexts:
            counts = self._counts.get(context)
            if counts:
                sure = max(counts.values()) / (sum(counts.values()) + DOUBT)
                if sure > surest:
                    best, surest = counts, sure
        return best

    def _surest(self, contexts: Sequence[Context]) -> str:
        counts = self._surest_context(contexts)
        return max(counts, key=lambda word: (counts[word], word)) if counts else _START

    @staticmethod
    def _share(counts: Mapping[str, float], word: str) -> float:
        total = sum(counts.values())
        return (1.0 - UNSEEN) * counts.get(word, 0.0) / total + UNSEEN if total else UNSEEN


@dataclass(frozen=True, slots=True)
class _Reading:
    """A lesson as a student reads it."""

    working: tuple[str, ...]
    digits: str
    examples: tuple[tuple[list[Context], str], ...]
    """The contexts of each word, with the word."""


@lru_cache(maxsize=READINGS_KEPT)
def _read(
    question: Question, text: str, reasoning: str, uses_working: bool, from_the_right: bool
) -> _Reading:
    """Read a lesson; the students of one harvest read the same ones again and again."""
    words, digits = parts_of(text, reasoning)
    working = tuple(words) if uses_working else ()
    columns = _Columns(question, working)
    examples = [(columns.working_contexts(place), word) for place, word in enumerate(working)]
    if working:
        examples.append((columns.working_contexts(len(working)), _START))
    if len(digits) == question.digits + 1:  # otherwise cut off, or no answer to this question
        order = range(len(digits))
        written: list[str] = []
        for place in order if from_the_right else reversed(order):
            digit = digits[len(digits) - 1 - place]
            examples.append((columns.answer_contexts(place, written), digit))
            written.append(digit)
    return _Reading(working, digits, tuple(examples))


class _Columns:
    """The contexts of one text; the working may still grow."""

    def __init__(self, question: Question, working: Sequence[str]) -> None:
        self._question = question
        self._words: list[str] = []
        self._starts = [0]
        self._ends: list[str] = []
        for word in working:
            self.grow(word)

    def grow(self, word: str) -> None:
        """Take the next word of the working."""
        if word == ".":
            self._ends.append(self._words[-1] if self._words else "")
            self._starts.append(len(self._words) + 1)
        self._words.append(word)

    def _digits(self, place: int) -> tuple[int, int]:
        inside = 0 <= place < self._question.digits
        return self._question.column(place) if inside else (-1, -1)

    def _end(self, sentence: int) -> str:
        return self._ends[sentence] if 0 <= sentence < len(self._ends) else ""

    def working_contexts(self, place: int) -> list[Context]:
        """Give the contexts of the word at a place of the working."""
        sentence = bisect_right(self._starts, place) - 1
        # The first sentence opens; the column of the units is the second's.
        first, second = self._digits(sentence - 1)
        lower = self._digits(sentence - 2)
        before = self._words[place - 1] if place else _START
        earlier = self._words[place - 2] if place > 1 else _START
        ended = self._end(sentence - 1)
        index = place - self._starts[sentence]
        return [
            (0, before, earlier, index, sentence),
            (1, before, earlier, first, second),
            (2, before, ended),
            (3, index, sentence, first),
            (4, before, index, second),
            (5, before, first, second, ended),
            (6, before, first, second, lower),
            (7, before, first, second, lower, ended),
            (8, before, ended, lower),
        ]

    def answer_contexts(self, place: int, written: Sequence[str]) -> list[Context]:
        """Give the contexts of the digit of a column of the answer."""
        top = place == self._question.digits
        columns, lower = self._digits(place), self._digits(place - 1)
        before = written[-1] if written else _START
        # The sentence of a column stands one behind its number, as the first sentence opens.
        return [
            (10, top, self._end(place + 1)) if not top else (10, top, self._end(place)),
            (11, columns, lower),
            (12, columns, lower, before),
            (13, columns, before),
            (14, columns),
            (15, top, self._end(place), columns),
        ]


def _soft_words(chances: Sequence[TokenChance], read: _Reading) -> dict[int, dict[str, float]]:
    """Read log-probabilities as soft labels, if they spell the lesson word by word.

    Returns:
        By place, what might have been written, where it was not certain.
    """
    spelled = [*read.working, *read.digits]
    if not read.working or [one.token for one in chances] != spelled:
        return {}
    return {
        place: {one.token: math.exp(one.log_chance)}
        | {word: math.exp(log) for word, log in one.others}
        for place, one in enumerate(chances[: len(read.working)])
        if one.others
    }
