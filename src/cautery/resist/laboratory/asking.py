"""Asks teachers and students many questions: together where they can, or one by one."""

from __future__ import annotations

from collections.abc import Sequence

from cautery.records.answer import Answer
from cautery.resist.laboratory.roles import (
    AnswersTogether,
    Question,
    Sampler,
    Student,
    Teacher,
    TeachesTogether,
)


def answers_of_teacher(
    teacher: Teacher,
    questions: Sequence[Question],
    seed: Sequence[int],
    choices: int,
    sampler: Sampler | None,
) -> list[Answer]:
    """Ask a teacher.

    Args:
        teacher: Whom.
        questions: What.
        seed: Of its luck; each question has its own with its number behind.
        choices: Texts wanted for each.
        sampler: A defence at the choice of tokens, or None.

    Returns:
        An answer a question.
    """
    seeds = [[*seed, number] for number in range(len(questions))]
    if isinstance(teacher, TeachesTogether):
        return teacher.answer_together(questions, seeds, choices, sampler)
    return [
        teacher.answer(question, luck, choices, sampler)
        for question, luck in zip(questions, seeds, strict=True)
    ]


def answers_of_student(student: Student, questions: Sequence[Question]) -> list[int | None]:
    """Ask a student; None where what it writes holds no answer."""
    if isinstance(student, AnswersTogether):
        return student.answer_together(questions)
    return [student.answer(question) for question in questions]
