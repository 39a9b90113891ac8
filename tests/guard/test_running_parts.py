"""Parts of a guard that hold something: kept while what they are made of stays, closed once."""

from __future__ import annotations

import threading

from cautery.guard.running_parts import RunningParts


class Thing:
    """Notes what becomes of it."""

    def __init__(self) -> None:
        self.ran = threading.Event()
        self.ended = 0
        self.closed = 0

    def run(self, stop: threading.Event) -> None:
        self.ran.set()
        stop.wait()
        self.ended += 1

    def close(self) -> None:
        assert self.ended == self.ran.is_set()
        self.closed += 1


def keep(parts: RunningParts, made_of: object, name: str = "thing") -> Thing:
    return parts.keep(name, made_of, Thing, run=lambda one, stop: one.run(stop), close=Thing.close)


def test_what_stays_the_same_is_taken_over() -> None:
    """The new guard's part is the old one's, at work without a break; another one is closed."""
    old = RunningParts()
    same, gone = keep(old, "a"), keep(old, "b")
    old.start()
    assert same.ran.wait(20)
    assert gone.ran.wait(20)
    new = RunningParts(old)
    assert keep(new, "a") is same
    added = keep(new, "c")
    new.start()
    assert added.ran.wait(20)
    assert old.close(keeping=new) == []
    assert (gone.ended, gone.closed, same.ended, same.closed) == (1, 1, 0, 0)
    assert new.close() == []
    assert (same.ended, same.closed, added.closed) == (1, 1, 1)
    assert new.close() == []
    assert same.closed == 1


def test_a_guard_that_is_not_taken_into_use_closes_its_own_only() -> None:
    """A configuration that is refused after all leaves the guard at work as it was."""
    old = RunningParts()
    same = keep(old, "a")
    old.start()
    new = RunningParts(old)
    keep(new, "a")
    other = keep(new, "b")
    new.close(keeping=old)
    assert (same.closed, other.closed, other.ran.is_set()) == (0, 1, False)
    old.close()
    assert same.closed == 1


def test_one_that_cannot_be_closed_keeps_no_other_open() -> None:
    """Whatever a part raises is handed back; those made before it are closed all the same."""

    def fail(_: Thing) -> None:
        raise OSError("the disk is gone")

    parts = RunningParts()
    first = keep(parts, "a")
    parts.keep("broken", "b", Thing, close=fail)
    [error] = parts.close()
    assert isinstance(error, OSError)
    assert first.closed == 1
