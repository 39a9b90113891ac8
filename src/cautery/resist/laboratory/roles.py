"""Who takes part: questions, lessons, teachers and students. The seam for other laboratories."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from cautery.records.answer import Answer, AnswerChoice

Sampler = Callable[[NDArray[np.float64], NDArray[np.float64]], NDArray[np.float64]]
"""Logits of the teacher and of the proxy student in; log-probabilities to sample from out."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """A question with an exact answer."""

    first: int
    second: int
    digits: int
    """Of each number, zeros in front included."""

    @property
    def answer(self) -> int:
        """The exact answer. Students never see it: they learn from what the teacher says."""
        return self.first + self.second

    def column(self, place: int) -> tuple[int, int]:
        """Give the two digits of a column; 0 is the units'."""
        power = 10**place
        return self.first // power % 10, self.second // power % 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Lesson:
    """One text that a student learns from."""

    question: Question
    choice: AnswerChoice
    """As the client got it."""
    weight: float = 1.0
    """How much it counts."""


class Teacher(Protocol):
    """The served model."""

    def answer(
        self, question: Question, seed: Sequence[int], choices: int, sampler: Sampler | None
    ) -> Answer:
        """Answer a question, with log-probabilities.

        Args:
            question: The question.
            seed: Same seed, same luck: with another sampler, only what it changes differs.
            choices: Texts wanted.
            sampler: A defence at the choice of tokens, or None.
        """
        ...


class Student(Protocol):
    """What is trained on the teacher's answers."""

    def learn(self, lessons: Sequence[Lesson]) -> None:
        """Learn from lessons, in addition to earlier ones."""
        ...

    def answer(self, question: Question) -> int | None:
        """Answer a question; None if what it writes holds no answer."""
        ...

    def surprise(self, lesson: Lesson) -> float:
        """Say how far a lesson is from what it would write, in nats a word."""
        ...


@runtime_checkable
class TeachesTogether(Protocol):
    """What a teacher has that answers many questions sooner than one by one."""

    def answer_together(
        self,
        questions: Sequence[Question],
        seeds: Sequence[Sequence[int]],
        choices: int,
        sampler: Sampler | None,
    ) -> list[Answer]:
        """Answer questions, each with the luck that ``answer`` would have had.

        Args:
            questions: The questions.
            seeds: One of each question.
            choices: Texts wanted for each.
            sampler: A defence at the choice of tokens, or None; its logits have rows here.
        """
        ...


@runtime_checkable
class AnswersTogether(Protocol):
    """What a student has that answers many questions sooner than one by one."""

    def answer_together(self, questions: Sequence[Question]) -> list[int | None]:
        """Answer questions; None where what it writes holds no answer."""
        ...
