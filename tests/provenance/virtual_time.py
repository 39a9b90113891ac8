"""Time that passes only as somebody waits."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field

from cautery.provenance.pacing import Pace


@dataclass
class VirtualTime:
    """A clock, and what was waited for; threads may share it."""

    now: float = 0.0
    waits: list[float] = field(default_factory=list)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def clock(self) -> float:
        """Tell the time."""
        return self.now

    def wait(self, seconds: float) -> None:
        """Let time pass."""
        with self._lock:
            self.waits.append(seconds)
            self.now += seconds

    def pace(self, requests_per_minute: float | None = None) -> Pace:
        """Give a pace that keeps to this time."""
        return Pace(requests_per_minute=requests_per_minute, wait=self.wait, clock=self.clock)
