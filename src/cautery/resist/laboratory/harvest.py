"""Asks a teacher under a plan: what a harvester gets, and what it costs an honest client."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from cautery.ports import ChangesSampling
from cautery.records.answer import Answer, AnswerChoice
from cautery.resist.laboratory.addition import number_in, parts_of
from cautery.resist.laboratory.asking import answers_of_teacher
from cautery.resist.laboratory.roles import Lesson, Question, Teacher
from cautery.resist.plans import Plan, Step


@dataclass(frozen=True, slots=True, kw_only=True)
class HonestCosts:
    """What honest clients get, means over their questions."""

    right: float
    """Share of answers that are right: the teacher's accuracy as its clients see it."""
    same_answer: float
    """Share of answers that are what they would be without the plan, with the same luck."""
    words_shown: float
    """Words of an answer."""
    words_waited: float
    """Words that the teacher writes before the client sees anything: a proxy for latency."""
    passes_a_word: float
    """Forward passes a word: one of the teacher, and those of proxy students."""


@dataclass(frozen=True, slots=True)
class DefendedSampling:
    """The sampler of a plan's step; says whose it is, so that a teacher can ask the right proxy."""

    step: Step

    @property
    def defence(self) -> str:
        """The defence's name."""
        return self.step.defence.name

    def __call__(
        self, teacher: NDArray[np.float64], proxy: NDArray[np.float64]
    ) -> NDArray[np.float64]:
        """Reweight logits."""
        return _changing(self.step).reweighted(teacher, proxy, self.step.parameters)


def _changing(step: Step) -> ChangesSampling:
    if not isinstance(step.defence, ChangesSampling):  # a plan's sampling steps are nothing else
        raise TypeError(step.defence.name)
    return step.defence


def sampler_of(plan: Plan) -> DefendedSampling | None:
    """Give what a plan does to the choice of tokens; None if nothing."""
    return DefendedSampling(plan.sampling[-1]) if plan.sampling else None


def harvest(
    teacher: Teacher, plan: Plan, questions: Sequence[Question], seed: Sequence[int], choices: int
) -> list[list[Lesson]]:
    """Ask questions as a harvester does.

    Args:
        teacher: Whom.
        plan: What it is defended with.
        questions: What is asked.
        seed: Of the teacher's luck.
        choices: Texts asked for with each question.

    Returns:
        By question, a lesson for each text that came.
    """
    written = answers_of_teacher(teacher, questions, seed, choices, sampler_of(plan))
    return [
        [Lesson(question=question, choice=choice) for choice in plan.apply(answer)[0].choices]
        for question, answer in zip(questions, written, strict=True)
    ]


def honest_costs(
    teacher: Teacher, plan: Plan, questions: Sequence[Question], seed: Sequence[int]
) -> HonestCosts:
    """Ask questions as an honest client does, one text each.

    Args:
        teacher: Whom.
        plan: What it is defended with.
        questions: What is asked.
        seed: Of the teacher's luck; the same with and without the plan.

    Returns:
        Means.
    """
    sampler = sampler_of(plan)
    undefended = answers_of_teacher(teacher, questions, seed, 1, None)
    defended = answers_of_teacher(teacher, questions, seed, 1, sampler) if sampler else undefended
    right = same = shown = waited = 0
    for question, plain, written in zip(questions, undefended, defended, strict=True):
        got, _ = plan.apply(written)
        said = _number_of(got)
        right += said.isdigit() and int(said) == question.answer
        same += said == _number_of(plain)
        shown += _words_of(got.choices[0])
        waited += words_before_first(plan, written.choices[0].text)
    count = len(questions)
    return HonestCosts(
        right=right / count,
        same_answer=same / count,
        words_shown=shown / count,
        words_waited=waited / count,
        passes_a_word=1.0 + sum(_changing(step).proxy_passes for step in plan.sampling),
    )


def _words_of(choice: AnswerChoice) -> int:
    working, digits = parts_of(choice.text, choice.reasoning)
    return len(working) + len(digits)


def _number_of(answer: Answer) -> str:
    choice = answer.choices[0]
    return parts_of(choice.text, choice.reasoning)[1]


def words_before_first(plan: Plan, text: str) -> int:
    """Count the words that are written before a streaming client sees anything.

    Args:
        plan: Through whose streams the text goes.
        text: What the teacher writes.

    Returns:
        Words, a tag being one; all of them if nothing is shown before the end.
    """
    stream = plan.open_stream()
    written = text.split()
    for number, word in enumerate(written):
        if stream.feed(f"{word} ").strip():
            return number
    return len(written)


def answer_said(lesson: Lesson) -> str:
    """Read the answer out of a lesson, as a harvester does; empty if there is none."""
    return number_in(lesson.choice.text.rpartition(">")[2])
