"""Puts together the row of the exchange table, and what a request is charged."""

from __future__ import annotations

from datetime import datetime
from functools import partial

import msgspec

from cautery.guard.answer_reading import AnswerFacts
from cautery.guard.conversation_reading import Conversation
from cautery.guard.recording import ExchangeRecord, RecordingSettings, protect_text
from cautery.guard.request_reading import Parameters, decoded, token_limit_of
from cautery.records.key import Secret
from cautery.records.request import RequestFacts, UsageFacts


def make_usage(facts: RequestFacts, answer: AnswerFacts, status_code: int) -> UsageFacts:
    """Say what a request cost.

    A stream that does not say so itself is charged an output token an event, which is what engines
    send; one that was cut off, what it gave until then.

    Args:
        facts: Of the request.
        answer: What is known of the answer.
        status_code: Of the answer, 0 if the client left before.

    Returns:
        The charge.
    """
    served = 200 <= status_code < 300 or answer.events > 0
    estimate = facts.input_tokens if served else 0
    return UsageFacts(
        request_id=facts.request_id,
        account_id=facts.account_id,
        input_tokens=max(0, estimate if answer.input_tokens is None else answer.input_tokens),
        output_tokens=max(
            0, answer.events if answer.output_tokens is None else answer.output_tokens
        ),
        status_code=status_code,
    )


def make_record(
    *,
    header_order: str,
    facts: RequestFacts,
    parameters: Parameters,
    conversation: Conversation,
    answer: AnswerFacts,
    status_code: int,
    ended_at: datetime,
    settings: RecordingSettings,
    key: Secret,
) -> ExchangeRecord:
    """Write an exchange as a row; what nobody said is None, and not zero.

    Args:
        header_order: Names of the request's headers in the order of the wire, empty if unknown.
        facts: As the decision core had them.
        parameters: Of the body.
        conversation: What was asked.
        answer: What is known of the answer.
        status_code: Of the answer, 0 if the client left before its end.
        ended_at: When the answer ended; UTC.
        settings: What of the texts is kept.
        key: Of the hashes of texts.

    Returns:
        The row.
    """
    tools = None if parameters.tools is msgspec.UNSET else decoded(parameters.tools)
    account, source = _account_of(facts)
    kept = partial(
        protect_text, choice=settings.text, key=key.reveal(), most=settings.text_characters
    )
    # Written field by field: with this many names a call would take five times as long.
    record = ExchangeRecord(time_start=facts.arrived_at)
    record.time_end = ended_at
    record.request_id = answer.response_id or facts.request_id
    record.operation = facts.operation or None
    record.provider = facts.dialect if facts.dialect != "other" else None
    record.request_model = facts.request_model or None
    record.response_model = answer.response_model
    record.account_id = account
    record.account_id_source = source
    record.org_id = facts.org_id or None
    record.key_id = facts.key_id or None
    record.end_user_id = facts.end_user_id or None
    record.client_address = facts.client_address or None
    record.asn = facts.asn or None
    record.country = facts.country or None
    record.user_agent = facts.user_agent or None
    record.header_order = header_order or None
    record.temperature = parameters.temperature
    record.top_p = parameters.top_p
    record.max_tokens = token_limit_of(parameters) or None
    record.n = parameters.n
    record.seed = parameters.seed
    record.stream = parameters.stream
    record.logprobs = facts.logprobs or None
    record.tool_count = len(tools) if isinstance(tools, list) else None
    record.image_count = conversation.image_count
    record.message_count = conversation.message_count
    record.input_tokens = answer.input_tokens
    record.output_tokens = answer.output_tokens
    record.cache_read_tokens = answer.cache_read_tokens
    record.cache_write_tokens = answer.cache_write_tokens
    record.reasoning_tokens = answer.reasoning_tokens
    record.finish_reason = answer.finish_reason
    record.error_type = answer.error_type
    record.status_code = status_code or None
    record.system_text = kept(conversation.system_text)
    record.input_text = kept(conversation.input_text)
    record.output_text = answer.text
    record.history_hash = conversation.history_hash
    return record


def _account_of(facts: RequestFacts) -> tuple[str, str]:
    """Find who is named for the account (contracts, section 1), and where that came from."""
    if facts.account_id:
        return facts.account_id, "account"
    if facts.key_id:
        return facts.key_id, "key"
    return facts.client_address, "address"
