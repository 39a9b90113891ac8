"""The teacher writes what its manner says; the student can do what its lessons show."""

from __future__ import annotations

import math

import numpy as np
import pytest

from cautery.records.answer import AnswerChoice
from cautery.resist.defences.product_of_experts import MEMBER
from cautery.resist.laboratory.adding_teacher import (
    AddingTeacher,
    Manner,
    entropy_of,
)
from cautery.resist.laboratory.addition import draw_questions, parts_of, spaced, words_of
from cautery.resist.laboratory.harvest import harvest
from cautery.resist.laboratory.inferring_student import InferringStudent
from cautery.resist.laboratory.roles import Lesson, Question
from cautery.resist.laboratory.table_student import TableStudent
from cautery.resist.laboratory.trial import adding_teacher
from cautery.resist.plans import Plan, make_plan

ALWAYS_FULL = Manner(full_at_first=1 - 1e-12, stays_full=1 - 1e-12, slip_in_full=1e-12)
SUM = Question(first=947, second=85, digits=3)


def lessons_of(teacher: AddingTeacher, count: int, choices: int = 1) -> list[Lesson]:
    """Ask for sums."""
    questions = draw_questions(count, [7])
    return [one for few in harvest(teacher, Plan(), questions, [8], choices) for one in few]


def test_working_in_full_is_exact() -> None:
    """Without slips, each step is right and the answer is read from the steps."""
    choice = AddingTeacher(ALWAYS_FULL).answer(SUM, [1], 1, None).choices[0]
    assert "7 and 5 with 0 is 12. 4 and 8 with 1 is 13. 9 and 0 with 1 is 10." in choice.text
    assert choice.text.endswith("</think>\n1032")


def test_words_go_there_and_back() -> None:
    """Log-probabilities spell the text word by word, and words make the text again."""
    choice = AddingTeacher().answer(SUM, [2], 1, None).choices[0]
    working, digits = parts_of(choice.text, choice.reasoning)
    assert [one.token for one in choice.token_chances] == [*working, *digits]
    assert words_of(spaced(working)) == working


def test_luck_follows_the_stated_probabilities() -> None:
    """The share of first steps in full is the stated one, within five standard errors."""
    lessons = lessons_of(AddingTeacher(), 1000)
    full = sum(words_of(lesson.choice.text)[9].isdigit() for lesson in lessons)
    assert abs(full - 700) < 5 * math.sqrt(1000 * 0.7 * 0.3)


def test_token_chances_are_a_distribution() -> None:
    """Of each word, the chances of it and of the others add up to 1; some have entropy."""
    choice = AddingTeacher().answer(SUM, [3], 1, None).choices[0]
    for token in choice.token_chances:
        logs = [token.log_chance, *(log for _, log in token.others)]
        assert sum(map(math.exp, logs)) == pytest.approx(1.0)
    assert entropy_of(choice) > 0.5


def test_a_sampler_changes_what_it_touches_only() -> None:
    """Same luck: without a tilt, the same text; with one, often another."""
    teacher = adding_teacher(1)
    parameters = MEMBER.parameters({"strength": 0})
    same = [
        teacher.answer(one, [number], 1, lambda a, b: MEMBER.reweighted(a, b, parameters))
        for number, one in enumerate(draw_questions(50, [9]))
    ]
    plain = [
        teacher.answer(one, [number], 1, None) for number, one in enumerate(draw_questions(50, [9]))
    ]
    assert [one.choices[0].text for one in same] == [one.choices[0].text for one in plain]
    questions = draw_questions(200, [9])
    tilted = harvest(teacher, make_plan({"product-of-experts": {}}), questions, [4], 1)
    untilted = harvest(teacher, Plan(), questions, [4], 1)
    words = [
        np.mean([len(words_of(few[0].choice.text)) for few in one]) for one in (tilted, untilted)
    ]
    assert words[0] < words[1] - 1.0


def test_a_student_learns_to_add() -> None:
    """Of a teacher without slips it learns steps that it can put together for new sums."""
    student = TableStudent()
    student.learn(lessons_of(AddingTeacher(ALWAYS_FULL), 500))
    test = draw_questions(200, [10])
    assert sum(student.answer(one) == one.answer for one in test) > 190


def test_a_student_of_nothing_says_nothing() -> None:
    """Without lessons there is no answer, and everything surprises."""
    student = TableStudent()
    assert student.answer(SUM) is None
    assert student.surprise(lessons_of(AddingTeacher(), 1)[0]) == pytest.approx(math.log(1000))


def test_surprise_falls_with_learning() -> None:
    """What was learnt surprises less than what was not."""
    lessons = lessons_of(AddingTeacher(), 200)
    student = TableStudent()
    student.learn(lessons)
    assert student.surprise(lessons[0]) < 0.3


def test_weights_count_as_repetitions() -> None:
    """A lesson of weight two is the lesson twice."""
    lesson, other = lessons_of(AddingTeacher(), 2)
    heavy, twice = TableStudent(), TableStudent()
    heavy.learn([Lesson(question=lesson.question, choice=lesson.choice, weight=2.0), other])
    twice.learn([lesson, lesson, other])
    assert heavy.surprise(other) == pytest.approx(twice.surprise(other))


def test_a_hidden_state_learns_to_carry_from_answers() -> None:
    """It adds new sums after answers without working, and is not surprised by right ones."""
    lessons = lessons_of(AddingTeacher(ALWAYS_FULL), 600)
    student = InferringStudent()
    student.learn(lessons)
    test = draw_questions(200, [10])
    assert sum(student.answer(one) == one.answer for one in test) > 190
    assert student.surprise(lessons[0]) < 0.2


def test_a_hidden_state_without_lessons_says_nothing() -> None:
    """Answers of another length teach it nothing either."""
    student = InferringStudent()
    student.learn([Lesson(question=SUM, choice=AnswerChoice(text="7"))])
    assert student.answer(SUM) is None
    assert student.surprise(Lesson(question=SUM, choice=AnswerChoice(text="7"))) == 0.0
