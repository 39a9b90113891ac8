"""One question to the decision service, from its head to its answer."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import TYPE_CHECKING

from cautery.guard.answers import Answer, Headers, Refusal, answer_refusal
from cautery.guard.proxying.header_rules import status_line

if TYPE_CHECKING:
    from cautery.guard.deciding_service.service import DecisionService
    from cautery.guard.proxying.client_side import ClientSide
    from cautery.guard.proxying.request_head import RequestHead
    from cautery.records.decision import Decision
    from cautery.records.request import RequestFacts

Route = Callable[["Asking"], None]
"""Answers a question, at once or once its decision is there."""


class Asking:
    """One question and its answer; its connection sees a turn in it.

    Args:
        service: What the process has in common.
        route: Answers it.
        connection: The caller's.
        head: Of the question.
        body: All of it.
    """

    __slots__ = (
        "_done",
        "_keep_alive",
        "_route",
        "_started",
        "_timer",
        "arrived_at",
        "body",
        "connection",
        "head",
        "request_id",
        "service",
        "settings",
    )

    def __init__(
        self,
        service: DecisionService,
        route: Route,
        connection: ClientSide,
        head: RequestHead,
        body: bytes,
    ) -> None:
        self.service = service
        self.settings = service.settings
        self.connection = connection
        self.head = head
        self.body = body
        self.arrived_at = service.clock()
        self.request_id = service.identifier("req_")
        self._route = route
        self._started = service.now()
        self._keep_alive = head.keep_alive and not service.draining
        self._timer: asyncio.TimerHandle | None = None
        self._done = False
        service.in_flight += 1

    def start(self) -> None:
        """Answer, or have it decided on first."""
        self._route(self)

    def decide(
        self,
        facts: RequestFacts,
        then: Callable[[Decision], None],
        too_late: Callable[[], None],
    ) -> None:
        """Have a request decided on.

        Args:
            facts: Of the request.
            then: Called with the decision, unless the question was answered meanwhile.
            too_late: Called if there is none in time, because it waits for the disk.
        """

        def go_on(decision: Decision) -> None:
            if not self._done:
                then(decision)

        self.service.decide(self.settings.decider, facts, go_on, self.connection.abort)
        if not self._done:
            seconds = self.settings.decision_seconds
            self._timer = self.service.loop.call_later(seconds, too_late)

    def note(self, decision: Decision, facts: RequestFacts) -> None:
        """Count a decision and tell whoever is told.

        Args:
            decision: As it is carried out here.
            facts: Of its request.
        """
        metrics = self.service.metrics
        metrics.count("requests_total", facts.dialect, decision.action, decision.enforced_action)
        if decision.action != "allow":
            for announcer in self.service.announcers:
                announcer.announce(decision, facts)

    def refuse(self, refusal: Refusal, headers: Headers = ()) -> None:
        """Answer a question that cannot be answered.

        Args:
            refusal: Why.
            headers: More headers.
        """
        self.service.metrics.count("refusals_total", refusal)
        self.answer(answer_refusal(refusal, self.request_id, headers))

    def answer(self, answer: Answer) -> None:
        """Send an answer as it stands.

        Args:
            answer: The answer.
        """
        self.send(answer.status_code, answer.headers, answer.body)

    def send(self, status_code: int, headers: Headers, body: bytes = b"") -> None:
        """Send an answer and go on to the next question.

        Args:
            status_code: HTTP status.
            headers: All but the framing; names and values are the guard's own.
            body: Its body.
        """
        lines = [status_line(status_code)]
        lines += [b"%b: %b\r\n" % (name.encode(), text.encode("latin-1")) for name, text in headers]
        if status_code != 204:
            lines.append(b"content-length: %d\r\n" % len(body))
        lines.append(b"\r\n" if self._keep_alive else b"connection: close\r\n\r\n")
        if self.head.method != "HEAD":
            lines.append(body)
        self.connection.write(b"".join(lines))
        self.service.metrics.count("answers_total", str(status_code))
        self._conclude()
        self.connection.finished(keep_alive=self._keep_alive)

    def pause(self) -> None:
        """Do nothing: an answer is one short piece, and the next question waits."""

    def resume(self) -> None:
        """Do nothing, as in ``pause``."""

    def cancel(self) -> None:
        """Let go of a question whose caller has left."""
        if not self._done:
            self.service.metrics.count("cancelled_total")
            self._conclude()

    def _conclude(self) -> None:
        self._done = True
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        self.service.in_flight -= 1
        self.service.request_seconds.observe(self.service.now() - self._started)
