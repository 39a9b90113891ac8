"""Puts together the row of the exchange table, and what a request is charged."""

from __future__ import annotations

from datetime import datetime
from typing import Final, TypeAlias

import msgspec

from cautery.guard.answer_reading import AnswerFacts
from cautery.guard.conversation_reading import Conversation
from cautery.guard.recording import ExchangeRecord, RecordingSettings, protect_text
from cautery.guard.request_reading import Parameters, decoded, token_limit_of
from cautery.records.key import Secret
from cautery.records.making import maker_of
from cautery.records.request import RequestFacts, UsageFacts

_made_usage: Final = maker_of(UsageFacts)

_Word: TypeAlias = str | None
_Count: TypeAlias = int | None
_Share: TypeAlias = float | None
_Switch: TypeAlias = bool | None


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
    taken = estimate if answer.input_tokens is None else answer.input_tokens
    given = answer.events if answer.output_tokens is None else answer.output_tokens
    return _made_usage(
        request_id=facts.request_id,
        account_id=facts.account_id,
        input_tokens=max(0, taken),
        output_tokens=max(0, given),
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
    choice, secret, most = settings.text, key.reveal(), settings.text_characters
    # In the order of the table: with this many names a call would take five times as long.
    return ExchangeRecord(
        facts.arrived_at,
        ended_at,
        answer.response_id or facts.request_id,
        facts.operation or None,
        facts.dialect if facts.dialect != "other" else None,
        facts.request_model or None,
        answer.response_model,
        *_sender(facts),
        header_order or None,
        *_asked(parameters, facts),
        conversation.image_count,
        conversation.message_count,
        *_answered(answer),
        status_code or None,
        protect_text(conversation.system_text, choice, secret, most),
        protect_text(conversation.input_text, choice, secret, most),
        answer.text,
        conversation.history_hash,
    )


def _sender(
    facts: RequestFacts,
) -> tuple[str, str, _Word, _Word, _Word, _Word, _Count, _Word, _Word]:
    """List from ``account_id`` to ``user_agent``: who asked, and from where."""
    return (
        *_account_of(facts),
        facts.org_id or None,
        facts.key_id or None,
        facts.end_user_id or None,
        facts.client_address or None,
        facts.asn or None,
        facts.country or None,
        facts.user_agent or None,
    )


def _account_of(facts: RequestFacts) -> tuple[str, str]:
    """Find who is named for the account (contracts, section 1), and where that came from."""
    if facts.account_id:
        return facts.account_id, "account"
    if facts.key_id:
        return facts.key_id, "key"
    return facts.client_address, "address"


def _asked(
    parameters: Parameters, facts: RequestFacts
) -> tuple[_Share, _Share, _Count, _Count, _Count, _Switch, _Switch, _Count]:
    """List from ``temperature`` to ``tool_count``: what the body asks for besides its texts."""
    tools = None if parameters.tools is msgspec.UNSET else decoded(parameters.tools)
    return (
        parameters.temperature,
        parameters.top_p,
        token_limit_of(parameters) or None,
        parameters.n,
        parameters.seed,
        parameters.stream,
        facts.logprobs or None,
        len(tools) if isinstance(tools, list) else None,
    )


def _answered(answer: AnswerFacts) -> tuple[_Count, _Count, _Count, _Count, _Count, _Word, _Word]:
    """List from ``input_tokens`` to ``error_type``: what the answer says of itself."""
    return (
        answer.input_tokens,
        answer.output_tokens,
        answer.cache_read_tokens,
        answer.cache_write_tokens,
        answer.reasoning_tokens,
        answer.finish_reason,
        answer.error_type,
    )
