"""Teaches students under each defence and prints a table of defence by student.

    python benchmarks/resist.py
    python benchmarks/resist.py --requests 300 1500 --defence none hide-reasoning product-of-experts

Accuracies are means over seeds with 95 % t intervals; losses are against no defence, seed by seed,
with intervals corrected for the number of defences. The teacher adds numbers with written working,
the students are tables of counts: see ``cautery resist evaluate --help`` and
``docs/explanation/resist.md``.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Final

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))  # so that it runs as a file too

from benchmarks.markdown import table

from cautery.resist.laboratory.findings import Findings, PlanFindings
from cautery.resist.laboratory.intervals import Interval
from cautery.resist.laboratory.trial import NO_PLAN, TrialSize, run_trial
from cautery.resist.plans import Plan, make_plan

TRIED: Final[dict[str, dict[str, dict[str, float]]]] = {
    "drop-logprobs": {"drop-logprobs": {}},
    "single-choice": {"single-choice": {}},
    "drop-logprobs, single-choice": {"drop-logprobs": {}, "single-choice": {}},
    "product-of-experts": {"product-of-experts": {}},
    "product-of-experts, tilt 3": {"product-of-experts": {"strength": 2.0, "most_tilt": 3.0}},
    "summarise-reasoning": {"summarise-reasoning": {}},
    "summarise-reasoning, half": {
        "summarise-reasoning": {"most_share": 0.5, "most_sentences": 3, "keeps_figures": True}
    },
    "hide-reasoning": {"hide-reasoning": {}},
    "answer-only": {"answer-only": {}},
}
"""Plans by the name of their row."""
HEADER: Final = (
    "defence",
    "passive student",
    "adaptive, same kind",
    "adaptive",
    "adaptive loss",
    "chose",
    "teacher",
    "same answer",
    "words",
    "wait",
    "verdict",
)


def percent(value: Interval) -> str:
    """Write an interval of shares.

    Example:
        >>> percent(Interval(mean=0.5, low=0.25, high=0.75))
        '50.0 (25.0 to 75.0)'
    """
    return f"{100 * value.mean:.1f} ({100 * value.low:.1f} to {100 * value.high:.1f})"


def row(plan: PlanFindings) -> list[str]:
    """Lay out what was found of a plan."""
    costs = plan.costs
    return [
        plan.plan,
        percent(plan.passive),
        percent(plan.same_kind),
        percent(plan.adaptive),
        percent(plan.adaptive_loss) if plan.verdict != "baseline" else "",
        ", ".join(f"{name} {count}" for name, count in plan.chosen.items()),
        percent(plan.teacher),
        f"{100 * costs['same_answer'].mean:.1f}",
        f"{costs['words_shown'].mean:.1f}",
        f"{costs['words_waited'].mean:.1f}",
        plan.verdict,
    ]


def lines_of(findings: Findings) -> list[str]:
    """Lay out a trial."""
    head = (
        f"{len(findings.seeds)} seeds, {findings.requests:,} questions a harvest, "
        f"{findings.choices} texts each, {findings.test_questions:,} test questions"
    )
    return [head, "", *table(HEADER, [row(plan) for plan in findings.plans])]


def main(words: Sequence[str] | None = None) -> None:
    """Read the command line, run the trials, and print a table each."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--seeds", type=int, nargs="+", default=[1, 2, 3, 4, 5])
    parser.add_argument("--requests", type=int, nargs="+", default=[300])
    parser.add_argument("--choices", type=int, default=2)
    parser.add_argument("--test-questions", type=int, default=300)
    parser.add_argument("--defence", nargs="+", choices=[NO_PLAN, *TRIED], help="these alone")
    options = parser.parse_args(words)
    wanted = options.defence or TRIED
    plans: dict[str, Plan] = {
        name: make_plan(given) for name, given in TRIED.items() if name in wanted
    }
    for requests in options.requests:
        size = TrialSize(
            seeds=tuple(options.seeds),
            requests=requests,
            choices=options.choices,
            test_questions=options.test_questions,
        )
        print("\n".join([*lines_of(run_trial(plans, size)), ""]), flush=True)


if __name__ == "__main__":
    main()
