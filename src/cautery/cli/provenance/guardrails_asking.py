"""Asks teacher and suspect for ``cautery provenance guardrails``; each answer is graded at once."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

import msgspec

from cautery.cli.exits import printable
from cautery.cli.progress import progress_for
from cautery.cli.watermark.line_files import opened
from cautery.errors import ConfigurationError, InputError, UsageError
from cautery.guard.secret_files import read_credential
from cautery.provenance.asking import ask, left_of
from cautery.provenance.endpoint import Endpoint
from cautery.provenance.graded_answers import (
    GRADES_SCHEMA,
    GradedAnswers,
    GradedState,
    Grading,
    grade_lines,
    graded_answers,
)
from cautery.provenance.query_plan import Budget, Prompt, QueryPlan, Spent, estimate
from cautery.provenance.query_state import AnswerLine, PlanHeader
from cautery.provenance.suspect_files import MAX_LINE_BYTES

if TYPE_CHECKING:
    from cautery.cli.provenance.guardrails_options import GuardrailOptions

ADDRESSES: Final = ("http://", "https://")
MOST_ANSWER_TOKENS: Final = 32_768
MOST_TIMEOUT_SECONDS: Final = 3_600.0
MOST_ANSWERS: Final = 100_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Party:
    """The teacher or the suspect, as the verb was told."""

    role: str
    """``teacher`` or ``suspect``."""
    source: str
    """Address or file."""
    model: str
    state: Path | None
    key_file: Path | None


class _GivenAnswer(msgspec.Struct, frozen=True):
    id: str
    text: str
    finish_reason: str = ""


def endpoint_of(url: str, model: str, key_file: Path | None, options: GuardrailOptions) -> Endpoint:
    """Describe an endpoint, with the options that hold for all.

    Args:
        url: Its address.
        model: Name of its model.
        key_file: File with its key.
        options: The options.

    Returns:
        The endpoint.

    Raises:
        ConfigurationError: An option is none.
    """
    if not 1 <= options.max_tokens <= MOST_ANSWER_TOKENS:
        raise ConfigurationError(f"must be from 1 to {MOST_ANSWER_TOKENS:,}", where="max-tokens")
    if not 0.0 <= options.temperature <= 2.0:
        raise ConfigurationError("must be from 0 to 2", where="temperature")
    if not 0.0 < options.timeout_seconds <= MOST_TIMEOUT_SECONDS:
        raise ConfigurationError("must be above 0 and at most an hour", where="timeout-seconds")
    return Endpoint(
        url=url,
        model=model,
        style=options.style,
        max_tokens=options.max_tokens,
        temperature=options.temperature,
        key=read_credential(key_file) if key_file else None,
        seconds=options.timeout_seconds,
    )


def grades_of(
    party: Party, options: GuardrailOptions, grading: Grading, *, silent: bool
) -> GradedAnswers | None:
    """Get a party's grades: from its endpoint, or from a file of its answers.

    Args:
        party: Who.
        options: How it is asked.
        grading: How answers are graded.
        silent: Show no progress.

    Returns:
        The grades; None if only the estimate was wanted.

    Raises:
        UsageError: An option that asking needs was not given.
        InputError: There is no answer.
        EndpointError: It does not answer; the same command goes on.
    """
    if party.source.startswith(ADDRESSES):
        found = _asked(party, options, grading, silent=silent)
    elif options.estimate_only:
        return None
    else:
        with progress_for(sys.stderr, silent=silent) as progress:
            progress.start("grading", len(grading.items), "answers")
            lines = _given(party.source)
            found = grade_lines(party.source, lines, grading, progress.advance)
            progress.finish(f"{len(found.grades):,} answers of the {party.role}")
    if found is not None and not found.grades:
        raise InputError(f"the {party.role} gave no answer to any item", where=party.source)
    return found


def _asked(
    party: Party, options: GuardrailOptions, grading: Grading, *, silent: bool
) -> GradedAnswers | None:
    role = party.role
    if not party.model or party.state is None:
        raise UsageError(f"an endpoint needs --{role}-model and --{role}-state")
    endpoint = endpoint_of(party.source, party.model, party.key_file, options)
    plan = _plan(options, grading)
    header = PlanHeader(
        schema=GRADES_SCHEMA,
        url=party.source,
        model=party.model,
        style=options.style,
        max_tokens=options.max_tokens,
        temperature=options.temperature,
        prompts_sha256=plan.digest,
        grader=f"judge {options.judge_model}" if options.judge else grading.grader.name,
    )
    if options.estimate_only and not party.state.exists():
        tell(f"{role}: {estimate(plan, plan.prompts, Spent()).text()}")
        return None
    with GradedState(party.state, header, grading) as state:
        tell(f"{role}: {estimate(plan, left_of(plan, state), state.spent).text()}")
        if options.estimate_only:
            return None
        with progress_for(sys.stderr, silent=silent) as progress:
            outcome = ask(plan, endpoint, state, progress, model=party.model, wait=time.sleep)
        found = graded_answers(party.source, state.lines.values(), outcome.notes)
    for note in outcome.notes:
        tell(f"{role}: {note}")
    return found


def _plan(options: GuardrailOptions, grading: Grading) -> QueryPlan:
    budget = Budget(
        requests=options.most_requests,
        output_tokens=options.most_output_tokens,
        cost=options.most_cost,
        input_price=options.input_price,
        output_price=options.output_price,
    )
    prompts = tuple(Prompt(prompt_id=item.id, text=item.prompt) for item in grading.items)
    return QueryPlan(prompts=prompts, max_tokens=options.max_tokens, budget=budget)


def _given(file: str) -> Iterator[AnswerLine]:
    """Read answers that another runner got."""
    with opened(file) as stream:
        number = 0
        while line := stream.readline(MAX_LINE_BYTES + 1):
            number += 1
            where = f"{file}:{number}"
            if len(line) > MAX_LINE_BYTES or number > MOST_ANSWERS:
                raise InputError("too long for a file of answers", where=where)
            if line.strip():
                yield _answer(line, where)


def _answer(line: bytes, where: str) -> AnswerLine:
    try:
        found = msgspec.json.decode(line, type=_GivenAnswer)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise InputError(
            f"not an answer: {error}",
            where=where,
            hint='A line is {"id": "...", "text": "..."}, with the id of its item.',
        ) from error
    return AnswerLine(
        id=found.id,
        text=found.text,
        finish_reason=found.finish_reason[:64],
        failure="" if found.text else "an empty answer",
    )


def tell(line: str) -> None:
    """Say a line to whoever waits, inert."""
    print(printable(line), file=sys.stderr, flush=True)
