"""When an endpoint may be asked next: a rate that holds for all askers, and waits that it asks for.

All askers of one endpoint share a ``Pace``. A wait that the endpoint asked for (Retry-After) holds
all of them: whom it turned away once it would turn away again.
"""

from __future__ import annotations

import math
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

from cautery.errors import ConfigurationError

MINUTE_SECONDS: Final = 60.0
ROUNDING_SECONDS: Final = 1e-6
"""So little is not waited for: a sum of times is never exact."""


@dataclass(kw_only=True)
class Pace:
    """A rate of requests, shared by threads.

    Raises:
        ConfigurationError: The rate is none.
    """

    requests_per_minute: float | None = None
    """Evenly spread; None for as fast as answers come."""
    wait: Callable[[float], None] = time.sleep
    """Waits so many seconds."""
    clock: Callable[[], float] = time.monotonic
    """Tells seconds since some time."""
    _next: float = field(default=-math.inf, init=False, repr=False)
    _held_until: float = field(default=-math.inf, init=False, repr=False)
    _lock: threading.Lock = field(default_factory=threading.Lock, init=False, repr=False)

    def __post_init__(self) -> None:
        rate = self.requests_per_minute
        if rate is not None and not 0.0 < rate < math.inf:
            raise ConfigurationError("must be above 0", where="requests-per-minute")

    def take_turn(self, pause_seconds: float = 0.0) -> None:
        """Wait until one more request may be sent.

        Args:
            pause_seconds: Wait at least so long.
        """
        earliest = self.clock() + pause_seconds
        while (left := self._left(earliest)) > 0.0:
            self.wait(left)

    def _left(self, earliest: float) -> float:
        """Take the turn if it has come; else say how long to wait before trying again."""
        with self._lock:
            now = self.clock()
            left = max(earliest, self._next, self._held_until) - now
            if left > ROUNDING_SECONDS:
                return left
            if self.requests_per_minute is not None:
                self._next = now + MINUTE_SECONDS / self.requests_per_minute
            return 0.0

    def hold(self, seconds: float) -> None:
        """Let nobody ask for so many seconds."""
        with self._lock:
            self._held_until = max(self._held_until, self.clock() + seconds)
