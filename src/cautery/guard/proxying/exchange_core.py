"""What becomes of one request, whatever adapter met it: read, recognise, ask, rewrite, settle."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from cautery.guard.answers import Refusal
from cautery.guard.conversation_reading import Conversation, read_conversation, sketch_template
from cautery.guard.degrading.request import degrade_request
from cautery.guard.opt_outs import strip_opt_outs
from cautery.guard.proxying.body_kinds import is_opaque, refuse_kind
from cautery.guard.proxying.degraded_exchange import (
    DegradedExchange,
    count_degraded,
    write_degraded,
)
from cautery.guard.proxying.exchange_record import make_record, make_usage
from cautery.guard.request_reading import (
    NO_BODY,
    RequestBody,
    UnreadableRequestError,
    make_facts,
    read_body,
)
from cautery.records.identity import Identity, Presented, Unrecognised

if TYPE_CHECKING:
    from cautery.guard.answer_reading import AnswerFacts
    from cautery.guard.degrading.plans import Degrading
    from cautery.guard.proxying.exchange_service import ExchangeService
    from cautery.guard.proxying.settings import ExchangeSettings
    from cautery.guard.request_paths import Operation
    from cautery.records.decision import Decision
    from cautery.records.request import RequestFacts

_MOST_USER_AGENT: Final = 512
_NO_CONVERSATION: Final = Conversation()


class ExchangeCore:
    """One request and its answer; adapters call its steps in order.

    Args:
        service: What the process has in common.
        settings: What the request is treated by, whatever is read again meanwhile.
        header_order: Names of the request's headers in the order of the wire, empty if unknown.
    """

    settles_at_end = True
    """Whether nothing of the answer is on its way any more when the request is settled."""

    __slots__ = (
        "_header_order",
        "_started",
        "arrived_at",
        "body",
        "conversation",
        "degraded",
        "done",
        "facts",
        "identity",
        "request_id",
        "service",
        "settings",
    )

    def __init__(
        self, service: ExchangeService, settings: ExchangeSettings, header_order: str
    ) -> None:
        self.service = service
        self.settings = settings
        self._header_order = header_order
        self._started = service.now()
        self.arrived_at = service.clock()
        self.request_id = service.identifier("req_")
        self.body: RequestBody = NO_BODY
        self.conversation = _NO_CONVERSATION
        self.identity: Identity | None = None
        self.facts: RequestFacts | None = None
        self.degraded: DegradedExchange | None = None
        self.done = False
        service.in_flight += 1

    def recognise(self, presented: Presented) -> Unrecognised | None:
        """Find out whose request it is.

        Args:
            presented: What it presents.

        Returns:
            None if somebody was recognised.
        """
        identity = self.settings.authenticator.authenticate(presented)
        if isinstance(identity, Unrecognised):
            self.service.metrics.count("unrecognised_total", identity.fault)
            return identity
        self.identity = identity
        return None

    def read(
        self, payload: bytes | bytearray, named: dict[bytes, bytes], operation: Operation
    ) -> Refusal | None:
        """Read the body.

        Args:
            payload: All of it.
            named: Headers by name in lower case.
            operation: What the path asks for.

        Returns:
            Why it is refused; None if it is not.
        """
        refused = refuse_kind(named, operation)
        if refused is not None:
            return refused
        if not operation.name and is_opaque(named):
            return None
        try:
            self.body = read_body(payload)
        except UnreadableRequestError:
            return "bad_request"
        self.conversation = read_conversation(self.body)
        return None

    def note(
        self, operation: Operation, identity: Identity, address: str, user_agent: bytes
    ) -> RequestFacts:
        """Put together what the decision core asks for.

        Args:
            operation: What the path asks for.
            identity: Whose credential it is.
            address: The client's, after trusted proxies.
            user_agent: As the client sent it.

        Returns:
            The facts.
        """
        template, settings = 0, self.settings
        if settings.decider.reads_templates:
            template = sketch_template(self.conversation.input_text, settings.sketch_key.reveal())
        self.facts = facts = make_facts(
            operation=operation,
            body=self.body,
            identity=identity,
            request_id=self.request_id,
            arrived_at=self.arrived_at,
            client_address=address,
            user_agent=user_agent[:_MOST_USER_AGENT].decode("latin-1"),
            template=template,
        )
        return facts

    def announce(self, decision: Decision, facts: RequestFacts) -> None:
        """Count a decision, and tell whoever wants to know.

        Args:
            decision: What was decided.
            facts: What it was decided on.
        """
        metrics = self.service.metrics
        labels = facts.dialect, decision.action, decision.enforced_action
        metrics.counts["requests_total", labels] += 1
        if decision.action != "allow":
            for announcer in self.service.announcers:
                announcer.announce(decision, facts)

    def rewrite(self, decision: Decision) -> None:
        """Change the body that was read: without opt-outs, marked and degraded as decided.

        Args:
            decision: What was decided.
        """
        settings, metrics = self.settings, self.service.metrics
        for name in strip_opt_outs(self.body, settings.stripped_fields):
            metrics.count("stripped_fields_total", name)
        if decision.enforced_action == "degrade":
            degrade_request(self.body, decision.degradations)
        if key_ids := settings.carrier.key_ids(decision):
            settings.carrier.tag(self.body, key_ids)
            if not settings.carrier.carries:
                metrics.count("faults_total", "tag_not_carried")

    def begin_degrading(self, decision: Decision) -> Degrading | None:
        """Make ready what is done to the answer.

        Args:
            decision: What was decided.

        Returns:
            None if the answer passes as it is.
        """
        if decision.enforced_action != "degrade":
            return None
        self.degraded = DegradedExchange(decision, self.settings.degrade)
        return self.degraded.degrading

    def tell_degraded(self) -> None:
        """Count, announce and write down what became of a degraded answer; once, at its end."""
        if self.degraded is None or self.degraded.told or self.facts is None:
            return
        self.degraded.told = True
        answer = self.degraded.record()
        if answer is None:
            return
        count_degraded(answer, self.service.metrics)
        now = self.service.clock()
        for announcer in self.service.announcers:
            announcer.announce_degraded(answer, self.facts, now)
        if self.settings.trail is not None:
            write_degraded(answer, self.settings.trail, now)

    def settle(self, status_code: int, answer: AnswerFacts) -> None:
        """Charge what the request cost and write it down; once, whoever calls how often.

        Args:
            status_code: Of the answer; 0 if the client left before its end.
            answer: What is known of it.
        """
        if self.done:
            return
        self.done = True
        service = self.service
        service.in_flight -= 1
        service.request_seconds.observe(service.now() - self._started)
        facts = self.facts
        if facts is None:
            return
        usage = make_usage(facts, answer, status_code)
        self.settings.decider.settle(usage)
        if self.degraded is not None and self.settles_at_end:
            self.tell_degraded()
        counts = service.metrics.counts
        counts["tokens_total", ("input",)] += usage.input_tokens
        counts["tokens_total", ("output",)] += usage.output_tokens
        if service.recorder is not None:
            service.recorder.add(
                make_record(
                    header_order=self._header_order,
                    facts=facts,
                    parameters=self.body.parameters,
                    conversation=self.conversation,
                    answer=answer,
                    status_code=status_code,
                    ended_at=service.clock(),
                    settings=service.recorder.settings,
                    key=self.settings.sketch_key,
                )
            )
