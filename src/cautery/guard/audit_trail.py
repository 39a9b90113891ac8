"""The ledger as the guard uses it: what fails is counted, said once, and put on record later.

When the disk is full the ledger takes no record, and where records are required the guard then
refuses. It tries on by itself: once a second it writes a record that tells of the gap. So it knows
when the disk has room again, also if no request comes because ``/readyz`` says not to send any, and
whoever reads the ledger sees that something is missing, and how much.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Mapping
from concurrent.futures import Future
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

from cautery.errors import CauteryError, OutputError
from cautery.guard.structured_logs import log

if TYPE_CHECKING:
    from cautery.ports.guard import DecisionTrail

GAP_KIND: Final = "audit-gap"
"""Kind of the record that tells how many records are missing, and since when."""
RETRY_SECONDS: Final = 1.0


class WatchedTrail:
    """A trail that knows whether it can be written (port ``DecisionTrail``).

    Args:
        trail: The ledger.
        clock: The time, UTC.
    """

    def __init__(
        self,
        trail: DecisionTrail,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._trail = trail
        self._clock = clock
        self._lock = threading.Lock()
        self._missing = 0
        self._since: datetime | None = None
        self.fault = ""
        """Why nothing can be written now; empty while it can."""
        self.written = 0
        """Records that are on disk."""
        self.failed = 0
        """Records that could not be written."""

    def append(self, kind: str, record: Mapping[str, Any], written_at: datetime) -> int:
        """Write a record; it is on disk when this returns. See ``AuditTrail``."""
        return self.submit(kind, record, written_at).result()

    def submit(self, kind: str, record: Mapping[str, Any], written_at: datetime) -> Future[int]:
        """Hand a record in without waiting. See ``DecisionTrail``."""
        try:
            future = self._trail.submit(kind, record, written_at)
        except OutputError as error:
            self._fail(error)
            raise
        future.add_done_callback(self._note)
        return future

    def tend(self, stop: threading.Event) -> None:
        """Tell of gaps until told to stop; for a thread of its own.

        Args:
            stop: Ends it, after one last try.
        """
        while not stop.wait(RETRY_SECONDS):
            self.tell_of_gap()
        self.tell_of_gap()

    def tell_of_gap(self) -> bool:
        """Write down that records are missing, if any are.

        Returns:
            Whether nothing is missing any more that is not told of.
        """
        with self._lock:
            missing, since = self._missing, self._since
        if since is None:
            return True
        until = self._clock()
        words = {"missing": missing, "since": _written(since), "until": _written(until)}
        try:
            self._trail.submit(GAP_KIND, words, until).result()
        except CauteryError:
            return False
        with self._lock:
            self._missing -= missing
            self._since = until if self._missing else None
        self._recover()
        return True

    def _note(self, done: Future[int]) -> None:
        error = done.exception()
        if error is not None:
            self._fail(error)
            return
        self.written += 1
        if self.fault:
            self._recover()

    def _fail(self, error: BaseException) -> None:
        what = error.what if isinstance(error, CauteryError) else type(error).__name__
        with self._lock:
            self.failed += 1
            self._missing += 1
            if self._since is None:
                self._since = self._clock()
            first, self.fault = not self.fault, what
        if first:
            log("the ledger cannot be written", logging.ERROR, reason=what)

    def _recover(self) -> None:
        with self._lock:
            was, self.fault = self.fault, ""
        if was:
            log("the ledger is written again", failed=self.failed)


def _written(moment: datetime) -> str:
    return f"{moment.astimezone(UTC).isoformat(timespec='microseconds')[:-6]}Z"
