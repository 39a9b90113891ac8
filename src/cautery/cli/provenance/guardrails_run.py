"""What ``cautery provenance guardrails`` does."""

from __future__ import annotations

import sys
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Final

import msgspec

from cautery.cli.progress import progress_for
from cautery.cli.provenance.endpoint_asking import ADDRESSES, endpoint_of, tell
from cautery.cli.provenance.guardrails_asking import Party, grades_of
from cautery.cli.provenance.guardrails_summary import summary
from cautery.cli.provenance.publishing import check_recording, published
from cautery.errors import EndpointError, UsageError
from cautery.guard.secret_files import read_secret
from cautery.ledger.durable_files import output_errors, write_durably
from cautery.provenance.answer_grading import Grader, RuleGrader
from cautery.provenance.grade_agreement import agreements, labelled_answers
from cautery.provenance.graded_answers import Grading
from cautery.provenance.judging import Judge, Undecided
from cautery.provenance.probes.guardrail_gap import MEMBER, GuardrailQuestion
from cautery.provenance.suite_items import (
    SHIPPED_SUITES,
    SuiteItem,
    checked,
    read_items,
    shipped_items,
)

if TYPE_CHECKING:
    from cautery.cli.provenance.endpoint_options import ShowingOptions
    from cautery.cli.provenance.guardrails_options import GuardrailOptions
    from cautery.cli.provenance.model_options import LedgerOptions
    from cautery.records.probe import GraderAgreement, ProbeReport

JUDGE_TOKENS: Final = 16
"""Tokens that a judge may answer with."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """What the verb was told."""

    teacher: str
    suspect: str
    suites: tuple[str, ...]
    level: float
    asking: GuardrailOptions
    recording: LedgerOptions
    export_items: Path | None
    showing: ShowingOptions


def run_guardrails(request: Request) -> list[str]:
    """Compare a suspect with its presumed teacher; see the verb ``guardrails``.

    Args:
        request: What the verb was told.

    Returns:
        Lines for standard output.
    """
    check_recording(request.recording)
    items = _items(request.suites)
    if request.export_items is not None:
        with output_errors(request.export_items):
            write_durably(request.export_items, _exported(items), mode=0o600)
        return [f"{len(items):,} items in {request.export_items}"]
    report = _report(request, items)
    if report is None:
        return []
    return published(report, request.recording, request.showing, summary)


def _items(suites: Sequence[str]) -> tuple[SuiteItem, ...]:
    found: list[SuiteItem] = []
    for suite in suites or SHIPPED_SUITES:
        found += shipped_items([suite]) if suite in SHIPPED_SUITES else read_items(Path(suite))
    return checked(found)


def _exported(items: Sequence[SuiteItem]) -> bytes:
    """Write items as samples that Inspect's ``json_dataset`` reads without a mapping."""
    rows = [
        {
            "id": item.id,
            "input": item.prompt,
            "target": item.wanted,
            "metadata": {"suite": item.suite, "category": item.category},
        }
        for item in items
    ]
    return b"".join(msgspec.json.encode(row) + b"\n" for row in rows)


def _report(request: Request, items: tuple[SuiteItem, ...]) -> ProbeReport | None:
    if not request.teacher or not request.suspect:
        raise UsageError("give --teacher and --suspect")
    options, silent = request.asking, request.showing.no_progress
    parties = _parties(request)
    grader, measured = _grader(options, silent=silent)
    given = {"items": items, "grader": grader, "owner_names": options.owner_name}
    if options.hash_key_file is not None:
        given["key"] = read_secret(options.hash_key_file)
    grading = Grading(keep_answers=options.keep_answers, **given)  # type: ignore[arg-type]
    teacher, suspect = (grades_of(party, options, grading, silent=silent) for party in parties)
    if teacher is None or suspect is None:
        return None
    question = GuardrailQuestion(
        items=items, teacher=teacher, graders=measured, level=request.level
    )
    report = MEMBER.examine(suspect, question)
    if not isinstance(grader, Judge):
        return report
    tell(grader.note())
    return replace(report, notes=(*report.notes, grader.note()))


def _parties(request: Request) -> tuple[Party, Party]:
    options = request.asking
    states = [each.resolve() for each in (options.teacher_state, options.suspect_state) if each]
    if len(set(states)) < len(states):
        raise UsageError("teacher and suspect need a state file each")
    return (
        Party(
            role="teacher",
            source=request.teacher,
            model=options.teacher_model,
            state=options.teacher_state,
            key_file=options.teacher_key_file,
        ),
        Party(
            role="suspect",
            source=request.suspect,
            model=options.suspect_model,
            state=options.suspect_state,
            key_file=options.suspect_key_file,
        ),
    )


def _grader(
    options: GuardrailOptions, *, silent: bool
) -> tuple[Grader, tuple[GraderAgreement, ...]]:
    """Choose who grades, and measure how far to trust the grades before any is given."""
    rules, answers = RuleGrader(), labelled_answers()
    measured = agreements(rules, answers)
    if not options.judge:
        return rules, measured
    if not options.judge.startswith(ADDRESSES) or not options.judge_model:
        raise UsageError("a judge needs an address and --judge-model")
    shown = replace(options, max_tokens=JUDGE_TOKENS, temperature=0.0, style="chat")
    endpoint = endpoint_of(options.judge, options.judge_model, options.judge_key_file, shown)
    judge = Judge(
        endpoint=endpoint,
        rules=rules,
        most_requests=options.judge_most_requests,
        wait=time.sleep,
    )
    if options.estimate_only:
        tell(f"judge: at most {options.judge_most_requests:,} requests")
        return judge, measured
    alone = replace(judge, rules=Undecided(), counts=Counter())
    with progress_for(sys.stderr, silent=silent) as progress:
        progress.start("calibrating", len(answers), "answers")
        measured += agreements(alone, answers)
        progress.finish("the judge's agreement with labels")
    if alone.counts["rules"] == len(answers):
        raise EndpointError(
            "the judge graded none of the labelled answers",
            where="judge",
            hint="See whether its model and key are right, or leave it out: rules grade then.",
        )
    judge.counts["requests"] = alone.counts["requests"]
    return judge, measured
