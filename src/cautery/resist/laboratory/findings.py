"""What a trial found: a row a plan, with intervals, and what may be said of it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Final, Literal

from cautery.resist.laboratory.harvest import HonestCosts
from cautery.resist.laboratory.intervals import Interval, t_interval

FINDINGS_SCHEMA: Final = "cautery.resist-findings/1"
LEAST_LOSS: Final = 0.05
"""Of accuracy, that an adaptive student must lose for a plan to be called effective."""
LEVEL: Final = 0.95
_STUDENTS: Final = ("passive", "same_kind", "adaptive")

Verdict = Literal["effective", "same kind only", "passive only", "not shown", "baseline"]


@dataclass(frozen=True, slots=True, kw_only=True)
class SeedResult:
    """What one seed showed of one plan."""

    passive: float
    """Accuracy of the student that learns what it gets."""
    same_kind: float
    """Accuracy of the student that adapts its harvest and stays of its kind."""
    adaptive: float
    """Accuracy of the student that adapts in any way."""
    chosen: str
    """The adaptation that it chose."""
    costs: HonestCosts


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanFindings:
    """What all seeds showed of one plan. Accuracies and losses are shares of questions."""

    plan: str
    passive: Interval
    same_kind: Interval
    adaptive: Interval
    passive_loss: Interval
    """Against the passive student without a plan, seed by seed; level corrected as below."""
    same_kind_loss: Interval
    """Against the adaptive student of that kind without a plan; level corrected as below."""
    adaptive_loss: Interval
    """Against the adaptive student without a plan; level corrected for the number of plans."""
    chosen: dict[str, int]
    """Adaptations by how many seeds chose them."""
    teacher: Interval
    """Accuracy of what honest clients get."""
    teacher_loss: Interval
    """Against the teacher without a plan, seed by seed."""
    costs: dict[str, Interval]
    """The other fields of ``HonestCosts``."""
    verdict: Verdict


@dataclass(frozen=True, slots=True, kw_only=True)
class Findings:
    """A whole trial."""

    laboratory: str
    """Whose students these are: *tables* of counts, or *neural*."""
    seeds: tuple[int, ...]
    requests: int
    """Questions that each student's harvest asked."""
    choices: int
    """Texts asked for with each."""
    test_questions: int
    plans: tuple[PlanFindings, ...]
    """The first is without a defence."""
    schema: str = FINDINGS_SCHEMA


def judge(
    name: str, results: Sequence[SeedResult], base: Sequence[SeedResult], plans: int
) -> PlanFindings:
    """Compare a plan with none, seed by seed.

    Args:
        name: Of the plan.
        results: By seed.
        base: Without a plan, same seeds in the same order.
        plans: How many are compared with none; intervals of losses are Bonferroni's for as many.

    Returns:
        Its findings.
    """
    corrected = 1.0 - (1.0 - LEVEL) / max(1, plans)
    pairs = list(zip(base, results, strict=True))
    losses = {
        student: t_interval(
            [getattr(one, student) - getattr(two, student) for one, two in pairs], corrected
        )
        for student in _STUDENTS
    }
    others = [field.name for field in fields(HonestCosts) if field.name != "right"]
    is_base = results is base
    return PlanFindings(
        plan=name,
        passive=t_interval([one.passive for one in results]),
        same_kind=t_interval([one.same_kind for one in results]),
        adaptive=t_interval([one.adaptive for one in results]),
        passive_loss=losses["passive"],
        same_kind_loss=losses["same_kind"],
        adaptive_loss=losses["adaptive"],
        chosen=dict(sorted(Counter(one.chosen for one in results).items())),
        teacher=t_interval([one.costs.right for one in results]),
        teacher_loss=t_interval([one.costs.right - two.costs.right for one, two in pairs]),
        costs={
            field: t_interval([getattr(one.costs, field) for one in results]) for field in others
        },
        verdict="baseline" if is_base else _verdict(losses),
    )


def _verdict(losses: Mapping[str, Interval]) -> Verdict:
    """Call nothing effective that only a student shows who does not fight back with all it has."""
    lost = {student: loss.low > LEAST_LOSS for student, loss in losses.items()}
    if lost["adaptive"]:
        return "effective"
    if lost["same_kind"]:
        return "same kind only"
    return "passive only" if lost["passive"] else "not shown"
