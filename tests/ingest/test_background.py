"""Tests of working beside the reader."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Any

import pytest

from cautery.ingest.background import Background, in_threads, worker_count


def same(value: Any) -> Any:
    return value


def test_order_is_kept() -> None:
    """Calls are finished one after another, in the order asked for, in another thread."""
    done: list[int] = []
    threads: set[int] = set()

    def prepare(number: int) -> int:
        time.sleep(0.002 * (number % 3))  # later batches overtake
        return number

    def finish(number: int) -> None:
        threads.add(threading.get_ident())
        done.append(number)

    background = Background(prepare, finish, 4)
    for number in range(60):
        background.submit(number)
    background.wait()
    background.close()
    assert done == list(range(60))
    assert len(threads - {threading.get_ident()}) == 1


def test_batches_are_prepared_at_once() -> None:
    """As many are prepared side by side as there are workers."""
    meeting = threading.Barrier(3, timeout=10)

    def prepare(number: int) -> int:
        meeting.wait()
        return number

    background = Background(prepare, same, 3)
    for number in range(3):
        background.submit(number)
    background.wait()
    background.close()
    assert not meeting.broken


def failing(number: int) -> int:
    if number == 1:
        raise OSError("disk full")
    return number


@pytest.mark.parametrize(("prepare", "finish"), [(failing, same), (same, failing)])
def test_errors_come_back(prepare: Callable[[int], int], finish: Callable[[int], Any]) -> None:
    """What a call raises is raised where the work was asked for."""
    background = Background(prepare, finish, 2)
    background.submit(0)
    background.submit(1)
    with pytest.raises(OSError, match="disk full"):
        background.wait()
    background.close()


def test_few_calls_wait() -> None:
    """A slow call holds the reader back, so that batches do not pile up."""
    gate = threading.Event()
    finished: list[int] = []

    def finish(number: int) -> None:
        gate.wait(10)
        finished.append(number)

    workers = 2
    background = Background(same, finish, workers)
    for number in range(workers + 1):
        background.submit(number)
    blocked = threading.Thread(target=background.submit, args=(99,))
    blocked.start()
    blocked.join(0.05)
    assert blocked.is_alive()
    gate.set()
    blocked.join(10)
    background.wait()
    background.close()
    assert finished == [*range(workers + 1), 99]


def test_close_does_not_hang_on_what_never_began() -> None:
    """After an error everything that waits is dropped."""
    gate = threading.Event()

    def prepare(number: int) -> int:
        gate.wait(10)
        return number

    background = Background(prepare, same, 1)
    background.submit(0)
    background.submit(1)
    closing = threading.Thread(target=background.close)
    closing.start()
    gate.set()
    closing.join(10)
    assert not closing.is_alive()


def test_workers_are_counted_within_bounds() -> None:
    """At least one, never an army."""
    assert 1 <= worker_count() <= 8


def test_calls_in_threads_keep_their_order() -> None:
    """Results come in the order of the calls, whichever ends first."""

    def late(number: int) -> int:
        time.sleep(0.002 * (number % 3))
        return number

    assert list(in_threads(late, ((number,) for number in range(40)))) == list(range(40))
    assert list(in_threads(late, ())) == []


def test_calls_in_threads_are_few_ahead() -> None:
    """No more arguments are taken than there are threads and one, as each is a whole batch."""
    taken: list[int] = []

    def calls() -> Any:
        for number in range(100):
            taken.append(number)
            yield (number,)

    results = in_threads(same, calls())
    next(results)
    assert len(taken) == worker_count() + 1
    results.close()


def test_a_failing_call_in_threads_fails_the_caller() -> None:
    """What a call raises is raised in its place, after the results before it."""

    def fussy(number: int) -> int:
        if number == 3:
            raise ValueError(number)
        return number

    results = in_threads(fussy, ((number,) for number in range(9)))
    assert [next(results) for _ in range(3)] == [0, 1, 2]
    with pytest.raises(ValueError, match="3"):
        next(results)
