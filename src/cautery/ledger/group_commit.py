"""One thread writes what many ask for: all that has come in shares one wait for the disk."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from typing import Final, Generic, TypeVar

from cautery.errors import OutputError

MOST_AT_ONCE: Final = 1_024
"""Items of one write."""
MOST_WAITING: Final = 65_536
"""Items that may wait; more are refused, so that memory stays bounded behind a slow disk."""

Item = TypeVar("Item")


class GroupCommit(Generic[Item]):
    """Collects items and hands them to a writer in the order in which they came.

    Args:
        write: Writes items, all or none, and gives the position of the first. What it raises is
            told to everybody whose item it was, as an ``OutputError``; the next items are tried.
        most_at_once: Items that one call of it gets.
    """

    def __init__(
        self, write: Callable[[Sequence[Item]], int], *, most_at_once: int = MOST_AT_ONCE
    ) -> None:
        self._write = write
        self._most_at_once = most_at_once
        self._waiting: list[tuple[Item, Future[int]]] = []
        self._changed = threading.Condition()
        self._closed = False
        self._thread = threading.Thread(target=self._run, name="ledger-commit", daemon=True)
        self._thread.start()

    def submit(self, item: Item) -> Future[int]:
        """Hand an item in.

        Args:
            item: What to write.

        Returns:
            Its position, once it is on disk. It cannot be cancelled: what was decided is written.

        Raises:
            OutputError: Too many wait already, or this was closed.
        """
        future: Future[int] = Future()
        future.set_running_or_notify_cancel()
        with self._changed:
            if self._closed:
                raise OutputError("the ledger is closed")
            if len(self._waiting) >= MOST_WAITING:
                raise OutputError(f"{MOST_WAITING:,} records wait for the disk already")
            self._waiting.append((item, future))
            if len(self._waiting) == 1:
                self._changed.notify()
        return future

    def close(self) -> None:
        """Write what waits, and stop."""
        with self._changed:
            self._closed = True
            self._changed.notify()
        self._thread.join()

    def _run(self) -> None:
        while True:
            with self._changed:
                while not self._waiting and not self._closed:
                    self._changed.wait()
                batch = self._waiting[: self._most_at_once]
                del self._waiting[: self._most_at_once]
            if not batch:
                return
            self._commit(batch)

    def _commit(self, batch: Sequence[tuple[Item, Future[int]]]) -> None:
        try:
            first = self._write([item for item, _ in batch])
        except Exception as error:  # noqa: BLE001 - whoever waits would wait for ever
            message = getattr(error, "strerror", None) or str(error) or type(error).__name__
            for _, future in batch:
                future.set_exception(OutputError(f"the ledger cannot be written: {message}"))
        else:
            for place, (_, future) in enumerate(batch):
                future.set_result(first + place)
