"""An adaptive student recovers what a defence takes from a passive one, without the truth."""

from __future__ import annotations

import pytest

from cautery.records.answer import AnswerChoice
from cautery.resist.laboratory.adaptations import ADAPTATIONS, PASSIVE, adapt
from cautery.resist.laboratory.addition import draw_questions
from cautery.resist.laboratory.harvest import answer_said, harvest, words_before_first
from cautery.resist.laboratory.roles import Lesson, Question
from cautery.resist.laboratory.table_student import TableStudent
from cautery.resist.laboratory.trial import adding_teacher
from cautery.resist.plans import Plan, make_plan

NAMES = [one.name for one in ADAPTATIONS]


def test_filtering_undoes_the_product_of_experts() -> None:
    """The passive student loses most of its skill; the adaptive one filters and gets it back."""
    questions, test = draw_questions(300, [1]), draw_questions(150, [2])
    plan = make_plan({"product-of-experts": {}})
    harvested = harvest(adding_teacher(5), plan, questions, [3], 2)
    passive = PASSIVE.train([one for few in harvested for one in few], TableStudent)
    ways = [one for one in ADAPTATIONS if one.same_kind]
    adapted = adapt(harvested, TableStudent, ways)
    students = (passive, adapted.student)
    right = [sum(who.answer(one) == one.answer for one in test) for who in students]
    assert adapted.chosen == "filtered"
    assert right[1] > right[0] + 30
    assert adapted.same_kind is adapted.student


def test_inferring_undoes_hiding() -> None:
    """Answers alone suffice for a student with a hidden state, and a table is no match for it."""
    questions, test = draw_questions(300, [1]), draw_questions(150, [2])
    harvested = harvest(adding_teacher(5), make_plan({"answer-only": {}}), questions, [3], 2)
    adapted = adapt(harvested, TableStudent)
    students = (adapted.same_kind, adapted.student)
    right = [sum(who.answer(one) == one.answer for one in test) for who in students]
    assert adapted.chosen == "inferred"
    assert right[0] < 75
    assert right[1] > 120


@pytest.mark.parametrize("adaptation", ADAPTATIONS, ids=NAMES)
def test_every_adaptation_takes_a_poor_harvest(adaptation: object) -> None:
    """Cut-off, empty and contradictory answers make a poor student and no error."""
    one = Question(first=12, second=30, digits=3)
    texts = ["", "no number", "<think>2 and", "0042", "0043", "99999999", "<think>a.</think>0042"]
    lessons = [Lesson(question=one, choice=AnswerChoice(text=text)) for text in texts]
    student = next(way for way in ADAPTATIONS if way is adaptation).train(lessons, TableStudent)
    said = student.answer(Question(first=1, second=1, digits=3))
    assert said is None or said >= 0


def test_an_empty_harvest_leaves_the_passive_student() -> None:
    """Nothing to choose by: the first is taken."""
    assert adapt([], TableStudent).chosen == PASSIVE.name


def test_what_a_harvester_reads_as_the_answer() -> None:
    """The last number of what is shown."""
    one = Question(first=1, second=1, digits=1)
    said = [
        answer_said(Lesson(question=one, choice=AnswerChoice(text=text)))
        for text in ("<think>1 and 1</think>02", "It is 02.", "none")
    ]
    assert said == ["02", "02", ""]


@pytest.mark.parametrize(
    ("wanted", "words"), [({}, 0), ({"hide-reasoning": {}}, 3), ({"answer-only": {}}, 5)]
)
def test_waiting_is_counted_through_the_streams(
    wanted: dict[str, dict[str, object]], words: int
) -> None:
    """Tags and words that are written before anything is shown."""
    plan = make_plan(wanted) if wanted else Plan()
    assert words_before_first(plan, "<think> seven </think> It is") == words
