"""What the connections of one process have in common, whatever is asked on them."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime
from time import perf_counter
from typing import TYPE_CHECKING, Any, Final, Protocol

from cautery.guard.metrics import Metrics
from cautery.guard.proxying.client_addresses import plain_address
from cautery.guard.proxying.gathered_writes import GatheredWrites
from cautery.guard.proxying.handed_over import HandedOver
from cautery.records.decision import Decision

if TYPE_CHECKING:
    from cautery.guard.proxying.client_side import ClientSide
    from cautery.guard.proxying.settings import ServingSettings
    from cautery.ports import Decider
    from cautery.records.request import RequestFacts

_DRAW_BYTES: Final = 4096
_IDENTIFIER_DIGITS: Final = 24


class Announcer(Protocol):
    """Who is told of decisions that do something: event logs, webhooks."""

    def announce(self, decision: Decision, facts: RequestFacts) -> None:
        """Take a decision; never waits and never raises."""
        ...


class Serving:
    """One listener of one process: its connections, their bounds, and how it decides.

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
        settings: ServingSettings,
        metrics: Metrics,
        loop: asyncio.AbstractEventLoop,
        *,
        announcers: tuple[Announcer, ...] = (),
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
        sweep_seconds: float = 0.5,
    ) -> None:
        self.serving = settings
        self.metrics = metrics
        self.announcers = announcers
        self.clock = clock
        self.now = loop.time
        self.tick = loop.time()
        self.connections: set[ClientSide] = set()
        self.writes = GatheredWrites(loop)
        self.buffered_bytes = 0
        self.in_flight = 0
        self.draining = False
        self.decision_seconds = metrics.histogram("decision_seconds")
        self.request_seconds = metrics.histogram("request_seconds")
        self.loop = loop
        self._recorded = HandedOver[tuple[Callable[[Decision], None], Decision]](
            loop, lambda given: given[0](given[1])
        )
        self._drawn = ""
        self._drawn_used = 0
        self._last_closed: asyncio.Event | None = None
        self._sweep_seconds = sweep_seconds
        self._timer = loop.call_later(sweep_seconds, self._sweep)
        part = type(self).__name__
        metrics.gauge("client_connections", lambda: len(self.connections), part)
        metrics.gauge("requests_in_flight", lambda: self.in_flight, part)
        metrics.gauge("buffered_bytes", lambda: self.buffered_bytes, part)

    def decide(
        self,
        decider: Decider,
        facts: RequestFacts,
        then: Callable[[Decision], None],
        give_up: Callable[[], None],
    ) -> None:
        """Have a request decided on; nothing waits for the disk but this request.

        Args:
            decider: Of the settings that the request came under.
            facts: Of the request.
            then: Called with the decision, at once or later on the event loop.
            give_up: Called if that raises later, when no connection notices by itself.
        """
        began = perf_counter()
        begun = decider.begin(facts)
        if isinstance(begun, Decision):
            self.decision_seconds.observe(perf_counter() - began)
            then(begun)
            return

        def go_on(decision: Decision) -> None:
            self.decision_seconds.observe(perf_counter() - began)
            try:
                then(decision)
            except BaseException:
                give_up()
                raise

        begun.add_done_callback(lambda done: self._recorded.add((go_on, done.result())))

    def identifier(self, prefix: str) -> str:
        """Make an identifier that tells nothing, not even how many there are."""
        start = self._drawn_used
        self._drawn_used = end = start + _IDENTIFIER_DIGITS
        if end > len(self._drawn):
            self._drawn = os.urandom(_DRAW_BYTES).hex()
            self._drawn_used = end = _IDENTIFIER_DIGITS
            start = 0
        return prefix + self._drawn[start:end]

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
