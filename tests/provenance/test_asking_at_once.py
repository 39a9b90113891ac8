"""Several prompts under way at once: the same answers, the same budget, nothing lost."""

from __future__ import annotations

import threading
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest
from tests.provenance.test_asking import BUSY, DOWN, STOPPED, answer, header_of, plan_of, run
from tests.provenance.virtual_time import VirtualTime

from cautery.errors import ConfigurationError, EndpointError
from cautery.provenance.asking import MOST_AT_ONCE, MOST_TRIES
from cautery.provenance.endpoint import Completion, Failure
from cautery.provenance.query_plan import Budget, QueryPlan
from cautery.provenance.query_state import QueryState


class Together:
    """Answers only once so many prompts are under way, each by its own text."""

    def __init__(self, together: int, reply: Callable[[str, int], Completion | Failure]) -> None:
        self.gate = threading.Barrier(together)
        self.asked: list[str] = []
        self.most = 0
        self._reply, self._now, self._lock = reply, 0, threading.Lock()

    def complete(self, prompt: str) -> Completion | Failure:
        """Wait for the others, and answer."""
        with self._lock:
            self.asked.append(prompt)
            self._now += 1
            self.most = max(self.most, self._now)
            number = self.asked.count(prompt)
        with suppress(threading.BrokenBarrierError):  # the last ones are fewer
            self.gate.wait(timeout=0.2)
        with self._lock:
            self._now -= 1
        return self._reply(prompt, number)


def echo(prompt: str, _number: int) -> Completion:
    """Answer with the prompt's own words, of 1 to 4 tokens."""
    return answer(f"about {prompt}", tokens=1 + len(prompt) * int(prompt[-1]) % 4)


def texts(path: Path, plan: QueryPlan) -> dict[str, str]:
    """What is kept."""
    with QueryState(path, header_of(plan)) as state:
        return {one: line.text for one, line in state.lines.items()}


def test_as_many_as_wanted_are_under_way(tmp_path: Path) -> None:
    """Four at once, never five; each prompt is asked once, and the outcome has the plan's order."""
    plan, endpoint = plan_of(12), Together(4, echo)
    outcome = run(plan, endpoint, tmp_path / "many", at_once=4)
    assert endpoint.most == 4
    assert sorted(endpoint.asked) == sorted(prompt.text for prompt in plan.prompts)
    alone = run(plan, Together(1, echo), tmp_path / "one")
    assert outcome == alone
    assert [line.id for line in outcome.lines] == [prompt.prompt_id for prompt in plan.prompts]
    assert texts(tmp_path / "many", plan) == texts(tmp_path / "one", plan)


@pytest.mark.parametrize(
    "budget",
    [
        Budget(requests=7, output_tokens=1_000),
        Budget(requests=90, output_tokens=37),
        Budget(requests=90, output_tokens=900, cost=70e-6, input_price=1.0, output_price=2.0),
    ],
    ids=["requests", "tokens", "cost"],
)
@pytest.mark.parametrize("at_once", [2, 8])
def test_a_budget_allows_the_same_prompts(tmp_path: Path, budget: Budget, at_once: int) -> None:
    """Those that it allows one after another, and no request more."""
    plan = plan_of(20, budget=budget)
    many, one = Together(1, echo), Together(1, echo)
    together = run(plan, many, tmp_path / "many", at_once=at_once)
    alone = run(plan, one, tmp_path / "one")
    assert together == alone
    assert sorted(many.asked) == sorted(one.asked)
    assert 0 < len(many.asked) < 20


def test_a_dead_endpoint_ends_all_of_it_and_paid_answers_are_kept(tmp_path: Path) -> None:
    """One refuses for good while three others are being answered: the three are kept."""

    def reply(prompt: str, _number: int) -> Completion | Failure:
        return STOPPED if prompt == "prompt 1" else answer(prompt)

    plan, path = plan_of(12), tmp_path / "s"
    endpoint = Together(4, reply)
    with pytest.raises(EndpointError, match="401"):
        run(plan, endpoint, path, at_once=4)
    kept = texts(path, plan)
    assert {"p0", "p2", "p3"} <= set(kept)
    assert set(kept.values()) == set(endpoint.asked) - {"prompt 1"}
    going_on = Together(1, echo)
    assert run(plan, going_on, path, at_once=4).answered == 12
    assert not set(going_on.asked) & set(kept.values())


def test_dead_is_told_after_three_prompts(tmp_path: Path) -> None:
    """Each was tried five times; what was under way beside them is not tried for ever."""
    endpoint = Together(1, lambda _prompt, _number: DOWN)
    with pytest.raises(EndpointError, match="0 answers are kept"):
        run(plan_of(50), endpoint, tmp_path / "s", at_once=8)
    assert 3 * MOST_TRIES <= len(endpoint.asked) <= (3 + 8) * MOST_TRIES


def test_a_busy_endpoint_holds_everybody(tmp_path: Path) -> None:
    """Every prompt is turned away once, with a wait; all are answered at their second try."""

    def reply(prompt: str, number: int) -> Completion | Failure:
        return BUSY if number == 1 else answer(prompt)

    time, plan = VirtualTime(), plan_of(9)
    endpoint = Together(1, reply)
    assert run(plan, endpoint, tmp_path / "s", time, at_once=3).answered == 9
    assert len(endpoint.asked) == 18
    assert time.now >= 7.0


def test_a_rate_holds_for_all(tmp_path: Path) -> None:
    """Twelve prompts at 30 a minute take 22 seconds or more, six at once or not."""
    time = VirtualTime()
    run(plan_of(12), Together(1, echo), tmp_path / "s", time, at_once=6, rate=30.0)
    assert time.now >= 22.0 - 1e-3


def test_an_interruption_keeps_what_was_paid(tmp_path: Path) -> None:
    """As somebody interrupts, the answers under way are waited for and kept."""
    plan, path = plan_of(8), tmp_path / "s"
    interrupted = threading.Event()

    class Interrupting:
        """Interrupts whoever waits, as the first of four answers comes."""

        def __init__(self) -> None:
            self.gate = threading.Barrier(4)

        def complete(self, prompt: str) -> Completion | Failure:
            """Raise in one thread, answer in the others."""
            if interrupted.is_set():
                return answer(prompt)
            self.gate.wait(timeout=5)
            if prompt == "prompt 0":
                interrupted.set()
                raise KeyboardInterrupt
            interrupted.wait(timeout=5)
            return answer(prompt)

    with pytest.raises(KeyboardInterrupt):
        run(plan, Interrupting(), path, at_once=4)
    assert {"p1", "p2", "p3"} <= set(texts(path, plan))
    assert run(plan, Together(1, echo), path).answered == 8


@pytest.mark.parametrize("at_once", [0, -1, MOST_AT_ONCE + 1])
def test_numbers_at_once_that_are_none(tmp_path: Path, at_once: int) -> None:
    """They are refused before anything is asked."""
    endpoint = Together(1, echo)
    with pytest.raises(ConfigurationError, match="from 1 to 64"):
        run(plan_of(2), endpoint, tmp_path / "s", at_once=at_once)
    assert endpoint.asked == []
