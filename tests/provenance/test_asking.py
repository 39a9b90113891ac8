"""Asking a plan: within the budget, again where that helps, and never paying twice."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from tests.provenance.virtual_time import VirtualTime

from cautery.errors import ConfigurationError, EndpointError, MalformedFileError, OutputError
from cautery.provenance.askers import Asked
from cautery.provenance.asking import MOST_TRIES, Outcome, ask, left_of
from cautery.provenance.endpoint import Completion, Failure
from cautery.provenance.query_plan import Budget, Prompt, QueryPlan, Spent, estimate
from cautery.provenance.query_state import AnswerLine, PlanHeader, QueryState
from cautery.records.progress import SilentProgress

BUSY = Failure(reason="the endpoint answered 429", again=True, wait_seconds=7.0)
DOWN = Failure(reason="the connection failed", again=True)
REFUSED = Failure(reason="the endpoint answered 400", again=False)
STOPPED = Failure(reason="the endpoint answered 401", again=False, stop=True)


def answer(text: str = "words", tokens: int = 4, **more: str) -> Completion:
    """An answer of some tokens."""
    given: dict[str, Any] = {"finish_reason": "stop", "model": "m", **more}
    return Completion(text=text, prompt_tokens=1, completion_tokens=tokens, **given)


class Scripted:
    """An endpoint that answers what it is told to, one after another, and then always the last."""

    def __init__(self, *replies: Completion | Failure) -> None:
        self.replies = list(replies)
        self.asked: list[str] = []

    def complete(self, prompt: str) -> Completion | Failure:
        """Answer."""
        self.asked.append(prompt)
        return self.replies.pop(0) if len(self.replies) > 1 else self.replies[0]


def plan_of(count: int, *, budget: Budget | None = None, max_tokens: int = 10) -> QueryPlan:
    """A plan of some prompts of 8 bytes."""
    prompts = tuple(Prompt(prompt_id=f"p{n}", text=f"prompt {n}") for n in range(count))
    return QueryPlan(
        prompts=prompts,
        max_tokens=max_tokens,
        budget=budget or Budget(requests=1000, output_tokens=100_000),
    )


def header_of(plan: QueryPlan, **more: str) -> PlanHeader:
    """The state's first line."""
    given: dict[str, Any] = {"url": "http://localhost/v1", "model": "m", "style": "chat", **more}
    return PlanHeader(
        max_tokens=plan.max_tokens, temperature=1.0, prompts_sha256=plan.digest, **given
    )


def run(
    plan: QueryPlan,
    endpoint: Asked,
    path: Path,
    time: VirtualTime | None = None,
    *,
    at_once: int = 1,
    rate: float | None = None,
) -> Outcome:
    """Ask, with waits that take no time."""
    with QueryState(path, header_of(plan)) as state:
        return ask(
            plan,
            endpoint,
            state,
            SilentProgress(),
            model="m",
            pace=(time or VirtualTime()).pace(rate),
            at_once=at_once,
            chance=lambda: 0.0,
        )


def test_every_prompt_is_asked_once(tmp_path: Path) -> None:
    """All answers are kept, readable by their owner only; the same call asks nothing again."""
    plan, path = plan_of(3), tmp_path / "new" / "state.jsonl"
    outcome = run(plan, Scripted(answer()), path)
    assert (outcome.answered, outcome.left, outcome.notes) == (3, 0, ())
    assert path.stat().st_mode & 0o777 == 0o600
    silent = Scripted(STOPPED)
    assert run(plan, silent, path) == outcome
    assert silent.asked == []


def test_a_busy_endpoint_is_waited_for(tmp_path: Path) -> None:
    """As long as it says, or twice as long each time; and every try counts as a request."""
    time, plan = VirtualTime(), plan_of(1)
    outcome = run(plan, Scripted(BUSY, DOWN, DOWN, answer()), tmp_path / "s", time)
    assert time.waits == [7.0, 2.0, 4.0]
    assert outcome.answered == 1
    with QueryState(tmp_path / "s", header_of(plan)) as state:
        assert state.spent == Spent(requests=4, input_tokens=2, output_tokens=4)


def test_a_dead_endpoint_ends_it_and_nothing_is_lost(tmp_path: Path) -> None:
    """After three prompts without an answer it stops; the same call goes on where it was."""
    plan, path = plan_of(10), tmp_path / "s"
    dying = Scripted(answer(), answer(), DOWN)
    with pytest.raises(EndpointError, match=r"2 answers are kept; the same command goes on"):
        run(plan, dying, path)
    assert len(dying.asked) == 2 + 3 * MOST_TRIES
    alive = Scripted(answer())
    outcome = run(plan, alive, path)
    assert (outcome.answered, len(alive.asked)) == (10, 8)


def test_a_refused_key_ends_it_at_once(tmp_path: Path) -> None:
    """No prompt will fare better, so none is tried."""
    endpoint = Scripted(STOPPED)
    with pytest.raises(EndpointError, match="401"):
        run(plan_of(5), endpoint, tmp_path / "s")
    assert len(endpoint.asked) == 1


def test_a_refused_prompt_is_not_asked_again(tmp_path: Path) -> None:
    """It is written down with its reason, and so is an empty answer."""
    plan = plan_of(3)
    outcome = run(plan, Scripted(REFUSED, answer(text=""), answer()), tmp_path / "s")
    assert (outcome.answered, outcome.failed, outcome.left) == (1, 2, 0)
    assert outcome.notes == ("2 prompts got no answer",)


def test_one_prompt_that_fails_for_now_is_left_for_later(tmp_path: Path) -> None:
    """The others are asked; the next run asks it again."""
    plan, path = plan_of(3), tmp_path / "s"
    replies = [DOWN] * MOST_TRIES
    outcome = run(plan, Scripted(*replies, answer()), path)
    assert (outcome.answered, outcome.left) == (2, 1)
    assert "the endpoint gave no answer" in outcome.notes[0]
    assert run(plan, Scripted(answer()), path).left == 0


@pytest.mark.parametrize(
    ("budget", "asked", "words"),
    [
        (Budget(requests=2, output_tokens=1000), 2, "2 requests"),
        (Budget(requests=9, output_tokens=25), 4, "25 output tokens"),
        (
            Budget(requests=9, output_tokens=1000, cost=30e-6, input_price=1.0, output_price=2.0),
            1,
            "cost",
        ),
    ],
    ids=["requests", "tokens", "cost"],
)
def test_a_budget_is_never_exceeded(tmp_path: Path, budget: Budget, asked: int, words: str) -> None:
    """A question is asked only if its longest answer is paid for; over all runs together."""
    plan, path = plan_of(6, budget=budget), tmp_path / "s"
    outcome = run(plan, Scripted(answer()), path)
    assert (outcome.answered, words in outcome.ended_by) == (asked, True)
    assert words in outcome.notes[0]
    with QueryState(path, header_of(plan)) as state:
        assert state.spent.output_tokens <= budget.output_tokens
    assert run(plan, Scripted(answer()), path).answered == asked


def test_an_estimate_is_an_upper_bound() -> None:
    """It says requests, tokens and cost, for the prompts that the budget allows."""
    priced = Budget(requests=5, output_tokens=1000, input_price=1e6, output_price=2e6)
    plan = plan_of(6, budget=priced)
    found = estimate(plan, plan.prompts, Spent())
    assert (found.prompts, found.requests, found.input_tokens, found.output_tokens) == (
        6,
        5,
        10,
        50,
    )
    assert found.cost == pytest.approx(110.0)
    assert "cost at most 110.00" in found.text()
    assert "cost" not in estimate(plan_of(2), plan_of(2).prompts, Spent()).text()


def test_lies_are_written_down(tmp_path: Path) -> None:
    """Another model, cut and over-long answers, and one text for everybody are all told."""
    reply = answer(tokens=11, model="other\x1b[31m", finish_reason="length")
    outcome = run(plan_of(12), Scripted(reply), tmp_path / "s")
    assert outcome.notes == (
        "12 answers were cut off at 10 tokens",
        "the endpoint says that another model answered: 'other\\x1b[31m'",
        "12 answers are longer than was asked for",
        "12 of 12 answers are one and the same text",
    )


def test_a_torn_line_is_removed(tmp_path: Path) -> None:
    """A process that died while it wrote loses that one answer, and it is asked again."""
    plan, path = plan_of(3), tmp_path / "s"
    run(plan, Scripted(answer()), path)
    path.write_bytes(path.read_bytes()[:-5])
    with QueryState(path, header_of(plan)) as state:
        assert [prompt.prompt_id for prompt in left_of(plan, state)] == ["p2"]
        state.add(AnswerLine(id="p2", text="again"))
    with QueryState(path, header_of(plan)) as state:
        assert left_of(plan, state) == []


def test_a_state_belongs_to_one_plan(tmp_path: Path) -> None:
    """Another model, other prompts, or another file altogether are refused."""
    plan, path = plan_of(3), tmp_path / "s"
    run(plan, Scripted(answer()), path)
    with pytest.raises(ConfigurationError, match="model was 'm', not 'n'"):
        QueryState(path, header_of(plan, model="n"))
    with pytest.raises(ConfigurationError, match="prompts_sha256"):
        QueryState(path, header_of(plan_of(4)))
    path.write_text("something else\n")
    with pytest.raises(MalformedFileError, match=r"s:1: not the answers of an endpoint"):
        QueryState(path, header_of(plan))
    assert path.read_text() == "something else\n"


def test_two_processes_do_not_ask_at_once(tmp_path: Path) -> None:
    """The second one is told, and the first goes on."""
    plan, path = plan_of(3), tmp_path / "s"
    with QueryState(path, header_of(plan)), pytest.raises(OutputError, match="another process"):
        QueryState(path, header_of(plan))


@pytest.mark.parametrize(
    "more",
    [
        {"requests": 0},
        {"output_tokens": 0},
        {"cost": 0.0, "input_price": 1.0},
        {"cost": 1.0},
        {"input_price": -1.0},
        {"output_price": float("inf")},
    ],
    ids=["requests", "tokens", "no-cost", "no-prices", "negative", "infinite"],
)
def test_budgets_that_are_none(more: dict[str, float]) -> None:
    """They are refused, naming the limit."""
    given = {"requests": 1, "output_tokens": 1, **more}
    with pytest.raises(ConfigurationError):
        Budget(**given)  # type: ignore[arg-type]
