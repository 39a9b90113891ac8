"""One request on its way through the guard, and its answer on its way back."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from cautery.guard.answer_reading import AnswerFacts
from cautery.guard.answers import Answer, Headers, Refusal, answer_decision, answer_refusal
from cautery.guard.conversation_reading import Conversation, read_conversation, sketch_template
from cautery.guard.degrading import degrade_request
from cautery.guard.opt_outs import strip_opt_outs
from cautery.guard.proxying.body_kinds import is_opaque, refuse_kind
from cautery.guard.proxying.exchange_record import make_record, make_usage
from cautery.guard.proxying.presenting import presented_by
from cautery.guard.proxying.relay import Relay, RelayOrder
from cautery.guard.request_paths import Operation, read_target
from cautery.guard.request_reading import (
    NO_BODY,
    RequestBody,
    UnreadableRequestError,
    make_facts,
    read_body,
)
from cautery.records.identity import Identity, Unrecognised

if TYPE_CHECKING:
    from cautery.guard.proxying.client_side import ClientSide
    from cautery.guard.proxying.request_head import RequestHead
    from cautery.guard.proxying.service import ProxyService
    from cautery.guard.proxying.upstream_connection import Failure
    from cautery.records.decision import Decision
    from cautery.records.request import RequestFacts

_TIMEOUTS: Final = frozenset({"answer_timeout", "connect_timeout", "silence_timeout"})
_MOST_USER_AGENT: Final = 512
_NO_CONVERSATION: Final = Conversation()


class Exchange:
    """One request and its answer.

    Args:
        service: What the process has in common.
        connection: The client's.
        head: Of the request.
        body: All of it.
    """

    __slots__ = (
        "_body",
        "_connection",
        "_conversation",
        "_done",
        "_facts",
        "_head",
        "_identity",
        "_keep_alive",
        "_payload",
        "_relay",
        "_service",
        "_settings",
        "_started",
        "arrived_at",
        "request_id",
    )

    def __init__(
        self, service: ProxyService, connection: ClientSide, head: RequestHead, body: bytes
    ) -> None:
        self._service = service
        self._settings = service.settings
        self._connection = connection
        self._head = head
        self._payload = body
        self._started = service.now()
        self.arrived_at = service.clock()
        self.request_id = service.identifier("req_")
        self._keep_alive = head.keep_alive and not service.draining
        self._body: RequestBody = NO_BODY
        self._conversation = _NO_CONVERSATION
        self._identity: Identity | None = None
        self._facts: RequestFacts | None = None
        self._relay: Relay | None = None
        self._done = False
        service.in_flight += 1

    def start(self) -> None:
        """Read, recognise, decide; then answer, or send the request on."""
        operation = read_target(self._head.target)
        if operation is None:
            self._refuse("bad_request")
            return
        if not (operation.path + "/").startswith(self._settings.paths):
            self._refuse("path_not_served")
            return
        address = self._client_address()
        presented = presented_by(
            self._head, self._connection, address, self.arrived_at, self._settings
        )
        identity = self._settings.authenticator.authenticate(presented)
        if isinstance(identity, Unrecognised):
            self._service.metrics.count("unrecognised_total", identity.fault)
            refusal: Refusal = (
                "overloaded" if identity.fault == "unavailable" else "unauthenticated"
            )
            self._refuse(refusal, identity.headers)
            return
        self._identity = identity
        if self._payload:
            refused = self._read_body(operation)
            if refused is not None:
                self._refuse(refused)
                return
        self._decide(operation, identity, address)

    def _client_address(self) -> str:
        peer = self._connection.peer
        if b"x-forwarded-for" not in self._head.named:
            return peer
        values = [value for name, value in self._head.headers if name == b"x-forwarded-for"]
        return self._settings.proxies.resolve(peer, values)

    def _read_body(self, operation: Operation) -> Refusal | None:
        refused = refuse_kind(self._head.named, operation)
        if refused is not None:
            return refused
        if is_opaque(self._head.named):
            return None
        try:
            self._body = read_body(self._payload)
        except UnreadableRequestError:
            return "bad_request"
        self._conversation = read_conversation(self._body)
        return None

    def _decide(self, operation: Operation, identity: Identity, address: str) -> None:
        service = self._service
        agent = self._head.named.get(b"user-agent", b"")[:_MOST_USER_AGENT]
        key = self._settings.sketch_key.reveal()
        self._facts = facts = make_facts(
            operation=operation,
            body=self._body,
            identity=identity,
            request_id=self.request_id,
            arrived_at=self.arrived_at,
            client_address=address,
            user_agent=agent.decode("latin-1"),
            template=sketch_template(self._conversation.input_text, key),
        )
        decider = self._settings.decider
        service.decide(decider, facts, self._carry_out, self._connection.abort)

    def _carry_out(self, decision: Decision) -> None:
        """Do what was decided."""
        facts, service = self._facts, self._service
        if self._done or facts is None:
            return
        service.metrics.count(
            "requests_total", facts.dialect, decision.action, decision.enforced_action
        )
        if decision.action != "allow":
            for announcer in service.announcers:
                announcer.announce(decision, facts)
        answer = answer_decision(decision, facts.dialect, self._settings.answers)
        if answer is not None:
            self._answer(answer)
            return
        if self._body.fields:
            self._rewrite(decision)
        degrades = decision.enforced_action == "degrade"
        self._relay = Relay(
            self._service,
            self._connection,
            self._head,
            RelayOrder(
                request_id=self.request_id,
                payload=self._request_head(decision, facts) + self._payload,
                keep_alive=self._keep_alive,
                degradations=decision.degradations if degrades else (),
                reasoning_begins_inside=self._settings.reasoning_begins_inside,
            ),
            self,
        )
        self._payload = b""
        self._relay.start()

    def _request_head(self, decision: Decision, facts: RequestFacts) -> bytes:
        return self._service.header_rules.request_head(
            self._head,
            length=len(self._payload),
            request_id=self.request_id,
            client_address=facts.client_address,
            scheme=self._connection.scheme,
            key_id=decision.watermark_key_id,
        )

    def _rewrite(self, decision: Decision) -> None:
        """Write the body anew: without opt-outs, each key once, marked and degraded as decided."""
        for name in strip_opt_outs(self._body, self._settings.stripped_fields):
            self._service.metrics.count("stripped_fields_total", name)
        if decision.enforced_action == "degrade":
            degrade_request(self._body, decision.degradations)
        if decision.watermark_key_id:
            self._settings.carrier.tag(self._body, decision.watermark_key_id)
            if not self._settings.carrier.carries:
                self._service.metrics.count("faults_total", "tag_not_carried")
        self._payload = self._body.encoded()

    def _refuse(self, refusal: Refusal, headers: Headers = ()) -> None:
        self._service.metrics.count("refusals_total", refusal)
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
        if self._done:
            return
        self._service.metrics.count("cancelled_total")
        facts = AnswerFacts() if self._relay is None else self._relay.cancel()
        facts.error_type = facts.error_type or "client_closed"
        self.conclude(0, facts)

    def conclude(self, status_code: int, answer: AnswerFacts) -> None:
        """Settle what the request cost and write it down.

        Args:
            status_code: Of the answer; 0 if the client left before its end.
            answer: What is known of it.
        """
        if self._done:
            return
        self._done = True
        # It knows this request as well: without the circle both are gone at once.
        self._relay = None
        service = self._service
        service.in_flight -= 1
        service.request_seconds.observe(service.now() - self._started)
        facts, identity = self._facts, self._identity
        if facts is None or identity is None:
            return
        usage = make_usage(facts, answer, status_code)
        self._settings.decider.settle(usage)
        service.metrics.count("tokens_total", "input", by=usage.input_tokens)
        service.metrics.count("tokens_total", "output", by=usage.output_tokens)
        if service.recorder is not None:
            service.recorder.add(
                make_record(
                    head=self._head,
                    facts=facts,
                    parameters=self._body.parameters,
                    conversation=self._conversation,
                    answer=answer,
                    status_code=status_code,
                    ended_at=service.clock(),
                    settings=service.recorder.settings,
                    key=self._settings.sketch_key,
                )
            )
