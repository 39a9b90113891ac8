"""How the requests of one process are decided on and written down, wherever they are met."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from functools import partial
from time import perf_counter
from typing import TYPE_CHECKING, Final, Protocol

from cautery.guard.metrics import Metrics

if TYPE_CHECKING:
    from cautery.guard.proxying.settings import ServingSettings
    from cautery.guard.recording import RecordWriter
    from cautery.records.decision import Decision
    from cautery.records.request import RequestFacts

_MOST_THREADS: Final = 64
_DRAW_BYTES: Final = 4096
_IDENTIFIER_DIGITS: Final = 24

utc_now: Final[Callable[[], datetime]] = partial(datetime.now, UTC)
"""The time; without a function of Python between, as it is asked for twice a request."""


class Announcer(Protocol):
    """Who is told of decisions that do something: event logs, webhooks."""

    def announce(self, decision: Decision, facts: RequestFacts) -> None:
        """Take a decision; never waits and never raises."""
        ...


class Deciding:
    """What every request of a process is decided on, counted and recorded by.

    Args:
        settings: What to do.
        metrics: Counters.
        loop: The event loop.
        recorder: Where exchanges are recorded, None for nowhere.
        announcers: Who is told of decisions that do something.
        clock: The time, UTC.
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
    ) -> None:
        self.serving = settings
        self.metrics = metrics
        self.recorder = recorder
        self.announcers = announcers
        self.clock = clock
        self.now = loop.time
        self.in_flight = 0
        self.decision_seconds = metrics.histogram("decision_seconds")
        self.request_seconds = metrics.histogram("request_seconds")
        self.loop = loop
        self._threads: ThreadPoolExecutor | None = None
        self._drawn = ""
        self._drawn_used = 0
        metrics.gauge("requests_in_flight", lambda: self.in_flight)

    def decide(self, facts: RequestFacts, then: Callable[[Decision], None]) -> None:
        """Have a request decided on.

        Where decisions are written to a disk first, they are made in threads, so that one wait for
        the disk serves many of them and no answer under way is held up by it.

        Args:
            facts: Of the request.
            then: Called with the decision, at once or later on the event loop.
        """
        began = perf_counter()
        if not self.serving.decides_in_threads:
            decision = self.serving.decider.decide(facts)
            self.decision_seconds.observe(perf_counter() - began)
            then(decision)
            return
        asked = self.loop.run_in_executor(
            self._decision_threads(), self.serving.decider.decide, facts
        )

        def go_on(done: asyncio.Future[Decision]) -> None:
            self.decision_seconds.observe(perf_counter() - began)
            then(done.result())

        asked.add_done_callback(go_on)

    async def decision_on(self, facts: RequestFacts) -> Decision:
        """Have a request decided on, for adapters that wait for it.

        Args:
            facts: Of the request.

        Returns:
            The decision.
        """
        began = perf_counter()
        decider = self.serving.decider
        if self.serving.decides_in_threads:
            decision = await self.loop.run_in_executor(
                self._decision_threads(), decider.decide, facts
            )
        else:
            decision = decider.decide(facts)
        self.decision_seconds.observe(perf_counter() - began)
        return decision

    def _decision_threads(self) -> ThreadPoolExecutor:
        if self._threads is None:
            self._threads = ThreadPoolExecutor(_MOST_THREADS, thread_name_prefix="cautery-decision")
        return self._threads

    def identifier(self, prefix: str) -> str:
        """Make an identifier that tells nothing, not even how many there are."""
        start = self._drawn_used
        self._drawn_used = end = start + _IDENTIFIER_DIGITS
        if end > len(self._drawn):
            self._drawn = os.urandom(_DRAW_BYTES).hex()
            self._drawn_used = end = _IDENTIFIER_DIGITS
            start = 0
        return prefix + self._drawn[start:end]

    @property
    def kept_characters(self) -> int:
        """Most characters of an answer's text that the record keeps; 0 for none."""
        if self.recorder is None or self.recorder.settings.text != "full":
            return 0
        return self.recorder.settings.text_characters

    def close(self) -> None:
        """Let go of the threads; decisions that wait for one are not made any more."""
        if self._threads is not None:
            self._threads.shutdown(wait=False, cancel_futures=True)
