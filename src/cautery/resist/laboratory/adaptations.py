"""How students are made of a harvest: as it comes, or by an attacker who knows the defence.

An adaptive attacker tries every way, keeps some of the harvest back, and takes what answers those
questions best. It sees what the teacher said and never the truth. That adaptive students recover
much of what passive tests report as lost is the finding of *The Distillation Game* (arXiv
2605.22737).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Final, Protocol

from cautery.resist.laboratory.addition import parts_of
from cautery.resist.laboratory.asking import answers_of_student
from cautery.resist.laboratory.harvest import answer_said
from cautery.resist.laboratory.inferring_student import InferringStudent
from cautery.resist.laboratory.roles import Lesson, Student

KEPT_SHARE: Final = 1.0 / 3.0
"""Of the harvest, that filtering keeps: the longest working."""
DROPPED_SHARE: Final = 0.02
"""Of the harvest, that reweighting leaves out as slips: the most surprising."""
LEAST_WEIGHT: Final = 0.1
"""Of the least surprising lesson; the most surprising has one more."""
HELD_BACK: Final = 5
"""Every fifth question is held back to choose between adaptations."""


class StudentMaker(Protocol):
    """Makes a student that has learnt nothing."""

    def __call__(self, *, uses_working: bool, from_the_right: bool) -> Student:
        """Make one.

        Args:
            uses_working: Whether it learns and writes working.
            from_the_right: Whether it rewrites what it learns into the order that suits it.
        """
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Adaptation:
    """One way to make a student of a harvest."""

    name: str
    description: str
    train: Callable[[Sequence[Lesson], StudentMaker], Student]
    same_kind: bool = True
    """Whether the student stays of its kind; what adapts is the harvest alone."""


def _plainly(uses_working: bool, from_the_right: bool) -> Callable[..., Student]:
    def train(lessons: Sequence[Lesson], make: StudentMaker) -> Student:
        student = make(uses_working=uses_working, from_the_right=from_the_right)
        student.learn(lessons)
        return student

    return train


def _filtered(lessons: Sequence[Lesson], make: StudentMaker) -> Student:
    said: dict[tuple[int, int], set[str]] = {}
    for lesson in lessons:
        key = (lesson.question.first, lesson.question.second)
        said.setdefault(key, set()).add(answer_said(lesson))
    agreed = [
        lesson
        for lesson in lessons
        if len(said[lesson.question.first, lesson.question.second]) == 1
    ]
    by_length = sorted(map(_working_words, agreed or lessons), reverse=True)
    shortest = by_length[int(KEPT_SHARE * (len(by_length) - 1))] if by_length else 0
    student = make(uses_working=True, from_the_right=False)
    student.learn([one for one in agreed or lessons if _working_words(one) >= shortest])
    return student


def _working_words(lesson: Lesson) -> int:
    return len(parts_of(lesson.choice.text, lesson.choice.reasoning)[0])


def _reweighted(lessons: Sequence[Lesson], make: StudentMaker) -> Student:
    first = _plainly(uses_working=True, from_the_right=False)(lessons, make)
    ranked = sorted(lessons, key=first.surprise)
    kept = ranked[: len(ranked) - int(DROPPED_SHARE * len(ranked))]
    student = make(uses_working=True, from_the_right=False)
    student.learn(
        [
            replace(lesson, weight=LEAST_WEIGHT + rank / len(kept))
            for rank, lesson in enumerate(kept)
        ]
    )
    return student


def _inferred(lessons: Sequence[Lesson], make: StudentMaker) -> Student:
    student = InferringStudent()
    student.learn(lessons)
    return student


PASSIVE: Final = Adaptation(
    name="passive",
    description="learns the harvest as it came",
    train=_plainly(uses_working=True, from_the_right=False),
)
ADAPTATIONS: Final[tuple[Adaptation, ...]] = (
    PASSIVE,
    Adaptation(
        name="answers-only",
        description="leaves working out",
        train=_plainly(uses_working=False, from_the_right=False),
    ),
    Adaptation(
        name="filtered",
        description="keeps the third with the longest working, where all texts agree",
        train=_filtered,
    ),
    Adaptation(
        name="reweighted",
        description="weighs up what surprises a first student, but for the oddest",
        train=_reweighted,
    ),
    Adaptation(
        name="rewritten",
        description="rewrites answers so that the units come first",
        train=_plainly(uses_working=True, from_the_right=True),
    ),
    Adaptation(
        name="rewritten-answers",
        description="the same, and leaves working out",
        train=_plainly(uses_working=False, from_the_right=True),
    ),
    Adaptation(
        name="inferred",
        description="takes a student with a hidden state, which needs answers only",
        train=_inferred,
        same_kind=False,
    ),
)
"""All ways, the passive one first: an adaptive attacker may find that nothing beats it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Adapted:
    """What an adaptive attacker ends up with."""

    student: Student
    """By the best of all adaptations."""
    chosen: str
    """Name of that adaptation."""
    same_kind: Student
    """By the best of those that keep the kind of student."""


def adapt(
    harvested: Sequence[Sequence[Lesson]],
    make: StudentMaker,
    adaptations: Sequence[Adaptation] = ADAPTATIONS,
) -> Adapted:
    """Try every adaptation and keep the best, by answers of the harvest held back.

    Args:
        harvested: Lessons by question.
        make: Makes students.
        adaptations: What is tried; the first keeps the kind of student.

    Returns:
        Students trained by the best on the whole harvest. Of equals, the first.
    """
    used = [one for number, few in enumerate(harvested) for one in few if number % HELD_BACK]
    held_back = [few[0] for few in harvested[::HELD_BACK] if few]
    agreed = [
        _agreements(student, held_back)
        for student in (adaptation.train(used, make) for adaptation in adaptations)
    ]
    ranked = [way for _, way in sorted(zip(agreed, adaptations, strict=True), key=lambda x: -x[0])]
    best, same_kind = ranked[0], next(way for way in ranked if way.same_kind)
    everything = [one for few in harvested for one in few]
    student = best.train(everything, make)
    return Adapted(
        student=student,
        chosen=best.name,
        same_kind=student if best is same_kind else same_kind.train(everything, make),
    )


def _agreements(student: Student, lessons: Sequence[Lesson]) -> int:
    answers = answers_of_student(student, [lesson.question for lesson in lessons])
    said = [answer_said(lesson) for lesson in lessons]
    return sum(
        one.isdigit() and answer == int(one) for one, answer in zip(said, answers, strict=True)
    )
