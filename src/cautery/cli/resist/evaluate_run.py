"""What ``cautery resist evaluate`` does."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final

import msgspec

from cautery.cli.exits import printable
from cautery.errors import MissingExtraError, UsageError
from cautery.ports import Defence
from cautery.records.progress import Progress
from cautery.registry import DEFENCES
from cautery.resist.laboratory.findings import LEAST_LOSS, Findings, PlanFindings
from cautery.resist.laboratory.intervals import Interval
from cautery.resist.laboratory.trial import TABLES, TrialSize, run_trial
from cautery.resist.plans import Plan, make_plan
from cautery.resist.tiers import load_tiers

_JOINED: Final = "+"
_WIDE: Final = 24
"""Characters of an interval and of the space behind it."""
_SHARES: Final = ("passive student", "same kind", "adaptive student", "it loses", "teacher")
MOST_PLANS: Final = 50
_KINDS: Final = {TABLES: "a table", "neural": "a small transformer"}
_LEFT_OUT: Final = {
    TABLES: "; neural students: --laboratory neural",
    "neural": ", and students that were large before they came may need no lesson",
}


def evaluate_lines(
    defences: Sequence[str],
    tiers: Path | None,
    *,
    laboratory: str,
    size: TrialSize,
    output_format: str,
    progress: Progress,
) -> list[str]:
    """Run the trial; see the verb ``evaluate``."""
    if laboratory == TABLES:
        findings = run_trial(plans_of(defences, tiers), size, progress=progress)
    else:
        run_neural_trial, own = _neural_laboratory()
        findings = run_neural_trial(plans_of(defences, tiers, own), size, progress=progress)
    if output_format == "json":
        return [msgspec.json.encode(findings).decode()]
    return [printable(line) for line in table_lines(findings)]


def _neural_laboratory() -> tuple[Callable[..., Findings], tuple[Defence, ...]]:
    """Import what runs a neural trial, and the defences that are tried there alone."""
    from cautery.inference.neural_laboratory.antidistillation import ANTIDISTILLATION

    try:
        from cautery.inference.neural_laboratory.trial import run_neural_trial
    except ImportError as error:
        raise MissingExtraError(
            "the neural laboratory trains its students with PyTorch, which is not installed",
            hint="Install it: pip install 'cautery[lab]'",
        ) from error
    return run_neural_trial, (ANTIDISTILLATION,)


def plans_of(
    defences: Sequence[str], tiers: Path | None, own: Sequence[Defence] = ()
) -> dict[str, Plan]:
    """Say what is tried, by name.

    Args:
        defences: Names, joined by a plus.
        tiers: A file of tiers, or None.
        own: Defences of a laboratory that are not on the shelf.

    Returns:
        The plans; every defence by itself if nothing is asked for.

    Raises:
        UsageError: Two plans have one name, or there are too many.
    """
    plans = dict(load_tiers(tiers).plans) if tiers else {}
    names = list(defences)
    if not names and tiers is None:
        names = [name.replace("_", "-") for name in DEFENCES.names()]
        names += [defence.name for defence in own]
    for name in names:
        if name in plans:
            raise UsageError(f"'{name:.60}' is asked for twice")
        parts = name.split(_JOINED)
        if len(set(parts)) != len(parts):
            raise UsageError(f"'{name:.60}' names a defence twice")
        plans[name] = make_plan({part: {} for part in parts}, instead=own)
    if len(plans) > MOST_PLANS:
        raise UsageError(f"at most {MOST_PLANS} plans can be tried at once")
    return plans


def table_lines(findings: Findings) -> list[str]:
    """Lay findings out for people."""
    width = max(len("defence"), *(len(plan.plan) for plan in findings.plans))
    head = (
        f"{len(findings.seeds)} seeds, harvests of {findings.requests:,} questions with "
        f"{findings.choices} texts each, {findings.test_questions:,} test questions"
    )
    compared = len(findings.plans) - 1
    return [
        head,
        "",
        (
            f"{'defence':<{width}}  {''.join(f'{name:<{_WIDE}}' for name in _SHARES)}"
            "same  words  wait  passes  verdict"
        ),
        *(_row(plan, width) for plan in findings.plans),
        "",
        "Accuracies in %, means over seeds with 95 % t intervals; a loss is against no defence,",
        f"seed by seed, its interval corrected for {compared} comparisons (Bonferroni).",
        (
            "same kind: adapts its harvest and stays "
            f"{_KINDS[findings.laboratory]}; adaptive: may be another student too."
        ),
        "same: honest clients' answers that do not change, in %; words: shown of an answer; wait:",
        "words written before anything is shown; passes: forward passes a word.",
        f"effective: the adaptive student loses more than {100 * LEAST_LOSS:.0f} points, by its",
        "whole interval; same kind only, passive only: just that student does. This holds for this",
        f"task and harvest: a larger one may give the loss back{_LEFT_OUT[findings.laboratory]}.",
    ]


def _row(plan: PlanFindings, width: int) -> str:
    loss = _percent(plan.adaptive_loss) if plan.verdict != "baseline" else ""
    students = [_percent(one) for one in (plan.passive, plan.same_kind, plan.adaptive)]
    shares = [*students, loss, _percent(plan.teacher)]
    costs = plan.costs
    return (
        f"{plan.plan:<{width}}  {''.join(f'{share:<{_WIDE}}' for share in shares)}"
        f"{100 * costs['same_answer'].mean:>4.0f}  {costs['words_shown'].mean:>5.1f}  "
        f"{costs['words_waited'].mean:>4.1f}  {costs['passes_a_word'].mean:>6.0f}  {plan.verdict}"
    )


def _percent(value: Interval) -> str:
    return f"{100 * value.mean:.1f} ({100 * value.low:.1f} to {100 * value.high:.1f})"
