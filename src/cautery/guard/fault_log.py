"""Tells the guard's own log of faults: each kind at once, and then at most once a minute."""

from __future__ import annotations

import logging
import math
from typing import TYPE_CHECKING, Final

from cautery.guard.faults import FAULTS
from cautery.guard.structured_logs import log

if TYPE_CHECKING:
    from cautery.guard.clocks import Clock
    from cautery.guard.faults import FaultPolicy

QUIET_SECONDS: Final = 60.0
"""Between two lines about one kind of fault: it may touch every request."""


class FaultLog:
    """Writes a line about faults that decisions met; every one is counted elsewhere.

    Args:
        policy: How the guard fails.
        monotonic: Seconds since any moment.
    """

    def __init__(self, policy: FaultPolicy, monotonic: Clock) -> None:
        self._fails: dict[str, str] = {
            name: "closed" if policy.fails_closed(name) else "open" for name in FAULTS
        }
        self._monotonic = monotonic
        self._quiet_until: dict[str, float] = {}
        self._untold: dict[str, int] = {}

    def tell(self, fault: str) -> None:
        """Tell of a fault that a decision met.

        Args:
            fault: Its name.
        """
        now = self._monotonic()
        decisions = self._untold.pop(fault, 0) + 1
        if now < self._quiet_until.get(fault, -math.inf):
            self._untold[fault] = decisions
            return
        self._quiet_until[fault] = now + QUIET_SECONDS
        fails = self._fails[fault]
        log("fault", logging.WARNING, fault=fault, fails=fails, decisions=decisions)
