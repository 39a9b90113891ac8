"""One request on its way through the guard, and its answer on its way back."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from cautery.guard.answer_reading import AnswerFacts
from cautery.guard.answers import Answer, Headers, Refusal, answer_decision, answer_refusal
from cautery.guard.proxying.exchange_core import ExchangeCore
from cautery.guard.proxying.presenting import presented_by
from cautery.guard.proxying.relay import Relay, RelayOrder
from cautery.guard.request_paths import read_target

if TYPE_CHECKING:
    from cautery.guard.proxying.client_side import ClientSide
    from cautery.guard.proxying.request_head import RequestHead
    from cautery.guard.proxying.service import ProxyService
    from cautery.guard.proxying.upstream_side import Failure
    from cautery.records.decision import Decision
    from cautery.records.request import RequestFacts

_TIMEOUTS: Final = frozenset({"answer_timeout", "connect_timeout", "silence_timeout"})


class Exchange(ExchangeCore):
    """One request and its answer.

    Args:
        service: What the process has in common.
        connection: The client's.
        head: Of the request.
        body: All of it.
    """

    __slots__ = ("_connection", "_head", "_keep_alive", "_payload", "_relay")

    service: ProxyService

    def __init__(
        self, service: ProxyService, connection: ClientSide, head: RequestHead, body: bytes
    ) -> None:
        super().__init__(service, service.settings, head.header_order)
        self._connection = connection
        self._head = head
        self._payload = body
        self._keep_alive = head.keep_alive and not service.draining
        self._relay: Relay | None = None

    def start(self) -> None:
        """Read, recognise, decide; then answer, or send the request on."""
        head = self._head
        operation = read_target(head.target)
        if operation is None:
            self._refuse("bad_request")
            return
        if not (operation.path + "/").startswith(self.settings.paths):
            self._refuse("path_not_served")
            return
        address = self._client_address()
        unrecognised = self.recognise(
            presented_by(head, self._connection, address, self.arrived_at, self.settings)
        )
        if unrecognised is not None:
            refusal: Refusal = (
                "overloaded" if unrecognised.fault == "unavailable" else "unauthenticated"
            )
            self._refuse(refusal, unrecognised.headers)
            return
        if self._payload:
            refused = self.read(self._payload, head.named, operation)
            if refused is not None:
                self._refuse(refused)
                return
        if self.identity is not None:
            agent = head.named.get(b"user-agent", b"")
            facts = self.note(operation, self.identity, address, agent)
            self.service.decide(
                self.settings.decider, facts, self._carry_out, self._connection.abort
            )

    def _client_address(self) -> str:
        peer = self._connection.peer
        if b"x-forwarded-for" not in self._head.named:
            return peer
        values = [value for name, value in self._head.headers if name == b"x-forwarded-for"]
        return self.settings.proxies.resolve(peer, values)

    def _carry_out(self, decision: Decision) -> None:
        """Do what was decided."""
        facts = self.facts
        if self.done or facts is None:
            return
        self.announce(decision, facts)
        answer = answer_decision(decision, facts.dialect, self.settings.answers)
        if answer is not None:
            self._answer(answer)
            return
        if self.body.fields:
            self.rewrite(decision)
            self._payload = self.body.encoded()
        self._relay = Relay(
            self.service,
            self._connection,
            self._head,
            RelayOrder(
                request_id=self.request_id,
                payload=self._request_head(decision, facts) + self._payload,
                keep_alive=self._keep_alive,
                degrading=self.begin_degrading(decision),
            ),
            self,
        )
        self._payload = b""
        self._relay.start()

    def _request_head(self, decision: Decision, facts: RequestFacts) -> bytes:
        return self.service.header_rules.request_head(
            self._head,
            length=len(self._payload),
            request_id=self.request_id,
            client_address=facts.client_address,
            scheme=self._connection.scheme,
            key_id=self.settings.carrier.header_value(decision),
        )

    def _refuse(self, refusal: Refusal, headers: Headers = ()) -> None:
        self.service.metrics.count("refusals_total", refusal)
        self._answer(answer_refusal(refusal, self.request_id, headers))

    def refuse_upstream(self, failure: Failure) -> None:
        """Answer a request that failed at the server before its answer began."""
        if failure == "no_connection_free":
            self._refuse("overloaded")
        else:
            self._refuse("upstream_timeout" if failure in _TIMEOUTS else "upstream_failed")

    def _answer(self, answer: Answer) -> None:
        """Answer without the server."""
        keep_alive = self._keep_alive
        self._connection.send(
            answer,
            self.request_id,
            keep_alive=keep_alive,
            bodiless=self._head.method == "HEAD",
        )
        self.conclude(answer.status_code, AnswerFacts(error_type=answer.code))
        self._connection.finished(keep_alive=keep_alive)

    def pause(self) -> None:
        """Stop the answer: the client does not take it as fast as it comes."""
        if self._relay is not None:
            self._relay.pause()

    def resume(self) -> None:
        """Let the answer go on."""
        if self._relay is not None:
            self._relay.resume()

    def cancel(self) -> None:
        """Let go of a request whose client has left."""
        if self.done:
            return
        self.service.metrics.count("cancelled_total")
        facts = AnswerFacts() if self._relay is None else self._relay.cancel()
        facts.error_type = facts.error_type or "client_closed"
        self.conclude(0, facts)

    def conclude(self, status_code: int, answer: AnswerFacts) -> None:
        """Settle what the request cost and write it down.

        Args:
            status_code: Of the answer; 0 if the client left before its end.
            answer: What is known of it.
        """
        # It knows this request as well: without the circle both are gone at once.
        self._relay = None
        self.settle(status_code, answer)
