"""How the requests of one process are decided on and written down, wherever they are met."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial
from time import perf_counter
from typing import TYPE_CHECKING, Final, Protocol

from cautery.guard.awaiting import decided
from cautery.guard.metrics import Metrics
from cautery.guard.proxying.handed_over import HandedOver
from cautery.records.decision import Decision

if TYPE_CHECKING:
    from cautery.guard.proxying.settings import ServingSettings
    from cautery.guard.recording import RecordWriter
    from cautery.ports import Decider
    from cautery.records.degraded import DegradedAnswer
    from cautery.records.request import RequestFacts

_DRAW_BYTES: Final = 4096
_IDENTIFIER_DIGITS: Final = 24

utc_now: Final[Callable[[], datetime]] = partial(datetime.now, UTC)
"""The time; without a function of Python between, as it is asked for twice a request."""


class Announcer(Protocol):
    """Who is told of decisions that do something: event logs, webhooks."""

    def announce(self, decision: Decision, facts: RequestFacts) -> None:
        """Take a decision; never waits and never raises."""
        ...

    def announce_degraded(
        self, answer: DegradedAnswer, facts: RequestFacts, told_at: datetime
    ) -> None:
        """Take what became of a degraded answer; never waits and never raises."""
        ...


class ExchangeService:
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
        self._recorded = HandedOver[tuple[Callable[[Decision], None], Decision]](
            loop, lambda given: given[0](given[1])
        )
        self._drawn = ""
        self._drawn_used = 0
        metrics.gauge("requests_in_flight", lambda: self.in_flight, type(self).__name__)

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

    async def decision_on(self, decider: Decider, facts: RequestFacts) -> Decision:
        """Have a request decided on, for adapters that wait for it.

        Args:
            decider: Of the settings that the request came under.
            facts: Of the request.

        Returns:
            The decision.
        """
        began = perf_counter()
        decision = await decided(decider, facts)
        self.decision_seconds.observe(perf_counter() - began)
        return decision

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
