"""What the connections of one process have in common."""

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
from cautery.guard.proxying.header_rules import HeaderRules
from cautery.guard.proxying.upstream_pool import UpstreamPool
from cautery.records.decision import Decision

if TYPE_CHECKING:
    from cautery.guard.proxying.client_side import ClientSide
    from cautery.guard.proxying.settings import ProxySettings
    from cautery.guard.recording import RecordWriter
    from cautery.ports import Decider
    from cautery.records.request import RequestFacts

_DRAW_BYTES: Final = 4096
_IDENTIFIER_DIGITS: Final = 24


class Announcer(Protocol):
    """Who is told of decisions that do something: event logs, webhooks."""

    def announce(self, decision: Decision, facts: RequestFacts) -> None:
        """Take a decision; never waits and never raises."""
        ...


class ProxyService:
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
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
        sweep_seconds: float = 0.5,
    ) -> None:
        self.metrics = metrics
        self.recorder = recorder
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
        self._loop = loop
        self._recorded = HandedOver[tuple[Callable[[Decision], None], Decision]](
            loop, lambda given: given[0](given[1])
        )
        self._drawn = ""
        self._drawn_used = 0
        self._last_closed: asyncio.Event | None = None
        self._old_pools: list[UpstreamPool] = []
        self._use(settings)
        self._sweep_seconds = sweep_seconds
        self._timer = loop.call_later(sweep_seconds, self._sweep)
        metrics.gauge("client_connections", lambda: len(self.connections))
        metrics.gauge("upstream_connections", lambda: len(self.pool))
        metrics.gauge("requests_in_flight", lambda: self.in_flight)
        metrics.gauge("buffered_bytes", lambda: self.buffered_bytes)

    def _use(self, settings: ProxySettings) -> None:
        self.settings = settings
        self.pool = UpstreamPool(settings.upstream, self._loop, self.writes)
        self.header_rules = HeaderRules(
            settings.upstream, settings.stripped_headers, settings.carrier.header
        )

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

    def replace(self, settings: ProxySettings) -> None:
        """Treat every request that comes from now on by other settings; those under way end."""
        old = self.pool
        self._use(settings)
        old.close()
        self._old_pools.append(old)

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

    @property
    def kept_characters(self) -> int:
        """Most characters of an answer's text that the record keeps; 0 for none."""
        if self.recorder is None or self.recorder.settings.text != "full":
            return 0
        return self.recorder.settings.text_characters

    async def drain(self) -> None:
        """Let what is under way end, for as long as the settings allow."""
        self.draining = True
        for connection in list(self.connections):
            connection.close_if_idle()
        with suppress(TimeoutError):
            async with asyncio.timeout(self.settings.limits.drain_seconds):
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
        """Let go of the server and of the timer."""
        self._timer.cancel()
        for pool in (self.pool, *self._old_pools):
            pool.abort()

    def _sweep(self) -> None:
        self._timer = self._loop.call_later(self._sweep_seconds, self._sweep)
        self.tick = now = self.now()
        for connection in list(self.connections):
            if connection.deadline <= now:
                connection.expire()
        self.pool.sweep()
        for pool in self._old_pools:
            pool.sweep()
        self._old_pools = [pool for pool in self._old_pools if len(pool)]
