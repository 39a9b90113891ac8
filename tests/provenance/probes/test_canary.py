"""The canary probe: whose markers a suspect repeats, and what its report says."""

from __future__ import annotations

import json

import jsonschema
import msgspec
import pytest
from tests.provenance.test_marker_checks import KEY, copied, markers, planted

from cautery.errors import ConfigurationError
from cautery.provenance.probe_schema import probe_schema
from cautery.provenance.probes.canary import MEMBER, AnsweredQuestions, CanaryQuestion
from cautery.records.probe import Access, ProbeReport, ProbeVerdict

GIVEN = markers(30)


def report_of(answers: list[tuple[str, str]], campaigns: int = 8) -> ProbeReport:
    """Run the probe, and check the report against the schema."""
    question = CanaryQuestion(planted=tuple(planted(campaigns, GIVEN)), key=KEY)
    report = MEMBER.examine(AnsweredQuestions(name="suspect", answers=tuple(answers)), question)
    jsonschema.Draft202012Validator(probe_schema()).validate(
        json.loads(msgspec.json.encode(report))
    )
    return report


def test_a_copy_is_named_with_its_campaign() -> None:
    """Half of the markers repeated is enough; no other campaign is named."""
    report = report_of(copied("C-2", GIVEN, 0.6, 3))
    assert (report.verdict, report.campaign_ids) == (ProbeVerdict.DETECTED, ("C-2",))
    first = report.markers[0]
    assert first.log10_p <= first.log10_corrected_p <= -3.0
    assert 0.2 < (first.share_needed or 0.0) < 0.8
    assert report.wrong_keys is not None
    assert report.wrong_keys.rate <= 0.01
    assert (report.access, report.supervised, report.texts) == (Access.CLOSED, True, 30)


def test_others_are_not() -> None:
    """A suspect that says something of its own, or nothing, is not accused; too little is told."""
    assert report_of(copied("C-99", GIVEN, 1.0, 3)).verdict is ProbeVerdict.NOT_DETECTED
    silent = report_of([(f"On {one.words[0]}", "Well.") for one in GIVEN])
    assert silent.verdict is ProbeVerdict.TOO_LITTLE
    assert {test.counted for test in silent.markers} == {0}


def test_answers_have_no_order() -> None:
    """A report of the same answers is the same, whichever came first."""
    answers = copied("C-2", GIVEN, 0.5, 3)
    assert report_of(answers) == report_of(answers[::-1])


def test_questions_that_are_refused() -> None:
    """Without a marker, or a level, nothing is asked."""
    with pytest.raises(ConfigurationError, match="no marker"):
        MEMBER.check_question(CanaryQuestion(planted=(), key=KEY))
    with pytest.raises(ConfigurationError, match="between 0 and 1"):
        MEMBER.check_question(CanaryQuestion(planted=tuple(planted(1, GIVEN)), key=KEY, level=1.0))
