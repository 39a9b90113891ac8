"""Asks an endpoint the prompts of a plan: within the budget, again where that helps, never lost.

Several prompts may be under way at once. Threads do nothing but ask; which prompt is asked, what
that may cost and what is kept is decided here, one answer after another. A budget counts what is
under way as if each answer were as long as it may be. So it is never exceeded, and the prompts that
it allows are those that it would allow one after another.
"""

from __future__ import annotations

import queue
import random
from collections import Counter, deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Final

from cautery.errors import ConfigurationError, EndpointError
from cautery.provenance.askers import Crew, Try
from cautery.provenance.endpoint import Completion, Failure
from cautery.provenance.query_plan import Prompt, QueryPlan, Spent
from cautery.provenance.query_state import AnswerLine, QueryState

if TYPE_CHECKING:
    from cautery.provenance.askers import Asked, Reply
    from cautery.provenance.pacing import Pace
    from cautery.records.progress import Progress

MOST_TRIES: Final = 5
"""Times that one prompt is asked."""
MOST_IN_A_ROW: Final = 3
"""Prompts in a row that get no answer, from which the endpoint counts as dead."""
MOST_AT_ONCE: Final = 64
FIRST_WAIT_SECONDS: Final = 1.0
"""Before the second try; twice as long before each further one."""
LARGEST_JITTER: Final = 0.25
"""Part by which a wait is made longer at random, so that many askers do not come back at once."""
PARTING_SECONDS: Final = 5.0
"""For answers under way as somebody interrupts: what has been paid should be kept."""
SAME_ANSWERS: Final = 0.5
"""Share of answers that are one and the same text, from which the report says so."""
FEWEST_COMPARED: Final = 10


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
    lines: tuple[AnswerLine, ...] = ()
    """What is known of each prompt, in the order of the plan, whichever was answered first."""


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
    pace: Pace,
    at_once: int = 1,
    chance: Callable[[], float] = random.random,
) -> Outcome:
    """Ask what has no answer yet.

    Args:
        plan: The prompts, and what may be spent.
        endpoint: Whom.
        state: Where answers are kept; each is on disk before it counts as answered.
        progress: Hears of each answer.
        model: Name of the model that is asked for.
        pace: When one more request may be sent.
        at_once: Prompts that may be under way at once, from 1 to 64.
        chance: Draws from 0 to 1, for the length of waits.

    Returns:
        What came of it.

    Raises:
        ConfigurationError: So many prompts are not asked at once.
        EndpointError: It is dead, refuses the key, or sends elsewhere; the same call goes on.
        OutputError: An answer cannot be kept.
    """
    if not 1 <= at_once <= MOST_AT_ONCE:
        raise ConfigurationError(f"must be from 1 to {MOST_AT_ONCE}", where="at-once")
    prompts = left_of(plan, state)
    progress.start("asking", len(prompts), "prompts")
    round_ = _Round(
        plan=plan,
        state=state,
        advance=progress.advance,
        pace=pace,
        chance=chance,
        waiting=deque(Try(prompt) for prompt in prompts),
        spent=state.spent,
    )
    crew = Crew(endpoint, pace, min(at_once, len(prompts)))
    _run(round_, crew)
    if round_.trouble is not None:
        raise EndpointError(
            round_.trouble.reason,
            where="suspect",
            hint=f"{len(state.lines):,} answers are kept; the same command goes on.",
        )
    progress.finish(f"{len(state.lines):,} of {len(plan.prompts):,} prompts")
    return _outcome(plan, state, round_.ended_by, model)


def _run(round_: _Round, crew: Crew) -> None:
    """Hand out prompts and take in answers, until there is nothing to do."""
    patience = None
    try:
        while round_.trouble is None:
            while crew.free and (one := round_.next_try(crew_is_busy=crew.busy)) is not None:
                crew.give(one)
            if not crew.busy:
                break
            round_.take(*crew.reply())
    except KeyboardInterrupt:
        patience = PARTING_SECONDS
        raise
    finally:
        crew.leave()
        _take_last(round_, crew, patience)


def _take_last(round_: _Round, crew: Crew, patience: float | None) -> None:
    """Keep the answers under way: they are paid for."""
    while crew.awaited:
        try:
            round_.take(*crew.reply(patience))
        except queue.Empty:
            return


@dataclass(slots=True, kw_only=True)
class _Round:
    """What is asked next, and what becomes of each answer; used by one thread."""

    plan: QueryPlan
    state: QueryState
    advance: Callable[[int], None]
    pace: Pace
    chance: Callable[[], float]
    waiting: deque[Try]
    spent: Spent
    """By what has an answer, or none for good."""
    under_way: dict[str, Prompt] = field(default_factory=dict)
    in_a_row: int = 0
    ended_by: str = ""
    trouble: Failure | None = None

    def next_try(self, *, crew_is_busy: bool) -> Try | None:
        """Take the next prompt, if the budget bears its longest answer beside those under way."""
        if not self.waiting or self.ended_by or self.trouble is not None:
            return None
        one = self.waiting[0]
        limit = self.plan.allows(one.prompt, self._at_most())
        if limit:
            if not crew_is_busy:  # else an answer under way may turn out shorter
                self.ended_by = limit
            return None
        self.waiting.popleft()
        self.under_way[one.prompt.prompt_id] = one.prompt
        return one

    def _at_most(self) -> Spent:
        """Count what is under way as if every answer were as long as it may be."""
        waited_for = list(self.under_way.values())
        return Spent(
            requests=self.spent.requests + len(waited_for),
            input_tokens=self.spent.input_tokens + sum(one.tokens for one in waited_for),
            output_tokens=self.spent.output_tokens + len(waited_for) * self.plan.max_tokens,
        )

    def take(self, one: Try, found: Reply) -> None:
        """Keep an answer, ask again, or give up."""
        del self.under_way[one.prompt.prompt_id]
        if found is None:
            return
        one.tries += 1
        one.sent = False
        self.spent = replace(self.spent, requests=self.spent.requests + 1)
        if isinstance(found, Completion):
            self._keep(_kept(one.prompt, found, one.tries))
        elif not (found.again or found.stop):
            failed = AnswerLine(id=one.prompt.prompt_id, requests=one.tries, failure=found.reason)
            self._keep(failed)
        elif found.again and one.tries < MOST_TRIES and self.trouble is None:
            self._again(one, found)
        else:  # not written down: the next run asks it again
            self.in_a_row += 1
            if found.stop or self.in_a_row >= MOST_IN_A_ROW:
                self.trouble = found

    def _keep(self, line: AnswerLine) -> None:
        self.in_a_row = 0
        self.spent = replace(
            self.spent,
            input_tokens=self.spent.input_tokens + line.input_tokens,
            output_tokens=self.spent.output_tokens + line.output_tokens,
        )
        self.state.add(line)
        self.advance(1)

    def _again(self, one: Try, found: Failure) -> None:
        longer = 1.0 + LARGEST_JITTER * self.chance()
        one.pause_seconds = FIRST_WAIT_SECONDS * 2.0 ** (one.tries - 1) * longer
        if found.wait_seconds:
            one.pause_seconds = found.wait_seconds * longer
            self.pace.hold(one.pause_seconds)
        self.waiting.appendleft(one)


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
    known = state.lines
    lines = [known[one.prompt_id] for one in plan.prompts if one.prompt_id in known]
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
        lines=tuple(lines),
    )


def _oddities(plan: QueryPlan, answers: Sequence[AnswerLine], model: str) -> list[str]:
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
