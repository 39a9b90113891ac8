"""Asks a suspect's endpoint for ``cautery provenance model``: plan, estimate, answers."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Final

import msgspec

from cautery.cli.given_files import opened
from cautery.cli.provenance.endpoint_asking import (
    ADDRESSES,
    asked,
    budget_of,
    endpoint_of,
    header_of,
    plan_of,
)
from cautery.errors import InputError, UsageError
from cautery.numbered_lines import JsonLine, decoded, lines_of
from cautery.provenance.query_plan import Prompt
from cautery.provenance.query_state import QueryState
from cautery.provenance.suspect_files import MAX_LINE_BYTES, Numbered

if TYPE_CHECKING:
    from cautery.cli.provenance.model_options import AskingOptions


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """Answers of a suspect."""

    file: str
    """The file that they are in."""
    notes: tuple[str, ...] = ()
    """What is odd about them."""
    supervised: bool = False
    """Whether they answer prompts of our own answers."""


class _PromptLine(msgspec.Struct, frozen=True):
    prompt: str
    id: str | int = ""


_DECODER: Final = msgspec.json.Decoder(_PromptLine)
_HINT: Final = 'A line is {"id": ..., "prompt": "..."}; a file named .txt has plain lines.'


def given_answers(suspect: str, ask: Callable[[str], Asked | None]) -> Asked | None:
    """Get the answers of a suspect: from its endpoint, or from a file.

    Args:
        suspect: Address of the endpoint, or the file.
        ask: Asks an endpoint.

    Returns:
        The answers; None if only the estimate was wanted.
    """
    return ask(suspect) if suspect.startswith(ADDRESSES) else Asked(file=suspect)


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
    endpoint = endpoint_of(url, options.model, options.api_key_file, options, top_logprobs)
    budget = budget_of(options)  # before the prompts: a wrong option should show first
    plan = plan_of(_prompts(options, exposed), budget, options)
    state = partial(QueryState, options.state, header_of(endpoint, plan))
    outcome = asked(endpoint, plan, options.state, state, options, silent=silent)
    if outcome is None:
        return None
    if not outcome.answered:
        raise InputError("the endpoint gave no answer to any prompt", where=str(options.state))
    return Asked(file=str(options.state), notes=outcome.notes, supervised=options.prompts is None)


def _prompts(options: AskingOptions, exposed: Sequence[Numbered]) -> list[Prompt]:
    if options.prompts is not None:
        return read_prompts(options.prompts)
    served = dict.fromkeys(line.prompt for _, line in exposed if line.prompt)
    if not served:
        raise UsageError("give --prompts, or an --exposure with prompts")
    return [Prompt(prompt_id=f"served-{n}", text=one) for n, one in enumerate(served, 1)]


def read_prompts(path: Path) -> list[Prompt]:
    """Read prompts: JSON lines with id and prompt, or one a line of a file named .txt.

    Raises:
        InputError: A line is none; names it.
    """
    plain = path.suffix == ".txt"
    with opened(str(path)) as stream:
        return [
            _prompt(line, plain=plain)
            for line in lines_of(stream, str(path), most_bytes=MAX_LINE_BYTES)
        ]


def _prompt(line: JsonLine, *, plain: bool) -> Prompt:
    own = f"line-{line.number}"
    if plain:
        text = line.content.decode("utf-8", errors="replace").strip()
        return Prompt(prompt_id=own, text=text)
    found = decoded(line.content, _DECODER, where=line.where, wanted="a prompt", hint=_HINT)
    return Prompt(prompt_id=str(found.id) or own, text=found.prompt)
