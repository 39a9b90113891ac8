"""Group commit: one write for many, each told its own position or what went wrong."""

from __future__ import annotations

import threading
from collections.abc import Sequence

import pytest

from cautery.errors import OutputError
from cautery.ledger import group_commit
from cautery.ledger.group_commit import GroupCommit


class Disk:
    """A disk that writes when it is let."""

    def __init__(self) -> None:
        self.batches: list[list[int]] = []
        self.let = threading.Event()
        self.asked = threading.Event()
        self.fault: Exception | None = None
        self._written = 0

    def write(self, items: Sequence[int]) -> int:
        """Write a batch."""
        self.asked.set()
        assert self.let.wait(10)
        if self.fault is not None:
            raise self.fault
        self.batches.append(list(items))
        self._written += len(items)
        return self._written - len(items)


def test_all_that_came_in_shares_a_write() -> None:
    """While one write runs others wait, and go together; nobody is told before it is written."""
    disk = Disk()
    commits = GroupCommit(disk.write, most_at_once=50)
    first = commits.submit(0)
    assert disk.asked.wait(10)
    others = [commits.submit(number) for number in range(1, 121)]
    assert not any(future.done() for future in (first, *others))
    disk.let.set()
    assert [future.result(10) for future in (first, *others)] == list(range(121))
    assert [len(batch) for batch in disk.batches] == [1, 50, 50, 20]
    commits.close()


def test_a_fault_is_told_to_those_it_hit() -> None:
    """Who was in a batch that failed gets the error; the next batch goes in."""
    disk = Disk()
    commits = GroupCommit(disk.write)
    disk.let.set()
    for fault in (OSError(28, "No space left on device"), ValueError("odd"), KeyError()):
        disk.fault = fault
        with pytest.raises(OutputError, match=r"cannot be written: (No space|odd|KeyError)"):
            commits.submit(1).result(10)
    disk.fault = None
    assert commits.submit(2).result(10) == 0
    commits.close()


def test_it_cannot_be_cancelled() -> None:
    """What was decided is written, even if its client has gone."""
    disk = Disk()
    commits = GroupCommit(disk.write)
    future = commits.submit(1)
    assert not future.cancel()
    disk.let.set()
    commits.close()
    assert future.result() == 0


def test_closing_writes_what_waits() -> None:
    """What was handed in before closing is written; afterwards nothing is taken."""
    disk = Disk()
    commits = GroupCommit(disk.write)
    futures = [commits.submit(number) for number in range(10)]
    disk.let.set()
    commits.close()
    assert [future.result(0) for future in futures] == list(range(10))
    with pytest.raises(OutputError, match="closed"):
        commits.submit(11)


def test_the_queue_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    """Behind a disk that hangs, records are refused rather than heaped up."""
    monkeypatch.setattr(group_commit, "MOST_WAITING", 3)
    disk = Disk()
    commits = GroupCommit(disk.write)
    futures = [commits.submit(0)]
    assert disk.asked.wait(10)
    futures += [commits.submit(number) for number in range(3)]
    with pytest.raises(OutputError, match="wait for the disk"):
        commits.submit(9)
    disk.let.set()
    commits.close()
    assert [future.result(0) for future in futures] == [0, 1, 2, 3]
