"""Asks an endpoint the prompts of a plan: within the budget, again where that helps, never lost."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final, Protocol, cast

from cautery.errors import EndpointError
from cautery.provenance.endpoint import Completion, Failure
from cautery.provenance.query_plan import Prompt, QueryPlan, Spent
from cautery.provenance.query_state import AnswerLine, QueryState

if TYPE_CHECKING:
    from cautery.records.progress import Progress

MOST_TRIES: Final = 5
"""Times that one prompt is asked."""
MOST_IN_A_ROW: Final = 3
"""Prompts in a row that get no answer, from which the endpoint counts as dead."""
FIRST_WAIT_SECONDS: Final = 1.0
"""Before the second try; twice as long before each further one."""
LARGEST_JITTER: Final = 0.25
"""Part by which a wait is made longer at random, so that many askers do not come back at once."""
SAME_ANSWERS: Final = 0.5
"""Share of answers that are one and the same text, from which the report says so."""
FEWEST_COMPARED: Final = 10


class Asked(Protocol):
    """Whatever answers a prompt."""

    def complete(self, prompt: str) -> Completion | Failure:
        """Answer, or say why not."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What came of a plan."""

    answered: int
    """Prompts with an answer, in all runs."""
    failed: int
    """Prompts that get none."""
    left: int
    """Prompts not asked yet."""
    ended_by: str
    """Which limit ended it; empty if every prompt was asked."""
    notes: tuple[str, ...]
    """What is odd about the answers."""


def left_of(plan: QueryPlan, state: QueryState) -> list[Prompt]:
    """List the prompts of a plan that have no answer yet, in their order."""
    return [prompt for prompt in plan.prompts if prompt.prompt_id not in state.lines]


def ask(
    plan: QueryPlan,
    endpoint: Asked,
    state: QueryState,
    progress: Progress,
    *,
    model: str,
    wait: Callable[[float], None],
    chance: Callable[[], float] = random.random,
) -> Outcome:
    """Ask what has no answer yet.

    Args:
        plan: The prompts, and what may be spent.
        endpoint: Whom.
        state: Where answers are kept; each is on disk before the next question.
        progress: Hears of each answer.
        model: Name of the model that is asked for.
        wait: Waits so many seconds.
        chance: Draws from 0 to 1, for the length of waits.

    Returns:
        What came of it.

    Raises:
        EndpointError: It is dead, refuses the key, or sends elsewhere; the same call goes on.
        OutputError: An answer cannot be kept.
    """
    prompts = left_of(plan, state)
    progress.start("asking", len(prompts), "prompts")
    asker = _Asker(plan, endpoint, wait, chance, state.spent)
    ended_by, in_a_row = "", 0
    for prompt in prompts:
        ended_by = plan.allows(prompt, asker.spent)
        if ended_by:
            break
        line, failure = asker.ask(prompt)
        if failure is not None and (failure.stop or failure.again):
            in_a_row += 1
            if failure.stop or in_a_row >= MOST_IN_A_ROW:
                raise EndpointError(
                    failure.reason,
                    where="suspect",
                    hint=f"{len(state.lines):,} answers are kept; the same command goes on.",
                )
            continue  # not written down: the next run asks it again
        in_a_row = 0
        state.add(line)
        progress.advance(1)
    progress.finish(f"{len(state.lines):,} of {len(plan.prompts):,} prompts")
    return _outcome(plan, state, ended_by, model)


@dataclass(slots=True)
class _Asker:
    """Asks prompts, and counts what that costs."""

    plan: QueryPlan
    endpoint: Asked
    wait: Callable[[float], None]
    chance: Callable[[], float]
    spent: Spent

    def ask(self, prompt: Prompt) -> tuple[AnswerLine, Failure | None]:
        """Ask one, again where that may help."""
        pause = FIRST_WAIT_SECONDS
        for tries in range(1, MOST_TRIES + 1):
            found = self.endpoint.complete(prompt.text)
            self.spent = replace(self.spent, requests=self.spent.requests + 1)
            if isinstance(found, Completion):
                line = _kept(prompt, found, tries)
                self.spent = replace(
                    self.spent,
                    input_tokens=self.spent.input_tokens + line.input_tokens,
                    output_tokens=self.spent.output_tokens + line.output_tokens,
                )
                return line, None
            if not found.again or tries == MOST_TRIES or self.plan.allows(prompt, self.spent):
                break
            self.wait((found.wait_seconds or pause) * (1.0 + LARGEST_JITTER * self.chance()))
            pause *= 2.0
        failure = cast("Failure", found)
        return AnswerLine(id=prompt.prompt_id, requests=tries, failure=failure.reason), failure


def _kept(prompt: Prompt, found: Completion, tries: int) -> AnswerLine:
    return AnswerLine(
        id=prompt.prompt_id,
        prompt=prompt.text,
        text=found.text,
        first_tokens=found.first_tokens,
        finish_reason=found.finish_reason,
        model=found.model,
        requests=tries,
        input_tokens=max(prompt.tokens, found.prompt_tokens),
        output_tokens=found.completion_tokens,
        failure="" if found.text else "an empty answer",
    )


def _outcome(plan: QueryPlan, state: QueryState, ended_by: str, model: str) -> Outcome:
    lines = list(state.lines.values())
    answers = [line for line in lines if not line.failure]
    left = len(plan.prompts) - len(lines)
    notes = []
    if left:
        why = f"{ended_by} ended the plan" if ended_by else "the endpoint gave no answer to them"
        notes.append(f"{left:,} of {len(plan.prompts):,} prompts were not asked or answered: {why}")
    if len(lines) > len(answers):
        notes.append(f"{len(lines) - len(answers):,} prompts got no answer")
    cut = sum(line.finish_reason == "length" for line in answers)
    if cut:
        notes.append(f"{cut:,} answers were cut off at {plan.max_tokens:,} tokens")
    notes += _oddities(plan, answers, model)
    return Outcome(
        answered=len(answers),
        failed=len(lines) - len(answers),
        left=left,
        ended_by=ended_by,
        notes=tuple(notes),
    )


def _oddities(plan: QueryPlan, answers: list[AnswerLine], model: str) -> list[str]:
    """Say what an endpoint may be lying about; none of it is believed."""
    notes = []
    others = {line.model for line in answers if line.model and line.model != model}
    if others:
        notes.append(f"the endpoint says that another model answered: {min(others)!r}")
    long = sum(line.output_tokens > plan.max_tokens for line in answers)
    if long:
        notes.append(f"{long:,} answers are longer than was asked for")
    texts = Counter(line.text_hmac or line.text for line in answers)
    most = max(texts.values(), default=0)
    if len(answers) >= FEWEST_COMPARED and most > SAME_ANSWERS * len(answers):
        notes.append(f"{most:,} of {len(answers):,} answers are one and the same text")
    return notes
