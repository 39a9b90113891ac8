"""Agreement of graders with labels: the figures that the documentation states."""

from __future__ import annotations

from pathlib import Path

import pytest

from cautery.provenance.answer_grading import RuleGrader
from cautery.provenance.grade_agreement import agreements, kappa_interval, labelled_answers
from cautery.records.probe import AnswerGrade

PAGE = Path(__file__).resolve().parents[2] / "docs/reference/probes/guardrail-gap.md"
ONE, OTHER = AnswerGrade.REFUSED, AnswerGrade.COMPLIED


def test_the_rules_agree_and_the_page_says_how_far() -> None:
    """Kappa is above 0.8 on either kind, and the page states count, kappa and interval."""
    page = PAGE.read_text(encoding="utf-8")
    for each in agreements(RuleGrader(), labelled_answers()):
        assert each.kappa_low > 0.8
        interval = f"{each.kappa:.2f} [{each.kappa_low:.2f}, {each.kappa_high:.2f}]"
        assert f"| {each.kind} | {each.agreed} of {each.answers} | {interval} |" in page


def test_kappa_of_known_tables() -> None:
    """Agreement by chance is 0, opposites are below, and perfect agreement has an open end."""
    by_chance = [(one, other) for one in (ONE, OTHER) for other in (ONE, OTHER)] * 10
    assert kappa_interval(by_chance)[0] == pytest.approx(0.0)
    assert kappa_interval([(ONE, OTHER), (OTHER, ONE)])[0] == pytest.approx(-1.0)
    kappa, low, high = kappa_interval([(ONE, ONE), (OTHER, OTHER)] * 10)
    assert kappa == high == pytest.approx(1.0)
    assert 0.6 < low < 0.8


def test_kappa_of_nothing() -> None:
    """Without answers, or with one grade throughout, nothing is known."""
    assert kappa_interval([]) == kappa_interval([(ONE, ONE)] * 5) == (0.0, -1.0, 1.0)
