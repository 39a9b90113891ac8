"""Asks one endpoint for a verb of ``cautery provenance``: the estimate first, then what is left."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final

from cautery.cli.exits import printable
from cautery.cli.progress import progress_for
from cautery.errors import ConfigurationError
from cautery.guard.secret_files import read_credential
from cautery.provenance.asking import Outcome, ask, left_of
from cautery.provenance.endpoint import Endpoint
from cautery.provenance.pacing import Pace
from cautery.provenance.query_plan import Budget, Prompt, QueryPlan, Spent, estimate
from cautery.provenance.query_state import ANSWERS_SCHEMA, PlanHeader

if TYPE_CHECKING:
    from collections.abc import Callable

    from cautery.cli.provenance.endpoint_options import EndpointOptions
    from cautery.provenance.query_state import QueryState

ADDRESSES: Final = ("http://", "https://")
MOST_ANSWER_TOKENS: Final = 32_768
MOST_TIMEOUT_SECONDS: Final = 3_600.0


def endpoint_of(
    url: str, model: str, key_file: Path | None, options: EndpointOptions, top_logprobs: int = 0
) -> Endpoint:
    """Describe an endpoint.

    Args:
        url: Its address, up to the version.
        model: Name of its model.
        key_file: File with its key.
        options: How it is asked.
        top_logprobs: Likeliest first tokens to ask for besides.

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
        top_logprobs=top_logprobs,
    )


def budget_of(options: EndpointOptions) -> Budget:
    """Read what may be spent.

    Raises:
        ConfigurationError: A limit or price is none.
    """
    return Budget(
        requests=options.most_requests,
        output_tokens=options.most_output_tokens,
        cost=options.most_cost,
        input_price=options.input_price,
        output_price=options.output_price,
    )


def plan_of(prompts: Sequence[Prompt], budget: Budget, options: EndpointOptions) -> QueryPlan:
    """Plan what is asked."""
    return QueryPlan(prompts=tuple(prompts), max_tokens=options.max_tokens, budget=budget)


def header_of(
    endpoint: Endpoint, plan: QueryPlan, schema: str = ANSWERS_SCHEMA, grader: str = ""
) -> PlanHeader:
    """Say to which plan a file of answers belongs."""
    return PlanHeader(
        schema=schema,
        url=endpoint.url,
        model=endpoint.model,
        style=endpoint.style,
        max_tokens=endpoint.max_tokens,
        temperature=endpoint.temperature,
        prompts_sha256=plan.digest,
        grader=grader,
        top_logprobs=endpoint.top_logprobs,
    )


def asked(
    endpoint: Endpoint,
    plan: QueryPlan,
    path: Path,
    opened: Callable[[], QueryState],
    options: EndpointOptions,
    *,
    silent: bool,
    role: str = "",
) -> Outcome | None:
    """Say what asking may cost, then ask what has no answer yet.

    Args:
        endpoint: Whom.
        plan: The prompts.
        path: File of the answers.
        opened: Opens it.
        options: How it is asked.
        silent: Show no progress.
        role: Who is asked, if more than one is.

    Returns:
        What came of it; None if only the estimate was wanted.

    Raises:
        EndpointError: It does not answer; the same command goes on.
    """
    pace = Pace(requests_per_minute=options.requests_per_minute)
    who = f"{role}: " if role else ""
    if options.estimate_only and not path.exists():
        tell(f"{who}{estimate(plan, plan.prompts, Spent()).text()}")
        return None
    with opened() as state:
        tell(f"{who}{estimate(plan, left_of(plan, state), state.spent).text()}")
        if options.estimate_only:
            return None
        with progress_for(sys.stderr, silent=silent) as progress:
            outcome = ask(
                plan,
                endpoint,
                state,
                progress,
                model=endpoint.model,
                pace=pace,
                at_once=options.at_once,
            )
    for note in outcome.notes:
        tell(f"{who}{note}")
    return outcome


def tell(line: str) -> None:
    """Say a line to whoever waits, inert."""
    print(printable(line), file=sys.stderr, flush=True)
