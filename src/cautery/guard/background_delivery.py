"""Hands pieces on to a slow place from a thread of its own: in order, bounded, none lost unseen."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence

Count = Callable[[str, int], None]
"""Called with an outcome and how many pieces: ``written``, ``dropped`` (there was no room) or
``failed`` (they are tried again)."""


class BackgroundDelivery:
    """A bounded queue with one thread that empties it.

    Args:
        deliver: Takes pieces in order; raises ``OSError`` if they could not be delivered, all of
            which are then tried again.
        count: What became of them.
        interval_seconds: How long a piece waits at most, and before it is tried again.
        most_bytes: Of all pieces that wait; further ones are dropped and counted.
        most_at_once: Pieces of one delivery.
    """

    def __init__(
        self,
        deliver: Callable[[Sequence[bytes]], None],
        count: Count,
        *,
        interval_seconds: float,
        most_bytes: int,
        most_at_once: int = 1_000_000,
    ) -> None:
        self._deliver = deliver
        self._count = count
        self._interval_seconds = interval_seconds
        self._most_bytes = most_bytes
        self._most_at_once = most_at_once
        self._waiting: list[bytes] = []
        self._waiting_bytes = 0
        self._lock = threading.Lock()
        self._delivering = threading.Lock()
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="cautery-delivery", daemon=True)
        self._thread.start()

    def add(self, piece: bytes) -> None:
        """Take a piece; never waits and never raises."""
        size = len(piece)
        with self._lock:
            if self._waiting_bytes + size <= self._most_bytes:
                self._waiting.append(piece)
                self._waiting_bytes += size
                return
        self._count("dropped", 1)

    def flush(self) -> bool:
        """Deliver what waits now.

        Returns:
            Whether nothing waits any more, but for what came meanwhile.
        """
        with self._delivering:
            while True:
                with self._lock:
                    pieces = self._waiting[: self._most_at_once]
                if not pieces:
                    return True
                try:
                    self._deliver(pieces)
                except OSError:
                    self._count("failed", len(pieces))
                    return False
                with self._lock:
                    del self._waiting[: len(pieces)]
                    self._waiting_bytes -= sum(map(len, pieces))
                self._count("written", len(pieces))

    def close(self) -> None:
        """Deliver what waits, once, and stop."""
        self._stop.set()
        self._thread.join()
        if not self.flush():
            with self._lock:
                lost = len(self._waiting)
            self._count("dropped", lost)

    def _run(self) -> None:
        while not self._stop.wait(self._interval_seconds):
            self.flush()
