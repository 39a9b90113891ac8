"""The teacher writes by fixed luck what samplers leave it; students learn from lessons alone."""

from __future__ import annotations

import math

import numpy as np
import pytest

from cautery.errors import ConfigurationError
from cautery.records.answer import AnswerChoice
from cautery.resist.defences.product_of_experts import MEMBER
from cautery.resist.laboratory.adding_teacher import AddingTeacher, Manner
from cautery.resist.laboratory.addition import draw_questions, parts_of
from cautery.resist.laboratory.harvest import harvest, sampler_of
from cautery.resist.laboratory.roles import AnswersTogether, Lesson, Question, TeachesTogether
from cautery.resist.plans import Plan, make_plan

torch = pytest.importorskip("torch", reason="wants pip install torch==2.13.0")

from cautery.inference.neural_laboratory.networks import Network, Schooling  # noqa: E402
from cautery.inference.neural_laboratory.proxies import LikelihoodProxy  # noqa: E402
from cautery.inference.neural_laboratory.sequences import TOKENS  # noqa: E402
from cautery.inference.neural_laboratory.students import NeuralStudents  # noqa: E402
from cautery.inference.neural_laboratory.teacher import (  # noqa: E402
    USUAL_PROXY,
    NeuralTeacher,
    packaged_network,
)
from cautery.inference.neural_laboratory.transformer import Shape  # noqa: E402

SMALL = Shape(width=32, layers=1)
POE = make_plan({"product-of-experts": {"strength": 2.0, "most_tilt": 3.0}})


@pytest.fixture(scope="module")
def teacher() -> NeuralTeacher:
    """The packaged teacher; its proxy is itself, so that what it would write is held down."""
    return NeuralTeacher(packaged_network(), {USUAL_PROXY: LikelihoodProxy(packaged_network())})


def test_the_packaged_teacher_can_add(teacher: NeuralTeacher) -> None:
    """Right 95 times in 100, within two standard errors, with working that can be read."""
    questions = draw_questions(400, [1])
    choices = [few[0].choice for few in harvest(teacher, Plan(), questions, [2], 1)]
    said = [parts_of(one.text, one.reasoning) for one in choices]
    right = [
        digits == f"{one.answer:04d}" for (_, digits), one in zip(said, questions, strict=True)
    ]
    assert np.mean(right) >= 0.93
    assert np.mean([len(words) for words, _ in said]) > 30


def test_log_probabilities_spell_the_text_and_are_distributions(teacher: NeuralTeacher) -> None:
    """Word by word, and with the other words they add up to 1."""
    choice = teacher.answer(Question(first=947, second=85, digits=3), [3], 1, None).choices[0]
    words, digits = parts_of(choice.text, choice.reasoning)
    assert [one.token for one in choice.token_chances] == [*words, *digits]
    for one in choice.token_chances:
        logs = [one.log_chance, *(log for _, log in one.others)]
        assert sum(map(math.exp, logs)) == pytest.approx(1.0)


def test_together_is_one_by_one(teacher: NeuralTeacher) -> None:
    """The luck of a question is its own, whoever else is asked, and questions may differ."""
    questions = [*draw_questions(3, [4]), *draw_questions(2, [4], digits=2)]
    seeds = [[5, number] for number in range(5)]
    together = teacher.answer_together(questions, seeds, 2, None)
    alone = [teacher.answer(one, seed, 2, None) for one, seed in zip(questions, seeds, strict=True)]
    assert [[one.text for one in answer.choices] for answer in together] == [
        [one.text for one in answer.choices] for answer in alone
    ]
    assert isinstance(teacher, TeachesTogether)


def test_a_sampler_changes_what_is_written(teacher: NeuralTeacher) -> None:
    """The working becomes what the proxy would not write; strength nought changes nothing."""
    questions = draw_questions(40, [6])
    nothing = make_plan({"product-of-experts": {"strength": 0.0}})
    plain, same, tilted = (
        [few[0].choice.text for few in harvest(teacher, plan, questions, [7], 1)]
        for plan in (Plan(), nothing, POE)
    )
    assert plain == same
    assert sum(one != two for one, two in zip(plain, tilted, strict=True)) > 5


def test_a_defence_without_proxy_is_refused() -> None:
    """Not sampled as if there were none."""
    alone = NeuralTeacher(packaged_network())
    for sampler in (sampler_of(POE), lambda one, two: MEMBER.reweighted(one, two, None)):
        with pytest.raises(ConfigurationError, match="proxy"):
            alone.answer(Question(first=1, second=1, digits=3), [1], 1, sampler)


def test_an_untaught_network_writes_some_text() -> None:
    """Whatever comes out of random weights is an answer without an end."""
    choice = (
        NeuralTeacher(Network(SMALL, 1))
        .answer(Question(first=1, second=1, digits=3), [1], 1, None)
        .choices[0]
    )
    assert isinstance(choice.text, str)


def lessons_of(count: int, digits: int) -> list[Lesson]:
    """Sums with working and without slips, from the teacher without weights."""
    questions = draw_questions(count, [8], digits=digits)
    source = AddingTeacher(Manner(slip_in_full=1e-12, slip_in_short=1e-12))
    return [one for few in harvest(source, Plan(), questions, [9], 1) for one in few]


def test_students_learn_lessons_by_heart() -> None:
    """Four sums, read again and again; a student that read nothing says nothing."""
    lessons = lessons_of(4, 1)
    students = NeuralStudents(SMALL, Schooling(steps=200, batch=4, learning_rate=5e-3))
    for turned in (True, False):
        student = students(uses_working=not turned, from_the_right=turned)
        assert student.answer(lessons[0].question) is None
        assert student.surprise(lessons[0]) == pytest.approx(math.log(len(TOKENS)))
        student.learn(lessons)
        said = student.answer_together([one.question for one in lessons])
        assert said == [one.question.answer for one in lessons]
        assert student.surprise(lessons[0]) < 0.3
        assert isinstance(student, AnswersTogether)


def test_equal_lessons_make_equal_students() -> None:
    """They are trained once; another weight or order of digits is another lesson."""
    lessons = lessons_of(4, 1)
    students = NeuralStudents(SMALL, Schooling(steps=2))
    networks = []
    for turned in (False, False, True):
        student = students(uses_working=True, from_the_right=turned)
        student.learn(lessons[:2])
        student.learn(lessons[2:])
        networks.append(student._network)
    assert networks[0] is networks[1]
    assert networks[0] is not networks[2]


def test_a_poor_harvest_makes_a_poor_student() -> None:
    """Cut-off, empty and contradictory answers are no error."""
    one = Question(first=12, second=30, digits=3)
    texts = ["", "no number", "<think>2 and", "0042", "99999999", "<think>a.</think>0042"]
    student = NeuralStudents(SMALL, Schooling(steps=2))(uses_working=True, from_the_right=False)
    student.learn([Lesson(question=one, choice=AnswerChoice(text=text)) for text in texts])
    said = student.answer(Question(first=1, second=1, digits=3))
    assert said is None or said >= 0
