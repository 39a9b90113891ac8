"""Asks a suspect's endpoint for ``cautery provenance model``: plan, estimate, answers."""

from __future__ import annotations

import sys
import time
from collections.abc import Sequence
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
from cautery.provenance.query_plan import Budget, Prompt, QueryPlan, Spent, estimate
from cautery.provenance.query_state import PlanHeader, QueryState
from cautery.provenance.suspect_files import MAX_LINE_BYTES, Numbered

if TYPE_CHECKING:
    from cautery.cli.provenance.model_options import AskingOptions

MOST_ANSWER_TOKENS: Final = 32_768
MOST_TIMEOUT_SECONDS: Final = 3_600.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """Answers of an endpoint."""

    state: Path
    """The file that they are in."""
    notes: tuple[str, ...]
    supervised: bool


class _PromptLine(msgspec.Struct, frozen=True):
    prompt: str
    id: str | int = ""


def answers_of(
    url: str,
    options: AskingOptions,
    exposed: Sequence[Numbered],
    *,
    silent: bool,
    top_logprobs: int = 0,
) -> Asked | None:
    """Ask what has no answer yet, after saying what it may cost.

    Args:
        url: Address of the endpoint, up to the version.
        options: How it is asked.
        exposed: Our own answers, whose prompts are asked if no others are given.
        silent: Show no progress.
        top_logprobs: Likeliest first tokens to ask for besides.

    Returns:
        The answers; None if only the estimate was wanted.

    Raises:
        UsageError: An option that asking needs was not given.
        EndpointError: It does not answer; the same command goes on.
    """
    if not options.model or options.state is None:
        raise UsageError("an endpoint needs --model and --state")
    _check(options)
    key = read_credential(options.api_key_file) if options.api_key_file else None
    endpoint = Endpoint(
        url=url,
        model=options.model,
        style=options.style,
        max_tokens=options.max_tokens,
        temperature=options.temperature,
        key=key,
        seconds=options.timeout_seconds,
        top_logprobs=top_logprobs,
    )
    plan = _plan(options, exposed)
    header = PlanHeader(
        url=url,
        model=options.model,
        style=options.style,
        max_tokens=options.max_tokens,
        temperature=options.temperature,
        prompts_sha256=plan.digest,
        top_logprobs=top_logprobs,
    )
    if options.estimate_only and not options.state.exists():
        _tell(estimate(plan, plan.prompts, Spent()).text())
        return None
    with QueryState(options.state, header) as state:
        _tell(estimate(plan, left_of(plan, state), state.spent).text())
        if options.estimate_only:
            return None
        with progress_for(sys.stderr, silent=silent) as progress:
            outcome = ask(plan, endpoint, state, progress, model=options.model, wait=time.sleep)
    for note in outcome.notes:
        _tell(note)
    if not outcome.answered:
        raise InputError("the endpoint gave no answer to any prompt", where=str(options.state))
    return Asked(state=options.state, notes=outcome.notes, supervised=options.prompts is None)


def _tell(line: str) -> None:
    print(printable(line), file=sys.stderr, flush=True)


def _check(options: AskingOptions) -> None:
    if not 1 <= options.max_tokens <= MOST_ANSWER_TOKENS:
        raise ConfigurationError(f"must be from 1 to {MOST_ANSWER_TOKENS:,}", where="max-tokens")
    if not 0.0 <= options.temperature <= 2.0:
        raise ConfigurationError("must be from 0 to 2", where="temperature")
    if not 0.0 < options.timeout_seconds <= MOST_TIMEOUT_SECONDS:
        raise ConfigurationError("must be above 0 and at most an hour", where="timeout-seconds")


def _plan(options: AskingOptions, exposed: Sequence[Numbered]) -> QueryPlan:
    budget = Budget(
        requests=options.most_requests,
        output_tokens=options.most_output_tokens,
        cost=options.most_cost,
        input_price=options.input_price,
        output_price=options.output_price,
    )
    if options.prompts is not None:
        prompts = _read_prompts(options.prompts)
    else:
        served = dict.fromkeys(line.prompt for _, line in exposed if line.prompt)
        prompts = [Prompt(prompt_id=f"served-{n}", text=one) for n, one in enumerate(served, 1)]
        if not prompts:
            raise UsageError("give --prompts, or an --exposure with prompts")
    return QueryPlan(prompts=tuple(prompts), max_tokens=options.max_tokens, budget=budget)


def _read_prompts(path: Path) -> list[Prompt]:
    prompts: list[Prompt] = []
    plain = path.suffix == ".txt"
    with opened(str(path)) as stream:
        number = 0
        while line := stream.readline(MAX_LINE_BYTES + 1):
            number += 1
            where = f"{path}:{number}"
            if len(line) > MAX_LINE_BYTES:
                raise InputError(f"a line of more than {MAX_LINE_BYTES:,} bytes", where=where)
            if line.strip():
                prompts.append(_prompt(line, number, where, plain=plain))
    return prompts


def _prompt(line: bytes, number: int, where: str, *, plain: bool) -> Prompt:
    if plain:
        text = line.decode("utf-8", errors="replace").strip()
        return Prompt(prompt_id=f"line-{number}", text=text)
    try:
        found = msgspec.json.decode(line, type=_PromptLine)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise InputError(
            f"not a prompt: {error}",
            where=where,
            hint='A line is {"id": ..., "prompt": "..."}; a file named .txt has plain lines.',
        ) from error
    return Prompt(prompt_id=str(found.id) or f"line-{number}", text=found.prompt)
