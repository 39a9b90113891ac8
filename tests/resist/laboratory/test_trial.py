"""A small trial shows what is known, calls nothing effective without cause, and repeats itself."""

from __future__ import annotations

from dataclasses import replace

import pytest

from cautery.errors import UsageError
from cautery.resist.laboratory.findings import Findings, PlanFindings
from cautery.resist.laboratory.trial import NO_PLAN, TrialSize, run_trial
from cautery.resist.plans import make_plan

SMALL = TrialSize(seeds=(1, 2, 3, 4), requests=200, choices=1, test_questions=60)
PLANS = {
    "hide": make_plan({"hide-reasoning": {}}),
    "logprobs": make_plan({"drop-logprobs": {}}),
}


@pytest.fixture(scope="module")
def findings() -> Findings:
    """Four seeds, one defence."""
    return run_trial({"hide": PLANS["hide"]}, SMALL)


def of(findings: Findings, name: str) -> PlanFindings:
    """Find a plan's row."""
    return next(plan for plan in findings.plans if plan.plan == name)


def test_students_learn_from_working(findings: Findings) -> None:
    """Without a defence, students can do most of it; without working, tables can do little."""
    base, hidden = of(findings, NO_PLAN), of(findings, "hide")
    assert base.adaptive.low > 0.4
    assert hidden.passive.high < 0.35
    assert hidden.same_kind.high < 0.4


def test_hiding_is_not_called_effective(findings: Findings) -> None:
    """A student of another kind needs no working, so the loss of tables is not the last word."""
    hidden = of(findings, "hide")
    assert hidden.chosen == {"inferred": 4}
    assert hidden.adaptive.low > hidden.same_kind.high
    assert hidden.same_kind_loss.low > 0.05
    assert hidden.verdict == "same kind only"


def test_the_baseline_loses_nothing(findings: Findings) -> None:
    """It is first, has no verdict, and is compared with itself."""
    base = findings.plans[0]
    assert (base.plan, base.verdict) == (NO_PLAN, "baseline")
    assert (base.passive_loss.mean, base.adaptive_loss.mean, base.teacher_loss.mean) == (0, 0, 0)
    assert base.costs["same_answer"].mean == 1.0


def test_costs_of_hiding(findings: Findings) -> None:
    """Honest clients get the same answers, all of the digits and none of the working, later."""
    base, hidden = of(findings, NO_PLAN), of(findings, "hide")
    assert hidden.teacher == base.teacher
    assert hidden.costs["same_answer"].low == 1.0
    assert hidden.costs["words_shown"].mean == 4.0 < base.costs["words_shown"].mean
    assert base.costs["words_waited"].mean == 0.0
    assert hidden.costs["words_waited"].mean > 20.0


def test_same_call_same_findings() -> None:
    """Nothing depends on what else is tried; two seeds and few lessons are no proof of anything."""
    size = replace(SMALL, seeds=(3, 4), requests=40, test_questions=20)
    alone = run_trial({"hide": PLANS["hide"]}, size)
    both = run_trial(PLANS, size)
    assert alone == run_trial({"hide": PLANS["hide"]}, size)
    assert of(alone, "hide").adaptive == of(both, "hide").adaptive
    assert of(both, "logprobs").verdict == "not shown"


@pytest.mark.parametrize(
    "change",
    [
        {"seeds": (1,)},
        {"seeds": (1, 1)},
        {"seeds": (-1, 1)},
        {"requests": 1},
        {"choices": 0},
        {"test_questions": 10**9},
    ],
    ids=["one-seed", "same-seeds", "negative-seed", "requests", "choices", "questions"],
)
def test_sizes_out_of_range(change: dict[str, object]) -> None:
    """What cannot be tried is refused before anything is."""
    with pytest.raises(UsageError):
        run_trial(PLANS, replace(SMALL, **change))  # type: ignore[arg-type]


def test_the_name_of_the_baseline_is_taken() -> None:
    """No plan may pass for the trial without one."""
    with pytest.raises(UsageError, match="none"):
        run_trial({NO_PLAN: PLANS["hide"]}, SMALL)
