"""The ledger as the guard uses it: gaps are counted, said once, and told of in the ledger."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from concurrent.futures import Future
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cautery.errors import OutputError
from cautery.guard.audit_trail import GAP_KIND, WatchedTrail

NOW = datetime(2026, 11, 29, 12, tzinfo=UTC)


class Trail:
    """A ledger whose disk fills and empties as it is told; fails early or late."""

    def __init__(self) -> None:
        self.full = ""
        self.records: list[tuple[str, Mapping[str, Any]]] = []

    def append(self, kind: str, record: Mapping[str, Any], written_at: datetime) -> int:
        return self.submit(kind, record, written_at).result()

    def submit(self, kind: str, record: Mapping[str, Any], written_at: datetime) -> Future[int]:
        if self.full == "early":
            raise OutputError("too much waits")
        future: Future[int] = Future()
        future.set_running_or_notify_cancel()
        if self.full:
            future.set_exception(OutputError("the ledger cannot be written: no space left"))
        else:
            self.records.append((kind, record))
            future.set_result(len(self.records) - 1)
        return future


def submit(watched: WatchedTrail, number: int) -> bool:
    try:
        return watched.submit("decision", {"n": number}, NOW).exception() is None
    except OutputError:
        return False


@pytest.mark.parametrize("full", ["early", "late"])
def test_a_gap_is_told_of(full: str, caplog: pytest.LogCaptureFixture) -> None:
    """It says why, once, and writes down how many are missing as soon as it can."""
    trail = Trail()
    watched = WatchedTrail(trail, lambda: NOW)
    assert submit(watched, 0)
    trail.full = full
    assert not any(submit(watched, number) for number in range(3))
    assert watched.fault
    assert not watched.tell_of_gap()
    trail.full = ""
    assert watched.tell_of_gap()
    assert watched.fault == ""
    assert (watched.written, watched.failed) == (1, 3)
    kind, record = trail.records[-1]
    assert kind == GAP_KIND
    assert record == {
        "missing": 3,
        "since": "2026-11-29T12:00:00.000000Z",
        "until": "2026-11-29T12:00:00.000000Z",
    }
    events = [one.getMessage() for one in caplog.records]
    assert events == ["the ledger cannot be written"]
    assert watched.tell_of_gap()
    assert len(trail.records) == 2


def test_a_record_that_is_written_ends_the_fault() -> None:
    """Requests that come again are served before the gap is told of; it is told of later."""
    trail = Trail()
    watched = WatchedTrail(trail)
    trail.full = "late"
    submit(watched, 0)
    trail.full = ""
    assert watched.append("decision", {"n": 1}, NOW) == 0
    assert watched.fault == ""
    stop = threading.Event()
    stop.set()
    watched.tend(stop)
    assert [kind for kind, _ in trail.records] == ["decision", GAP_KIND]


@given(st.lists(st.sampled_from(["", "early", "late", "tell"]), max_size=30))
def test_every_missing_record_is_told_of_once(steps: list[str]) -> None:
    """However failing, writing and telling follow each other, the gaps add up to what failed."""
    trail = Trail()
    watched = WatchedTrail(trail)
    for number, step in enumerate(steps):
        if step == "tell":
            watched.tell_of_gap()
        else:
            trail.full = step
            submit(watched, number)
    trail.full = ""
    watched.tell_of_gap()
    told = sum(record["missing"] for kind, record in trail.records if kind == GAP_KIND)
    assert told == watched.failed
    assert watched.written == sum(kind == "decision" for kind, _ in trail.records)
