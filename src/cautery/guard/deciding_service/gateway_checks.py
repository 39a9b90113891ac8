"""``/authz``: a gateway asks whether its client's request may pass.

What it sees is the head of the request, and of Envoy the body where it is told to send one. The
gateway cannot change the body or the answer, so what needs that becomes the next stricter action
(``Enforcer.carries_out``), and a body that two servers might read in two ways is refused.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from cautery.guard.answers import Headers, Refusal, answer_decision, answer_refusal
from cautery.guard.authentication.client_certificate import forwarded_certificate
from cautery.guard.conversation_reading import read_conversation, sketch_template
from cautery.guard.deciding_service.asking import Asking
from cautery.guard.deciding_service.gateway_dialects import (
    AskedRequest,
    GatewayDialect,
    UnreadableQuestionError,
)
from cautery.guard.deciding_service.plain_body import AmbiguousBodyError, check_plain_body
from cautery.guard.proxying.body_kinds import is_opaque, refuse_kind
from cautery.guard.proxying.presenting import credential_of
from cautery.guard.proxying.request_head import ALLOW, values_of
from cautery.guard.request_paths import Operation, read_target
from cautery.guard.request_reading import (
    NO_BODY,
    RequestBody,
    UnreadableRequestError,
    make_facts,
    read_body,
)
from cautery.records.decision import PASSING, Decision
from cautery.records.identity import Identity, Presented, Unrecognised
from cautery.records.request import RequestFacts

STAND_IN_SECONDS: Final = 60
"""When a client may come again whose answer would have been degraded elsewhere."""
_MOST_USER_AGENT: Final = 512
_PARTIAL: Final = b"x-envoy-auth-partial-body"


class GatewayCheck:
    """One request of a client, as a gateway asks about it.

    Args:
        asking: The gateway's question.
        dialect: How it asks.
    """

    __slots__ = ("_asking", "_body", "_dialect", "_facts", "_template")

    def __init__(self, asking: Asking, dialect: GatewayDialect) -> None:
        self._asking = asking
        self._dialect = dialect
        self._body: RequestBody = NO_BODY
        self._template = 0
        self._facts: RequestFacts | None = None

    def start(self) -> None:
        """Read, recognise, decide; then answer."""
        asking = self._asking
        try:
            asked = self._dialect.read(asking.head)
        except UnreadableQuestionError as error:
            self.refuse(error.refusal, (ALLOW,) if error.refusal == "method_not_allowed" else ())
            return
        operation = read_target(asked.target)
        if operation is None:
            self.refuse("bad_request")
            return
        if not (operation.path + "/").startswith(asking.settings.paths):
            self.refuse("path_not_served")
            return
        address = self._client_address()
        identity = asking.settings.authenticator.authenticate(self._presented(asked, address))
        if isinstance(identity, Unrecognised):
            asking.service.metrics.count("unrecognised_total", identity.fault)
            unavailable = identity.fault == "unavailable"
            self.refuse("overloaded" if unavailable else "unauthenticated", identity.headers)
            return
        refused = self._read_body(operation) if asking.body else None
        if refused is not None:
            self.refuse(refused)
            return
        self._decide(operation, identity, address)

    def refuse(self, refusal: Refusal, headers: Headers = ()) -> None:
        """Have the gateway refuse its client's request, without a decision.

        Args:
            refusal: Why.
            headers: More headers for the client.
        """
        asking = self._asking
        asking.service.metrics.count("refusals_total", refusal)
        answer = answer_refusal(refusal, asking.request_id, headers)
        asking.send(*self._dialect.write(answer), answer.body)

    def _client_address(self) -> str:
        """Find the client: the gateway's word is taken, and that of proxies that are trusted."""
        asking = self._asking
        forwarded = values_of(asking.head, self._dialect.address_header)
        return asking.settings.proxies.resolve_behind("", forwarded) if forwarded else ""

    def _presented(self, asked: AskedRequest, address: str) -> Presented:
        head, settings = self._asking.head, self._asking.settings
        if head.credential is None:
            head.scheme, head.credential = credential_of(head.named)
        proofs = tuple([value.decode("latin-1") for value in values_of(head, b"dpop")])
        certificate = b""
        if settings.certificate_header:
            # That of the connection is the gateway's own, and says nothing of its client.
            certificate = forwarded_certificate(
                values_of(head, settings.certificate_header),
                settings.certificate_form,
                peer_is_trusted=True,
            )
        path = asked.target.partition("?")[0]
        return Presented(
            credential=head.credential,
            scheme=head.scheme,
            arrived_at=self._asking.arrived_at,
            client_address=address,
            method=asked.method,
            url=f"{asked.scheme}://{asked.host}{path}" if proofs else "",
            proofs=proofs,
            client_certificate=certificate,
        )

    def _read_body(self, operation: Operation) -> Refusal | None:
        asking = self._asking
        named = asking.head.named
        if named.get(_PARTIAL, b"false").lower() != b"false":
            return "body_too_large"
        refused = refuse_kind(named, operation)
        if refused is not None or is_opaque(named):
            return refused
        try:
            self._body = read_body(asking.body)
            check_plain_body(asking.body, self._body, asking.settings.stripped_fields)
        except (UnreadableRequestError, AmbiguousBodyError):
            return "bad_request"
        conversation = read_conversation(self._body)
        key = asking.settings.sketch_key.reveal()
        self._template = sketch_template(conversation.input_text, key)
        return None

    def _decide(self, operation: Operation, identity: Identity, address: str) -> None:
        asking = self._asking
        agent = asking.head.named.get(b"user-agent", b"")[:_MOST_USER_AGENT]
        self._facts = make_facts(
            operation=operation,
            body=self._body,
            identity=identity,
            request_id=asking.request_id,
            arrived_at=asking.arrived_at,
            client_address=address,
            user_agent=agent.decode("latin-1"),
            template=self._template,
        )
        asking.decide(self._facts, self._carry_out, lambda: self.refuse("overloaded"))

    def _carry_out(self, decision: Decision) -> None:
        asking, facts = self._asking, self._facts
        if facts is None:
            return
        if decision.enforced_action == "degrade" and not asking.settings.server_degrades:
            decision = replace(
                decision, enforced_action="throttle", retry_after_seconds=STAND_IN_SECONDS
            )
        asking.note(decision, facts)
        if decision.enforced_action in PASSING:
            asking.send(200, self._passing_headers(decision))
            return
        answer = answer_decision(decision, facts.dialect, asking.settings.answers)
        if answer is not None:
            asking.send(*self._dialect.write(answer), answer.body)

    def _passing_headers(self, decision: Decision) -> Headers:
        """Tell the server behind the gateway; each is always there, to overwrite a client's own."""
        key_id = decision.watermark_key_id
        if not (key_id.isascii() and key_id.isprintable()):
            self._asking.service.metrics.count("faults_total", "tag_not_carried")
            key_id = ""
        degrades = decision.enforced_action == "degrade"
        return (
            ("x-cautery-decision-id", decision.decision_id),
            ("x-cautery-request-id", self._asking.request_id),
            ("x-cautery-action", decision.enforced_action),
            ("x-cautery-degradations", ",".join(decision.degradations) if degrades else ""),
            (self._asking.settings.tag_header, key_id),
        )
