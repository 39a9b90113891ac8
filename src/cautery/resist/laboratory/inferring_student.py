"""A student that learns from answers alone, by a hidden state that it infers.

An input-output hidden Markov model (Bengio and Frasconi, *An input output HMM architecture*, NIPS
1995), fitted by expectation and maximisation: it reads columns from the right, writes a digit of
each, and carries one of two states on to the next. Nobody tells it what the state is for. It needs
no working, so that hiding working does not reach it; what it needs is the right shape.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from cautery.resist.laboratory.addition import number_in
from cautery.resist.laboratory.roles import Lesson, Question
from cautery.resist.reasoning_text import split_text

STATES: Final = 2
ROUNDS: Final = 30
"""Of expectation and maximisation."""
SMOOTHING: Final = 0.01
"""Added to every expected count, so that nothing is impossible."""
_COLUMNS: Final = 100
_DIGITS: Final = 10
_SEED: Final = 20_261_129


class InferringStudent:
    """The student; it starts in state 0."""

    def __init__(self) -> None:
        generator = np.random.default_rng(_SEED)
        self._writes = _shares(generator.random((_COLUMNS, STATES, _DIGITS)))
        self._carries = _shares(generator.random((_COLUMNS, STATES, STATES)))
        self._ends = _shares(generator.random((STATES, _DIGITS)))
        self._columns: list[list[int]] = []
        self._digits: list[list[int]] = []
        self._weights: list[float] = []

    def learn(self, lessons: Sequence[Lesson]) -> None:
        """Fit to the answers of these lessons and of earlier ones."""
        for lesson in lessons:
            said = number_in(split_text(lesson.choice.text)[1])
            if len(said) == lesson.question.digits + 1:
                self._columns.append(_columns_of(lesson.question))
                self._digits.append([int(digit) for digit in reversed(said)])
                self._weights.append(lesson.weight)
        if self._columns:
            columns, digits = np.array(self._columns), np.array(self._digits)
            for _ in range(ROUNDS):
                self._round(columns, digits, np.array(self._weights))

    def _round(
        self,
        columns: NDArray[np.int64],
        digits: NDArray[np.int64],
        weights: NDArray[np.float64],
    ) -> None:
        """Expect the states, and count with them."""
        length = columns.shape[1]
        # Of each column, the chance of its digit and of the next state, by state before and after.
        steps = [
            self._writes[columns[:, place], :, digits[:, place]][:, :, None]
            * self._carries[columns[:, place]]
            for place in range(length)
        ]
        forward = [np.tile(np.eye(STATES)[0], (len(columns), 1))]
        for step in steps:
            reached = np.einsum("ns,nst->nt", forward[-1], step)
            forward.append(reached / reached.sum(axis=1, keepdims=True))
        backward = self._ends[:, digits[:, length]].T
        final = forward[-1] * backward
        ends = np.full_like(self._ends, SMOOTHING)
        np.add.at(ends.T, digits[:, length], _shares(final) * weights[:, None])
        writes = np.full_like(self._writes, SMOOTHING)
        carries = np.full_like(self._carries, SMOOTHING)
        for place in reversed(range(length)):
            joint = forward[place][:, :, None] * steps[place] * backward[:, None, :]
            joint *= (weights / joint.sum(axis=(1, 2)))[:, None, None]
            np.add.at(carries, columns[:, place], joint)
            writes_of = np.swapaxes(writes, 1, 2)  # a view, by column, digit and state
            np.add.at(writes_of, (columns[:, place], digits[:, place]), joint.sum(axis=2))
            backward = np.einsum("nst,nt->ns", steps[place], backward)
            backward /= backward.sum(axis=1, keepdims=True)
        self._writes, self._carries, self._ends = _shares(writes), _shares(carries), _shares(ends)

    def answer(self, question: Question) -> int | None:
        """Write the likeliest digit of each column in the likeliest state; None if untaught."""
        if not self._columns:
            return None
        state, digits = 0, []
        for column in _columns_of(question):
            digits.append(int(self._writes[column, state].argmax()))
            state = int(self._carries[column, state].argmax())
        digits.append(int(self._ends[state].argmax()))
        return int("".join(map(str, reversed(digits))))

    def surprise(self, lesson: Lesson) -> float:
        """Give minus the logarithm of what it thought of an answer, in nats a digit."""
        said = number_in(split_text(lesson.choice.text)[1])
        if len(said) != lesson.question.digits + 1:
            return 0.0
        states, digits = np.eye(STATES)[0], [int(digit) for digit in reversed(said)]
        for column, digit in zip(_columns_of(lesson.question), digits, strict=False):
            states = (states * self._writes[column, :, digit]) @ self._carries[column]
        return -float(np.log(states @ self._ends[:, digits[-1]])) / len(digits)


def _columns_of(question: Question) -> list[int]:
    """Number the columns of a question by their two digits, from the right."""
    pairs = [question.column(place) for place in range(question.digits)]
    return [10 * first + second for first, second in pairs]


def _shares(counts: NDArray[np.float64]) -> NDArray[np.float64]:
    shares: NDArray[np.float64] = counts / counts.sum(axis=-1, keepdims=True)
    return shares
