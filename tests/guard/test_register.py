"""Decisions are on record before they are given, and nobody waits for the disk on an event loop."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from concurrent.futures import Future
from datetime import datetime
from typing import Any

import pytest
from tests.guard.guard_cases import FakeAudit, FakePolicy, finding, make_guard, request

from cautery.errors import OutputError
from cautery.guard.awaiting import decided
from cautery.guard.observing import Observing
from cautery.guard.rules import GuardSettings
from cautery.records.decision import Decision

ENFORCE = GuardSettings(mode="enforce")


class SlowTrail:
    """Writes when it is told to."""

    def __init__(self) -> None:
        self.waiting: list[Future[int]] = []
        self.records: list[Mapping[str, Any]] = []

    def append(self, kind: str, record: Mapping[str, Any], written_at: datetime) -> int:
        return self.submit(kind, record, written_at).result()

    def submit(self, kind: str, record: Mapping[str, Any], written_at: datetime) -> Future[int]:
        future: Future[int] = Future()
        future.set_running_or_notify_cancel()
        self.records.append(record)
        self.waiting.append(future)
        return future

    def finish(self, error: str = "") -> None:
        waiting, self.waiting = self.waiting, []
        for place, future in enumerate(waiting):
            if error:
                future.set_exception(OutputError(error))
            else:
                future.set_result(place)


class BrokenTrail(FakeAudit):
    """Breaks its port."""

    def submit(self, kind: str, record: Mapping[str, Any], written_at: datetime) -> Future[int]:
        raise RuntimeError(str(record))


def test_a_decision_waits_for_the_disk() -> None:
    """It is given once it is written; what could not be written fails as set."""
    trail = SlowTrail()
    guard = make_guard(ENFORCE, audit=trail)
    first = guard.begin(request())
    assert isinstance(first, Future)
    assert not first.done()
    assert not first.cancel()
    trail.finish()
    assert first.result(0).enforced_action == "allow"
    assert first.result(0).decision_id == trail.records[0]["decision_id"]
    second = guard.begin(request())
    trail.finish("the disk is full")
    assert isinstance(second, Future)
    refused = second.result(0)
    assert (refused.enforced_action, refused.faults) == ("throttle", ("audit-failed",))
    assert guard.counters.audit_failures == 1
    assert guard.counters.faults("audit-failed") == 1


def test_best_effort_waits_for_nothing() -> None:
    """The decision is there at once, whatever becomes of its record; what is lost is counted."""
    trail = SlowTrail()
    guard = make_guard(ENFORCE, audit=trail, audit_required=False)
    given = guard.begin(request())
    assert isinstance(given, Decision)
    assert given.faults == ()
    trail.finish("the disk is full")
    assert guard.counters.audit_failures == 1
    lost = make_guard(ENFORCE, audit=FakeAudit(fails=True), audit_required=False)
    assert lost.decide(request()).enforced_action == "allow"
    assert lost.counters.audit_failures == 1


@pytest.mark.parametrize("required", [True, False])
def test_a_trail_that_breaks_its_port(required: bool) -> None:
    """Nothing that it raises reaches a client, nor does the request's text reach the log."""
    guard = make_guard(ENFORCE, audit=BrokenTrail(), audit_required=required)
    given = guard.decide(request())
    assert given.enforced_action == ("throttle" if required else "allow")


def test_text_that_no_trail_can_hold(tmp_path: Any) -> None:
    """Half a surrogate pair in a reason does not keep a decision off the record."""
    from tests.ledger.ledgers import KEY, clock

    from cautery.ledger.opening import create_ledger
    from cautery.ledger.writer import Ledger

    create_ledger(tmp_path / "l", KEY)
    policy = FakePolicy(finding("block", evidence=("model = \ud800x",)))
    with Ledger(tmp_path / "l", KEY, clock=clock) as ledger:
        decision = make_guard(ENFORCE, audit=ledger, policy=policy).decide(request())
        assert (decision.enforced_action, decision.faults) == ("block", ())
        assert ledger.size == 1


def test_an_event_loop_goes_on_meanwhile() -> None:
    """While decisions are written the loop serves others; a task that is cancelled is no harm."""

    async def scenario() -> tuple[list[Decision], Decision]:
        trail = SlowTrail()
        guard = make_guard(ENFORCE, audit=trail)
        tasks = [asyncio.create_task(decided(guard, request())) for _ in range(3)]
        await asyncio.sleep(0)
        assert len(trail.waiting) == 3
        tasks[0].cancel()
        await asyncio.sleep(0)
        trail.finish()
        with pytest.raises(asyncio.CancelledError):
            await tasks[0]
        return [await task for task in tasks[1:]], await decided(Observing(), request())

    waited, observed = asyncio.run(scenario())
    assert [one.enforced_action for one in (*waited, observed)] == ["allow"] * 3
