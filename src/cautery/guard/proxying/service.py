"""What the connections of one proxy process have in common."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import datetime
from typing import TYPE_CHECKING

from cautery.guard.metrics import Metrics
from cautery.guard.proxying.exchange_service import Announcer, utc_now
from cautery.guard.proxying.header_rules import HeaderRules
from cautery.guard.proxying.serving import Serving
from cautery.guard.proxying.upstream_pool import UpstreamPool

if TYPE_CHECKING:
    from cautery.guard.proxying.settings import ProxySettings
    from cautery.guard.recording import RecordWriter


class ProxyService(Serving):
    """One process of a proxy.

    Args:
        settings: What it is told to do.
        metrics: Its counters.
        loop: The event loop.
        recorder: Where exchanges are recorded, None for nowhere.
        announcers: Who is told of decisions that do something.
        clock: The time, UTC.
        sweep_seconds: How often it is looked for what took too long.
    """

    def __init__(
        self,
        settings: ProxySettings,
        metrics: Metrics,
        loop: asyncio.AbstractEventLoop,
        *,
        recorder: RecordWriter | None = None,
        announcers: tuple[Announcer, ...] = (),
        clock: Callable[[], datetime] = utc_now,
        sweep_seconds: float = 0.5,
    ) -> None:
        super().__init__(
            settings,
            metrics,
            loop,
            recorder=recorder,
            announcers=announcers,
            clock=clock,
            sweep_seconds=sweep_seconds,
        )
        self._old_pools: list[UpstreamPool] = []
        self._use(settings)
        metrics.gauge("upstream_connections", lambda: len(self.pool))

    def _use(self, settings: ProxySettings) -> None:
        self.serving = self.settings = settings
        self.pool = UpstreamPool(settings.upstream, self.loop, self.writes)
        self.header_rules = HeaderRules(
            settings.upstream, settings.stripped_headers, settings.carrier.header
        )

    def replace(self, settings: ProxySettings) -> None:
        """Treat every request that comes from now on by other settings; those under way end."""
        old = self.pool
        self._use(settings)
        old.close()
        self._old_pools.append(old)

    def close(self) -> None:
        """Let go of the server and of the timer."""
        super().close()
        for pool in (self.pool, *self._old_pools):
            pool.abort()

    def sweep(self) -> None:
        """Look for what took too long at the server."""
        self.pool.sweep()
        for pool in self._old_pools:
            pool.sweep()
        self._old_pools = [pool for pool in self._old_pools if len(pool)]
