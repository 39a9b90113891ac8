"""What ``cautery provenance lineage`` does."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Final

from cautery.cli.given_files import opened
from cautery.cli.provenance.endpoint_asking import ADDRESSES, tell
from cautery.cli.provenance.lineage_summary import summary
from cautery.cli.provenance.model_asking import answers_of, given_answers
from cautery.cli.provenance.publishing import check_recording, published
from cautery.errors import ConfigurationError, UsageError
from cautery.provenance.lineage_files import read_answers
from cautery.provenance.next_token_agreement import DEEPEST, AnsweredModel
from cautery.provenance.probes.lineage import (
    MEMBER,
    LineageQuestion,
    check_question,
    missing_controls,
)

if TYPE_CHECKING:
    from cautery.cli.provenance.endpoint_options import ShowingOptions
    from cautery.cli.provenance.model_asking import Asked
    from cautery.cli.provenance.model_options import AskingOptions, LedgerOptions

ANSWER_TOKENS: Final = 16
"""Tokens that an endpoint is asked for: enough for a word of any tokenizer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LineageRequest:
    """What the verb was told."""

    suspect: str
    teachers: tuple[Path, ...]
    controls: tuple[Path, ...]
    level: float
    top_logprobs: int
    collect_only: bool
    asking: AskingOptions
    recording: LedgerOptions
    showing: ShowingOptions


def run_lineage(request: LineageRequest) -> list[str]:
    """Test a suspect; see the verb ``lineage``.

    Args:
        request: What the verb was told.

    Returns:
        Lines for standard output.
    """
    check_recording(request.recording)
    if not 0 <= request.top_logprobs <= DEEPEST:
        raise ConfigurationError(f"must be from 0 to {DEEPEST}", where="top-logprobs")
    if request.collect_only:
        if not request.suspect.startswith(ADDRESSES):
            raise UsageError("--collect-only asks an endpoint: give its address as --suspect")
        _asked(request.suspect, request)
        return []
    # Files first: a wrong one should not show after an endpoint was paid.
    question = _question(request)
    given = given_answers(request.suspect, lambda url: _asked(url, request))
    if given is None:
        return []
    suspect, odd = _model(given.file)
    question = replace(question, notes=(*given.notes, *odd, *question.notes))
    report = MEMBER.examine(replace(suspect, name=request.suspect), question)
    return published(report, request.recording, request.showing, summary)


def _question(request: LineageRequest) -> LineageQuestion:
    """Read the answers of teachers and controls."""
    teachers = [_model(str(path)) for path in request.teachers]
    controls = [_model(str(path)) for path in request.controls]
    question = LineageQuestion(
        teachers=tuple(model for model, _ in teachers),
        controls=tuple(model for model, _ in controls),
        level=request.level,
        notes=tuple(note for _, more in (*teachers, *controls) for note in more),
    )
    check_question(question)
    for note in missing_controls(question):  # before an endpoint is asked
        tell(note)
    return question


def _asked(url: str, request: LineageRequest) -> Asked | None:
    """Ask an endpoint greedily and briefly; None if only the estimate was wanted."""
    if request.asking.prompts is None:
        raise UsageError("an endpoint needs --prompts: those that the other models answered")
    most = min(request.asking.max_tokens, ANSWER_TOKENS)
    asking = replace(request.asking, temperature=0.0, max_tokens=most)
    silent, top = request.showing.no_progress, request.top_logprobs
    return answers_of(url, asking, (), silent=silent, top_logprobs=top)


def _model(file: str) -> tuple[AnsweredModel, tuple[str, ...]]:
    with opened(file) as stream:
        return read_answers(stream, file, file)
