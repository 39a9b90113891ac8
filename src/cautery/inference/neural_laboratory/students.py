"""Students that are small transformers, distilled from lessons; the same lessons give the same."""

from __future__ import annotations

import hashlib
import math
from collections import OrderedDict
from collections.abc import Sequence
from typing import Final

import numpy as np

from cautery.inference.neural_laboratory.networks import (
    Network,
    Schooling,
    likeliest,
    write,
)
from cautery.inference.neural_laboratory.sequences import (
    LONGEST,
    TOKENS,
    Sequences,
    number_written,
    question_tokens,
    sequences_of,
)
from cautery.inference.neural_laboratory.transformer import Shape
from cautery.resist.laboratory.roles import Lesson, Question

KEPT: Final = 64
"""Trained networks that are remembered, half a megabyte each."""


class NeuralStudents:
    """Makes students; implements the laboratory's ``StudentMaker``.

    What a student learns decides its first weights and the order in which it reads, so that equal
    harvests make equal students, and two defences that a student cannot tell apart lose the same.

    Args:
        shape: How large they are.
        schooling: How they are trained.
    """

    def __init__(self, shape: Shape | None = None, schooling: Schooling | None = None) -> None:
        self._shape = shape or Shape()
        self._schooling = schooling or Schooling()
        self._kept: OrderedDict[bytes, Network] = OrderedDict()

    def __call__(self, *, uses_working: bool, from_the_right: bool) -> NeuralStudent:
        """Make a student that has learnt nothing."""
        return NeuralStudent(self, uses_working=uses_working, from_the_right=from_the_right)

    def trained(self, given: Sequences) -> Network:
        """Train a network, or remember it."""
        digest = _digest(given)
        if digest in self._kept:
            self._kept.move_to_end(digest)
            return self._kept[digest]
        seed = int.from_bytes(digest[:6], "big")
        network = Network(self._shape, seed)
        network.learn(given, self._schooling, seed)
        self._kept[digest] = network
        if len(self._kept) > KEPT:
            self._kept.popitem(last=False)
        return network


def _digest(given: Sequences) -> bytes:
    digest = hashlib.sha256(repr(given.tokens.shape).encode())
    soft = given.soft
    labels = (soft.text, soft.place, soft.token, soft.share)
    for array in (given.tokens, given.learnt, given.weights, *labels):
        digest.update(np.ascontiguousarray(array).tobytes())
    return digest.digest()


class NeuralStudent:
    """A student.

    Args:
        students: Trains it.
        uses_working: Whether it learns and writes working.
        from_the_right: Whether it rewrites answers so that the units come first.
    """

    def __init__(
        self, students: NeuralStudents, *, uses_working: bool, from_the_right: bool
    ) -> None:
        self._students = students
        self._uses_working, self._from_the_right = uses_working, from_the_right
        self._lessons: list[Lesson] = []
        self._network: Network | None = None

    def learn(self, lessons: Sequence[Lesson]) -> None:
        """Train anew on all lessons so far; see ``roles.Student``."""
        self._lessons += lessons
        if self._lessons:
            self._network = self._students.trained(self._sequences(self._lessons))

    def answer(self, question: Question) -> int | None:
        """Answer a question; see ``roles.Student``."""
        return self.answer_together([question])[0]

    def answer_together(self, questions: Sequence[Question]) -> list[int | None]:
        """Write the likeliest tokens behind each question; see ``roles.AnswersTogether``."""
        found: list[int | None] = [None] * len(questions)
        if self._network is None:
            return found
        for digits in {question.digits for question in questions}:
            places = [n for n, question in enumerate(questions) if question.digits == digits]
            prompts = np.array([question_tokens(questions[place]) for place in places])
            written = write(self._network, prompts, likeliest, LONGEST)
            for place, text in zip(places, written.tolist(), strict=True):
                found[place] = number_written(text, from_the_right=self._from_the_right)
        return found

    def surprise(self, lesson: Lesson) -> float:
        """Give the mean of minus the logarithm of the chance of its tokens, in nats."""
        if self._network is None:
            return math.log(len(TOKENS))
        return float(self._network.surprises(self._sequences([lesson]))[0])

    def _sequences(self, lessons: Sequence[Lesson]) -> Sequences:
        return sequences_of(
            lessons, uses_working=self._uses_working, from_the_right=self._from_the_right
        )
