"""Tests of working beside the reader."""

from __future__ import annotations

import threading

import pytest

from cautery.ingest.background import MOST_WAITING, Background


def test_order_is_kept() -> None:
    """Calls are made one after another, in the order asked for, in another thread."""
    done: list[int] = []
    threads: set[int] = set()

    def work(number: int) -> None:
        threads.add(threading.get_ident())
        done.append(number)

    background = Background(work)
    for number in range(100):
        background.submit(number)
    background.wait()
    background.close()
    assert done == list(range(100))
    assert len(threads - {threading.get_ident()}) == 1


def test_errors_come_back() -> None:
    """What a call raises is raised where the work was asked for."""

    def work(number: int) -> None:
        if number == 1:
            raise OSError("disk full")

    background = Background(work)
    background.submit(0)
    background.submit(1)
    with pytest.raises(OSError, match="disk full"):
        background.wait()
    background.close()


def test_few_calls_wait() -> None:
    """A slow call holds the reader back, so that batches do not pile up."""
    gate = threading.Event()
    begun: list[int] = []

    def work(number: int) -> None:
        begun.append(number)
        gate.wait(10)

    background = Background(work)
    for number in range(MOST_WAITING):
        background.submit(number)
    blocked = threading.Thread(target=background.submit, args=(99,))
    blocked.start()
    blocked.join(0.05)
    assert blocked.is_alive()
    gate.set()
    blocked.join(10)
    background.wait()
    background.close()
    assert begun == [*range(MOST_WAITING), 99]
