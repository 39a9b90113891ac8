"""One call of LiteLLM's proxy, as the guard treats it."""

from __future__ import annotations

from collections.abc import Mapping, MutableMapping
from typing import TYPE_CHECKING, Any, Final

import msgspec

from cautery.guard.answer_reading import AnswerFacts
from cautery.guard.answers import Answer, Refusal, answer_decision, answer_refusal
from cautery.guard.expressing import expressed
from cautery.guard.litellm_calls.answer_objects import StreamChange, changed_answer, facts_of
from cautery.guard.litellm_calls.call_reading import (
    address_of,
    client_fields,
    headers_of,
    identity_of,
    is_known,
    operation_of,
    route_of,
    write_back,
)
from cautery.guard.proxying.exchange_core import ExchangeCore
from cautery.records.decision import ACTIONS, Action

if TYPE_CHECKING:
    from cautery.guard.proxying.exchange_service import ExchangeService
    from cautery.guard.proxying.settings import ExchangeSettings
    from cautery.guard.request_paths import Operation

_UNKNOWN_CALLS: Final[frozenset[Action]] = frozenset(ACTIONS) - {"degrade"}
"""What can be done with a call whose requests and answers are not known here; a tag is lost there,
as it is before a server that cannot be told one, and counted as a fault."""
_EXTRA_HEADERS: Final = "extra_headers"


class LiteLlmCall(ExchangeCore):
    """One call and its answer.

    Args:
        service: What the process has in common.
        settings: What the call is treated by.
        data: The call, as LiteLLM hands it to its hooks; changed in place as decided.
        key: LiteLLM's ``UserAPIKeyAuth``.
        call_type: As LiteLLM names it.
    """

    settles_at_end = False
    """LiteLLM logs a call while its answer is still passed on."""

    __slots__ = ("_data", "_key", "_type", "events")

    def __init__(
        self,
        service: ExchangeService,
        settings: ExchangeSettings,
        data: MutableMapping[str, Any],
        *,
        key: Any,
        call_type: str,
    ) -> None:
        super().__init__(service, settings, ",".join(headers_of(data)))
        self._data = data
        self._key = key
        self._type = call_type
        self.events = 0
        """Pieces of a stream that went by."""

    @property
    def degrades(self) -> bool:
        """Whether something is done to the answer."""
        return self.degraded is not None

    async def decide(self) -> Answer | None:
        """Decide on the call, and change it as decided.

        Returns:
            The answer in place of the served model's; None if the call may go on.
        """
        operation = operation_of(self._type, route_of(self._key))
        identity = self.identity = identity_of(self._key)
        before = client_fields(self._data)
        refused = self._read(before, operation)
        if refused is not None:
            return self.refusal(refused)
        agent = headers_of(self._data).get("user-agent", "").encode("latin-1", "replace")
        address = address_of(self._data, self.settings.proxies)
        facts = self.note(operation, identity, address, agent)
        carries_out = frozenset(ACTIONS) if is_known(self._type) else _UNKNOWN_CALLS
        decision = await self.service.decision_on(self.settings.decider, facts)
        decision = expressed(decision, carries_out)
        self.announce(decision, facts)
        answer = answer_decision(decision, facts.dialect, self.settings.answers)
        if answer is not None:
            self.settle(answer.status_code, AnswerFacts(error_type=answer.code))
            return answer
        self.begin_degrading(decision)
        if is_known(self._type):
            self.rewrite(decision)
            write_back(self._data, before, self.body.fields)
            self._tag_header(self.settings.carrier.header_value(decision))
        elif decision.watermark_key_id:
            self.service.metrics.count("faults_total", "tag_not_carried")
        return None

    def _read(self, fields: dict[str, msgspec.Raw], operation: Operation) -> Refusal | None:
        payload = msgspec.json.encode(fields)
        if len(payload) > self.settings.limits.body_bytes:
            return "body_too_large"
        return self.read(payload, {}, operation)

    def _tag_header(self, key_ids: str) -> None:
        """Put the identifiers of the watermark keys into the headers of LiteLLM's own request."""
        name = self.settings.carrier.header
        given = self._data.get(_EXTRA_HEADERS)
        headers = dict(given) if isinstance(given, dict) else {}
        dropped = {*self.settings.stripped_headers, name} - {""}
        kept = {one: value for one, value in headers.items() if str(one).lower() not in dropped}
        if name and key_ids:
            kept[name] = key_ids
        if kept != headers:
            self._data[_EXTRA_HEADERS] = kept

    def refusal(self, refusal: Refusal) -> Answer:
        """Refuse the call; it is settled by that."""
        self.service.metrics.count("refusals_total", refusal)
        answer = answer_refusal(refusal, self.request_id)
        self.settle(answer.status_code, AnswerFacts(error_type=answer.code))
        return answer

    def stream_change(self) -> StreamChange | None:
        """Make what changes the answer's stream; None if it passes as it is."""
        return None if self.degraded is None else StreamChange(self.degraded.degrading)

    def changed(self, answer: Any) -> Any:
        """Do to a whole answer what is to be done.

        Raises:
            UndegradableError: It is of a kind that cannot be changed.
        """
        return answer if self.degraded is None else changed_answer(answer, self.degraded.degrading)

    def succeed(self, answer: Any, logged: Any) -> None:
        """Settle and record a call whose answer has ended.

        Args:
            answer: The whole of it, as LiteLLM has it.
            logged: LiteLLM's ``StandardLoggingPayload``, which counts where the answer does not.
        """
        self._count(200)
        facts = facts_of(answer, self.service.kept_characters)
        if isinstance(logged, Mapping) and facts.input_tokens is None:
            facts.input_tokens = _count_of(logged, "prompt_tokens")
            facts.output_tokens = _count_of(logged, "completion_tokens")
        self.settle(200, facts)

    def fail(self, status_code: int, kind: str) -> None:
        """Settle and record a call that failed at the server or in LiteLLM.

        Args:
            status_code: What the client gets.
            kind: Of the error.
        """
        self._count(status_code)
        self.settle(status_code, AnswerFacts(error_type=kind, events=self.events))

    def cancel(self) -> None:
        """Settle and record a call whose client has left."""
        if not self.done:
            self.service.metrics.count("cancelled_total")
        self.settle(0, AnswerFacts(error_type="client_closed", events=self.events))

    def _count(self, status_code: int) -> None:
        if not self.done:
            self.service.metrics.count("answers_total", str(status_code))


def _count_of(logged: Mapping[str, Any], name: str) -> int | None:
    value = logged.get(name)
    return value if isinstance(value, int) and value >= 0 else None
