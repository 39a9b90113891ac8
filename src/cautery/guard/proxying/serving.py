"""What the connections of one process have in common, whatever is asked on them."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime
from typing import TYPE_CHECKING, Any

from cautery.guard.metrics import Metrics
from cautery.guard.proxying.client_addresses import plain_address
from cautery.guard.proxying.exchange_service import Announcer, ExchangeService, utc_now
from cautery.guard.proxying.gathered_writes import GatheredWrites

if TYPE_CHECKING:
    from cautery.guard.proxying.client_side import ClientSide
    from cautery.guard.proxying.settings import ServingSettings
    from cautery.guard.recording import RecordWriter


class Serving(ExchangeService):
    """One listener of one process: its connections, their bounds, and how it decides.

    Args:
        settings: What it is told to do.
        metrics: Counters of the process.
        loop: The event loop.
        recorder: Where exchanges are recorded, None for nowhere.
        announcers: Who is told of decisions that do something.
        clock: The time, UTC.
        sweep_seconds: How often it is looked for what took too long.
    """

    def __init__(
        self,
        settings: ServingSettings,
        metrics: Metrics,
        loop: asyncio.AbstractEventLoop,
        *,
        recorder: RecordWriter | None = None,
        announcers: tuple[Announcer, ...] = (),
        clock: Callable[[], datetime] = utc_now,
        sweep_seconds: float = 0.5,
    ) -> None:
        super().__init__(
            settings, metrics, loop, recorder=recorder, announcers=announcers, clock=clock
        )
        self.tick = loop.time()
        self.connections: set[ClientSide] = set()
        self.writes = GatheredWrites(loop)
        self.buffered_bytes = 0
        self.draining = False
        self._last_closed: asyncio.Event | None = None
        self._sweep_seconds = sweep_seconds
        self._timer = loop.call_later(sweep_seconds, self._sweep)
        part = type(self).__name__
        metrics.gauge("client_connections", lambda: len(self.connections), part)
        metrics.gauge("buffered_bytes", lambda: self.buffered_bytes, part)

    def plain_peer(self, peer: Any) -> str:
        """Spell the address of a connection's other end."""
        return plain_address(str(peer[0])) if isinstance(peer, tuple) else ""

    async def drain(self) -> None:
        """Let what is under way end, for as long as the settings allow."""
        self.draining = True
        for connection in list(self.connections):
            connection.close_if_idle()
        with suppress(TimeoutError):
            async with asyncio.timeout(self.serving.limits.drain_seconds):
                await self._emptied()
        for connection in list(self.connections):
            connection.abort()
        self.close()

    async def _emptied(self) -> None:
        """Wait for the last connection to close."""
        if self.connections:
            self._last_closed = asyncio.Event()
            await self._last_closed.wait()

    def forget(self, connection: ClientSide) -> None:
        """Learn that a connection is closed."""
        self.connections.discard(connection)
        if not self.connections and self._last_closed is not None:
            self._last_closed.set()

    def close(self) -> None:
        """Let go of the timer."""
        self._timer.cancel()

    def sweep(self) -> None:
        """Look for what took too long, besides the connections of clients."""

    def _sweep(self) -> None:
        self._timer = self.loop.call_later(self._sweep_seconds, self._sweep)
        self.tick = now = self.now()
        for connection in list(self.connections):
            if connection.deadline <= now:
                connection.expire()
        self.sweep()
