"""One request through the middleware: read, decided on, given to the application, written down."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from cautery.guard.answer_reading import AnswerFacts
from cautery.guard.answers import Answer, Headers, Refusal, answer_decision, answer_refusal
from cautery.guard.middleware.answer_passing import AnswerPassing
from cautery.guard.middleware.body_reading import BodyReading, ClientLeftError
from cautery.guard.middleware.messages import Application, Scope, Send
from cautery.guard.middleware.scope_reading import ScopeHead, passed_scope, presented_in
from cautery.guard.proxying.exchange_core import ExchangeCore
from cautery.guard.structured_logs import log

if TYPE_CHECKING:
    from cautery.guard.proxying.exchange_service import ExchangeService
    from cautery.guard.proxying.settings import ExchangeSettings
    from cautery.guard.request_paths import Operation
    from cautery.records.decision import Decision


class HttpExchange(ExchangeCore):
    """One request and its answer.

    Args:
        service: What the process has in common.
        settings: What the request is treated by.
        head: Of the request.
        operation: What its path asks for.
        reading: Its way in.
        send: Its way out.
    """

    __slots__ = ("_head", "_operation", "_payload", "_reading", "_send")

    def __init__(
        self,
        service: ExchangeService,
        settings: ExchangeSettings,
        head: ScopeHead,
        operation: Operation,
        *,
        reading: BodyReading,
        send: Send,
    ) -> None:
        super().__init__(service, settings, head.header_order)
        self._head = head
        self._operation = operation
        self._reading = reading
        self._send = send
        self._payload = b""

    async def run(self, application: Application, scope: Scope) -> None:
        """Treat the request, and answer it or have it answered.

        Args:
            application: Whom the guard stands in front of.
            scope: As the server gave it.
        """
        try:
            answer = await self._decided()
            if isinstance(answer, Answer):
                await self._answer(answer)
            else:
                await self._pass_on(application, scope, answer)
        except ClientLeftError:
            self._cancel(AnswerFacts())
        finally:
            self._reading.end()
            # Nothing is left to settle but where this very task was cancelled.
            self.settle(0, AnswerFacts(error_type="client_closed"))

    async def _decided(self) -> Answer | Decision:
        """Come to a decision that lets the request pass, or to an answer."""
        try:
            return await self._decide()
        except ClientLeftError:
            raise
        except Exception as error:  # noqa: BLE001 - what fails here must not let a request pass
            log("request failed", logging.ERROR, error=type(error).__name__)
            return self._refusal("internal_error")

    async def _decide(self) -> Answer | Decision:
        head = self._head
        values = [value for name, value in head.headers if name == b"x-forwarded-for"]
        address = self.settings.proxies.resolve(head.peer, values)
        unrecognised = self.recognise(presented_in(head, address, self.arrived_at, self.settings))
        if unrecognised is not None:
            refusal: Refusal = (
                "overloaded" if unrecognised.fault == "unavailable" else "unauthenticated"
            )
            return self._refusal(refusal, unrecognised.headers)
        self._payload, refused = await self._reading.read()
        if refused is None and self._payload:
            refused = self.read(self._payload, head.named, self._operation)
        if refused is not None or self.identity is None:
            return self._refusal(refused or "unauthenticated")
        agent = head.named.get(b"user-agent", b"")
        facts = self.note(self._operation, self.identity, address, agent)
        decision = await self.service.decision_on(self.settings.decider, facts)
        self.announce(decision, facts)
        answer = answer_decision(decision, facts.dialect, self.settings.answers)
        if answer is not None:
            return answer
        if self.body.fields:
            self.rewrite(decision)
            self._payload = self.body.encoded()
        return decision

    async def _pass_on(self, application: Application, scope: Scope, decision: Decision) -> None:
        passing = self._passing(decision)
        passed = passed_scope(
            scope,
            self._head,
            length=len(self._payload),
            request_id=self.request_id,
            stripped=self.settings.stripped_headers,
            tag_header=self.settings.carrier.header,
            key_id=self.settings.carrier.header_value(decision),
        )
        payload, self._payload = self._payload, b""
        try:
            await application(passed, self._reading.pass_on(payload), passing.take)
        except Exception:
            # The application may have wrapped what stopped it; its own errors are the server's.
            if not passing.failure:
                self._conclude(passing, passing.status_code if passing.begun else 500)
                raise
        if passing.failure and not passing.begun:
            self.service.metrics.count("upstream_failures_total", passing.failure)
            await self._answer(self._refusal("upstream_failed"))
        else:
            # An answer that was cut off is left without an end, so that the client can see it.
            self._conclude(passing, passing.status_code)

    def _passing(self, decision: Decision) -> AnswerPassing:
        return AnswerPassing(
            self._send,
            self.request_id,
            degrading=self.begin_degrading(decision),
            most_bytes=self.settings.limits.answer_bytes,
            most_characters=self.service.kept_characters,
            bodiless=self._head.method == "HEAD",
            is_gone=lambda: self._reading.left,
        )

    def _conclude(self, passing: AnswerPassing, status_code: int) -> None:
        facts = passing.facts()
        if passing.failure:
            self.service.metrics.count("upstream_failures_total", passing.failure)
        elif not passing.ended and self._reading.left:
            self._cancel(facts)
            return
        elif not passing.ended:
            facts.error_type = facts.error_type or "broken_off"
        self.service.metrics.count("answers_total", str(status_code))
        self.settle(status_code, facts)

    def _cancel(self, facts: AnswerFacts) -> None:
        self.service.metrics.count("cancelled_total")
        facts.error_type = facts.error_type or "client_closed"
        self.settle(0, facts)

    def _refusal(self, refusal: Refusal, headers: Headers = ()) -> Answer:
        self.service.metrics.count("refusals_total", refusal)
        return answer_refusal(refusal, self.request_id, headers)

    async def _answer(self, answer: Answer) -> None:
        """Answer without the application."""
        self.settle(answer.status_code, AnswerFacts(error_type=answer.code))
        await send_answer(self._send, answer, bodiless=self._head.method == "HEAD")


async def send_answer(send: Send, answer: Answer, *, bodiless: bool = False) -> None:
    """Send a whole answer of the guard's own.

    Args:
        send: The server's.
        answer: The answer.
        bodiless: Whether the method is HEAD.
    """
    headers = [(name.encode(), value.encode("latin-1")) for name, value in answer.headers]
    headers.append((b"content-length", str(len(answer.body)).encode()))
    await send({"type": "http.response.start", "status": answer.status_code, "headers": headers})
    await send({"type": "http.response.body", "body": b"" if bodiless else answer.body})
