"""What became of a degraded answer: a record, counters and a line in the ledger; no text."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Mapping
from concurrent.futures import Future
from dataclasses import replace
from datetime import datetime
from typing import Any

from tests.guard.deciders import ALLOW, NOW

from cautery.errors import OutputError
from cautery.guard.degrading.settings import DegradeSettings
from cautery.guard.degrading.whole import degrade_answer
from cautery.guard.metrics import Metrics
from cautery.guard.proxying.degraded_exchange import (
    DegradedExchange,
    count_degraded,
    left_out,
    write_degraded,
)
from cautery.records.decision import Degradation
from cautery.records.degraded import DEGRADED_KIND, AnswerCounts, DegradedAnswer

ANSWER = (
    b'{"choices":[{"message":{"content":"Well.\\n\\n52","reasoning":"7 and 5"},'
    b'"logprobs":{"content":[{},{}]}},{"message":{"content":"53"}}]}'
)
MODULES = (
    "adapters.asgi", "adapters.proxy", "litellm_calls.hooks", "operation", "proxying.exchange",
)  # fmt: skip


class FakeTrail:
    """Keeps records, or says that it cannot."""

    def __init__(self, error: OutputError | None = None) -> None:
        self.records: list[tuple[str, Mapping[str, Any]]] = []
        self._error = error

    def append(self, kind: str, record: Mapping[str, Any], written_at: datetime) -> int:
        return self.submit(kind, record, written_at).result()

    def submit(self, kind: str, record: Mapping[str, Any], written_at: datetime) -> Future[int]:
        if self._error is not None:
            raise self._error
        self.records.append((kind, record))
        done: Future[int] = Future()
        done.set_result(len(self.records))
        return done


def degraded() -> DegradedAnswer:
    """Degrade an answer, and give its record."""
    asked: tuple[Degradation, ...] = ("answer_only", "single_choice")
    decision = replace(ALLOW, decision_id="dec_1", degradations=asked, defence_tiers=("likely",))
    exchange = DegradedExchange(decision, DegradeSettings())
    assert exchange.record() is None
    assert degrade_answer(ANSWER, exchange.degrading).count(b"52") == 1
    answer = exchange.record()
    assert answer is not None
    return answer


def test_the_record_says_what_was_done_and_how_much_was_left_out() -> None:
    """By the decision's number, in counts."""
    answer = degraded()
    assert (answer.decision_id, answer.defence_tiers) == ("dec_1", ("likely",))
    assert answer.before == AnswerCounts(
        choices=2, text_words=2, reasoning_words=3, token_chances=2
    )
    assert answer.after == AnswerCounts(choices=1, text_words=1)
    assert dict(left_out(answer)) == {
        "choices": 1, "text_words": 1, "reasoning_words": 3, "token_chances": 2,
    }  # fmt: skip


def test_it_is_counted() -> None:
    """By what was done, and by what was left out."""
    metrics = Metrics()
    count_degraded(replace(degraded(), overruns=2), metrics)
    page = metrics.render()
    assert 'cautery_guard_degraded_answers_total{degradation="answer_only"} 1' in page
    assert 'cautery_guard_left_out_total{what="reasoning_words"} 3' in page
    assert "cautery_guard_degrade_overruns_total 2" in page


def test_it_is_written_down() -> None:
    """In the ledger, where its decision is; a full disk holds nothing up."""
    trail = FakeTrail()
    write_degraded(degraded(), trail, NOW)
    ((kind, record),) = trail.records
    assert (kind, record["after"]["text_words"]) == (DEGRADED_KIND, 1)
    write_degraded(degraded(), FakeTrail(OutputError("the disk is full")), NOW)


def test_what_degrades_nothing_imports_no_defence() -> None:
    """The path of an answer that is allowed does not know of them."""
    modules = ", ".join(f"cautery.guard.{module}" for module in MODULES)
    words = (
        f"import sys, {modules}; "
        "sys.exit(any(name.startswith('cautery.resist') for name in sys.modules))"
    )
    assert subprocess.run([sys.executable, "-c", words], check=False).returncode == 0
