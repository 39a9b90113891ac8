"""What the connections of one decision service have in common."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Final

from cautery.guard.deciding_service.settings import ServiceSettings
from cautery.guard.metrics import Metrics
from cautery.guard.proxying.exchange_service import Announcer
from cautery.guard.proxying.serving import Serving
from cautery.guard.structured_logs import log

_QUIET_SECONDS: Final = 60.0
"""Between two lines of the log about strangers: each is counted, and few are written down."""


class DecisionService(Serving):
    """One process of a decision service.

    Args:
        settings: What it is told to do.
        metrics: Counters of the process.
        loop: The event loop.
        announcers: Who is told of decisions that do something.
        clock: The time, UTC.
        sweep_seconds: How often it is looked for what took too long.
    """

    def __init__(
        self,
        settings: ServiceSettings,
        metrics: Metrics,
        loop: asyncio.AbstractEventLoop,
        *,
        announcers: tuple[Announcer, ...] = (),
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
        sweep_seconds: float = 0.5,
    ) -> None:
        super().__init__(
            settings,
            metrics,
            loop,
            announcers=announcers,
            clock=clock,
            sweep_seconds=sweep_seconds,
        )
        self.settings = settings
        self._quiet_until = loop.time()

    def note_stranger(self, address: str) -> None:
        """Count a caller that was not admitted.

        Args:
            address: Where it asks from.
        """
        self.metrics.count("strangers_total")
        if self.now() >= self._quiet_until:
            self._quiet_until = self.now() + _QUIET_SECONDS
            log("a caller was not admitted", logging.WARNING, address=address)

    def replace(self, settings: ServiceSettings) -> None:
        """Treat every question that comes from now on by other settings."""
        self.serving = self.settings = settings
