"""Asks teacher and suspect for ``cautery provenance guardrails``; each answer is graded at once."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Final

import msgspec

from cautery.cli.given_files import opened
from cautery.cli.progress import progress_for
from cautery.cli.provenance.endpoint_asking import (
    ADDRESSES,
    asked,
    budget_of,
    endpoint_of,
    header_of,
    plan_of,
)
from cautery.errors import InputError, UsageError
from cautery.numbered_lines import decoded, lines_of
from cautery.provenance.graded_answers import (
    GRADES_SCHEMA,
    GradedAnswers,
    GradedState,
    Grading,
    grade_lines,
    graded_answers,
)
from cautery.provenance.inspect_logs import read_inspect_log
from cautery.provenance.query_plan import Prompt
from cautery.provenance.query_state import AnswerLine
from cautery.provenance.suspect_files import MAX_LINE_BYTES

if TYPE_CHECKING:
    from cautery.cli.provenance.guardrails_options import GuardrailOptions

MOST_ANSWERS: Final = 100_000
INSPECT_SUFFIXES: Final = (".json", ".eval")
"""Of logs of Inspect; other answers are JSON lines."""


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


_DECODER: Final = msgspec.json.Decoder(_GivenAnswer)
_HINT: Final = 'A line is {"id": "...", "text": "..."}, with the id of its item.'


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
    prompts = [Prompt(prompt_id=item.id, text=item.prompt) for item in grading.items]
    plan = plan_of(prompts, budget_of(options), options)
    grader = f"judge {options.judge_model}" if options.judge else grading.grader.name
    header = header_of(endpoint, plan, GRADES_SCHEMA, grader)
    state = partial(GradedState, party.state, header, grading)
    outcome = asked(endpoint, plan, party.state, state, options, silent=silent, role=role)
    if outcome is None:
        return None
    return graded_answers(party.source, outcome.lines, outcome.notes)


def _given(file: str) -> Iterator[AnswerLine]:
    """Read answers that another runner got: a log of Inspect, or JSON lines."""
    with opened(file) as stream:
        if file.endswith(INSPECT_SUFFIXES):
            yield from read_inspect_log(stream, file)
            return
        rows = lines_of(stream, file, most_bytes=MAX_LINE_BYTES, most_lines=MOST_ANSWERS)
        for _, where, content in rows:
            yield _answer(content, where)


def _answer(content: bytes, where: str) -> AnswerLine:
    found = decoded(content, _DECODER, where=where, wanted="an answer", hint=_HINT)
    return AnswerLine(
        id=found.id,
        text=found.text,
        finish_reason=found.finish_reason[:64],
        failure="" if found.text else "an empty answer",
    )
