"""``/v1/decide`` and ``/v1/settle``: programs of the operator's own ask in JSON.

They know their accounts themselves, so nobody is authenticated here but the program.
"""

from __future__ import annotations

from typing import Any, Final, TypeVar

import msgspec

from cautery.guard.conversation_reading import sketch_template
from cautery.guard.deciding_service.asking import Asking
from cautery.guard.deciding_service.question_forms import DecideQuestion, SettleQuestion
from cautery.guard.deciding_service.service_answers import (
    json_answer,
    nothing_answer,
    wrong_question,
)
from cautery.guard.decision_json import decision_json
from cautery.guard.proxying.client_addresses import plain_address
from cautery.records.decision import Decision
from cautery.records.request import RequestFacts, UsageFacts

Form = TypeVar("Form")
_DECIDE: Final = msgspec.json.Decoder(DecideQuestion)
_SETTLE: Final = msgspec.json.Decoder(SettleQuestion)
_ANY: Final = msgspec.json.Decoder()
_AT: Final = " - at `"


def read_form(asking: Asking, decoder: msgspec.json.Decoder[Form]) -> Form | None:
    """Read a question, or answer what is wrong with it.

    Args:
        asking: The question.
        decoder: Of its form.

    Returns:
        The form; None if the question is answered already.
    """
    try:
        return _decoded(asking.body, decoder)
    except msgspec.ValidationError as error:
        message, _, place = str(error).partition(_AT)
        answer = wrong_question(asking.request_id, message, place=place.rstrip("`"))
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        message = "The body is no JSON object."
        answer = wrong_question(asking.request_id, message, status_code=400)
    asking.service.metrics.count("refusals_total", "bad_request")
    asking.answer(answer)
    return None


def _decoded(content: bytes, decoder: msgspec.json.Decoder[Form]) -> Form:
    """Decode a form; a whole number may be written with a fraction of zero, as JSON Schema says."""
    try:
        return decoder.decode(content)
    except msgspec.ValidationError:
        fields = _ANY.decode(content)
        if not isinstance(fields, dict):
            raise
        whole = {name: _whole(value) for name, value in fields.items()}
        return msgspec.convert(whole, decoder.type)


def _whole(value: Any) -> Any:
    return int(value) if isinstance(value, float) and value.is_integer() else value


def answer_decide(asking: Asking) -> None:
    """Answer with the decision record (``cautery.decision/1``).

    Args:
        asking: The question.
    """
    form = read_form(asking, _DECIDE)
    if form is None:
        return
    address = plain_address(form.client_address) if form.client_address else ""
    if form.client_address and not address:
        wrong = wrong_question(asking.request_id, "It is no address.", place="$.client_address")
        asking.answer(wrong)
        return
    facts = _facts_of(form, asking, address)

    def carry_out(decision: Decision) -> None:
        asking.note(decision, facts)
        asking.answer(json_answer(decision_json(decision), asking.request_id))

    asking.decide(facts, carry_out, lambda: asking.refuse("overloaded"))


def _facts_of(form: DecideQuestion, asking: Asking, address: str) -> RequestFacts:
    key = asking.settings.sketch_key.reveal()
    return RequestFacts(
        arrived_at=asking.arrived_at,
        request_id=form.request_id or asking.request_id,
        account_id=form.account_id,
        key_id=form.key_id,
        credential_state=form.credential_state,
        org_id=form.org_id,
        end_user_id=form.end_user_id,
        client_address=address,
        country=form.country,
        asn=form.asn,
        user_agent=form.user_agent,
        dialect=form.dialect,
        operation=form.operation,
        request_model=form.request_model,
        stream=form.stream,
        logprobs=form.logprobs,
        reasoning=form.reasoning,
        choices=form.choices,
        max_tokens=form.max_tokens,
        input_tokens=form.input_tokens,
        template=sketch_template(form.input_text, key),
    )


def answer_settle(asking: Asking) -> None:
    """Take what a request cost in place of its estimate; one that is not remembered is no fault.

    Args:
        asking: The question.
    """
    form = read_form(asking, _SETTLE)
    if form is None:
        return
    asking.settings.decider.settle(
        UsageFacts(
            request_id=form.request_id,
            account_id=form.account_id,
            input_tokens=form.input_tokens,
            output_tokens=form.output_tokens,
            status_code=form.status_code,
        )
    )
    metrics = asking.service.metrics
    metrics.count("tokens_total", "input", by=form.input_tokens)
    metrics.count("tokens_total", "output", by=form.output_tokens)
    asking.answer(nothing_answer(asking.request_id))
