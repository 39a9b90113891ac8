"""The guardrail gap of made-up suspects: what is found, what is not, and how often wrongly."""

from __future__ import annotations

import json
import math

import jsonschema
import msgspec
import numpy as np
import pytest

from cautery.errors import ConfigurationError
from cautery.provenance.answer_grading import RuleGrader
from cautery.provenance.grade_agreement import agreements, labelled_answers
from cautery.provenance.graded_answers import GradedAnswers
from cautery.provenance.probe_schema import probe_schema
from cautery.provenance.probes.guardrail_gap import MEMBER, GuardrailQuestion
from cautery.provenance.suite_items import SuiteItem, shipped_items
from cautery.records.probe import AnswerGrade, ProbeReport, ProbeVerdict

ITEMS = shipped_items()
AGREEMENT = agreements(RuleGrader(), labelled_answers())
OTHER_GRADE = {
    AnswerGrade.REFUSED: AnswerGrade.COMPLIED,
    AnswerGrade.COMPLIED: AnswerGrade.REFUSED,
    AnswerGrade.DISCLOSED: AnswerGrade.DENIED,
}


def model(name: str, lost: set[str] = frozenset()) -> GradedAnswers:  # type: ignore[assignment]
    """A model that does what is wanted, but for some items."""
    grades = {
        item.id: OTHER_GRADE[item.wanted] if item.id in lost else item.wanted for item in ITEMS
    }
    return GradedAnswers(name=name, grades=grades)


def ids_of(suite: str, count: int = 30) -> set[str]:
    """Items of a suite."""
    return {item.id for item in [each for each in ITEMS if each.suite == suite][:count]}


def examined(suspect: GradedAnswers, teacher: GradedAnswers | None = None) -> ProbeReport:
    """Run the probe, and check its report against the schema."""
    question = GuardrailQuestion(
        items=ITEMS, teacher=teacher or model("teacher"), graders=AGREEMENT
    )
    report = MEMBER.examine(suspect, question)
    document = json.loads(msgspec.json.encode(report))
    jsonschema.Draft202012Validator(probe_schema()).validate(document)
    return report


def test_an_unguarded_copy_is_shown_where_it_lost() -> None:
    """Both refusing suites are named, the others are not, and categories add up."""
    lost = ids_of("harmful-request", 15) | ids_of("jailbreak-resistance")
    report = examined(model("copy", lost))
    assert report.verdict is ProbeVerdict.DETECTED
    by_name = {suite.suite: suite for suite in report.suites}
    assert [suite.suite for suite in report.suites if suite.detected] == [
        "harmful-request",
        "jailbreak-resistance",
    ]
    harmful = by_name["harmful-request"]
    assert (harmful.lost, harmful.gained, harmful.difference) == (15, 0, 0.5)
    assert harmful.difference_low < 0.5 < harmful.difference_high
    assert harmful.log10_p == pytest.approx(-15 * math.log10(2))
    assert sum(each.lost for each in harmful.categories) == 15
    assert by_name["identity"].log10_corrected_p == 0.0


def test_an_over_refusing_copy_lost_helpfulness_only() -> None:
    """That it refuses more is a loss in the suite of harmless requests, and no other."""
    report = examined(model("copy", ids_of("over-refusal", 20)))
    assert [suite.suite for suite in report.suites if suite.detected] == ["over-refusal"]


def test_a_better_guarded_suspect_is_not_accused() -> None:
    """What was gained is counted, and never a loss."""
    teacher = model("teacher", ids_of("harmful-request"))
    report = examined(model("suspect"), teacher)
    harmful = next(suite for suite in report.suites if suite.suite == "harmful-request")
    assert (harmful.lost, harmful.gained, harmful.difference) == (0, 30, -1.0)
    assert harmful.loss_needed is None
    assert report.verdict is ProbeVerdict.NOT_DETECTED


def test_an_unguarded_teacher_shows_nothing() -> None:
    """Where the teacher has nothing to lose, the report says that it is too little."""
    everything = {item.id for item in ITEMS}
    report = examined(model("suspect", everything), model("teacher", everything))
    assert report.verdict is ProbeVerdict.TOO_LITTLE


def test_answers_that_say_nothing_are_left_out() -> None:
    """An unclear or missing answer of either counts for nobody."""
    broken = GradedAnswers(
        name="broken",
        grades={item.id: AnswerGrade.UNCLEAR for item in ITEMS if item.suite == "identity"},
        notes=("it was slow",),
    )
    report = examined(broken)
    assert {suite.pairs for suite in report.suites} == {0}
    assert {suite.left_out for suite in report.suites} == {30}
    assert report.verdict is ProbeVerdict.TOO_LITTLE
    assert report.notes == ("suspect: it was slow",)


def test_size_over_all_suites_under_the_null() -> None:
    """Of 300 suspects that do as the teacher does by chance, at most some per cent are named."""
    random = np.random.default_rng(5)
    named = 0
    for _ in range(300):
        drawn = [
            {item.id for item, one in zip(ITEMS, row, strict=True) if one}
            for row in random.random((2, len(ITEMS))) < 0.4
        ]
        question = GuardrailQuestion(
            items=ITEMS, teacher=model("t", drawn[0]), graders=AGREEMENT, level=0.05
        )
        named += MEMBER.examine(model("s", drawn[1]), question).verdict == ProbeVerdict.DETECTED
    assert named <= 300 * 0.05 + 3 * math.sqrt(300 * 0.05 * 0.95)


@pytest.mark.parametrize(
    "more",
    [{"items": ()}, {"graders": ()}, {"level": 0.0}, {"level": float("nan")}],
    ids=["items", "graders", "level", "nan"],
)
def test_questions_that_are_none(more: dict[str, object]) -> None:
    """They are refused, naming what is wrong."""
    given: dict[str, object] = {"items": ITEMS, "teacher": model("t"), "graders": AGREEMENT}
    with pytest.raises(ConfigurationError):
        MEMBER.examine(model("s"), GuardrailQuestion(**(given | more)))  # type: ignore[arg-type]


def test_one_item_is_a_suite() -> None:
    """The smallest suite works, and says that it shows nothing."""
    item = SuiteItem(id="x", suite="mine", prompt="May I?", wanted=AnswerGrade.REFUSED)
    teacher = GradedAnswers(name="t", grades={"x": AnswerGrade.REFUSED})
    suspect = GradedAnswers(name="s", grades={"x": AnswerGrade.COMPLIED})
    question = GuardrailQuestion(items=(item,), teacher=teacher, graders=AGREEMENT)
    report = MEMBER.examine(suspect, question)
    assert report.verdict is ProbeVerdict.TOO_LITTLE
    assert report.suites[0].lost == 1
