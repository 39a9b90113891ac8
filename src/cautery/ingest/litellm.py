"""What LiteLLM's two logs have in common (its release 1.106 was read for the names)."""

from __future__ import annotations

from datetime import UTC
from typing import TYPE_CHECKING, Any, Final

import msgspec

from cautery.ingest.answers import read_answer, read_tokens
from cautery.ingest.conversation import opened, read_conversation
from cautery.ingest.parameters import read_parameters
from cautery.ingest.paths import header_pairs
from cautery.ingest.rows import ExchangeRow

if TYPE_CHECKING:
    from cautery.ingest.json_lines import RowContext

OPERATIONS: Final[dict[str, str]] = {
    "completion": "chat",
    "acompletion": "chat",
    "chat_completion": "chat",
    "anthropic_messages": "chat",
    "responses": "chat",
    "aresponses": "chat",
    "text_completion": "text_completion",
    "atext_completion": "text_completion",
    "embedding": "embeddings",
    "aembedding": "embeddings",
}
"""LiteLLM's call types by OpenTelemetry's operation names; others stay as they are."""

REDACTED: Final = "redacted-by-litellm"
"""Stands for every prompt and answer if ``turn_off_message_logging`` is on."""
FAILED: Final = "failure"
FAILED_WITHOUT_CODE: Final = 500
"""A call that failed and names no HTTP status failed inside the gateway."""
OK: Final = 200


class ErrorInformation(msgspec.Struct, gc=False):
    """``error_information`` of a failed call."""

    error_code: Any = None
    error_class: Any = None


class Metadata(msgspec.Struct):
    """The fields of ``metadata`` that both logs carry and we read."""

    user_api_key: Any = None
    user_api_key_hash: Any = None
    user_api_key_user_id: Any = None
    user_api_key_team_id: Any = None
    user_api_key_org_id: Any = None
    user_api_key_end_user_id: Any = None
    requester_ip_address: Any = None
    user_agent: Any = None
    requester_custom_headers: Any = None
    usage_object: Any = None
    additional_usage_values: Any = None
    error_information: ErrorInformation | None = None


NO_METADATA: Final = Metadata()


class Call(msgspec.Struct):
    """The fields of a record that both logs carry and we read; most may be of any type."""

    call_type: Any = None
    startTime: Any = None  # noqa: N815 - LiteLLM's own spelling
    endTime: Any = None  # noqa: N815 - the same
    model: Any = None
    model_group: Any = None
    custom_llm_provider: Any = None
    prompt_tokens: Any = None
    completion_tokens: Any = None
    metadata: Metadata | str | None = None
    end_user: Any = None
    requester_ip_address: Any = None
    session_id: Any = None
    status: Any = None
    messages: Any = None
    response: Any = None


def metadata_of(call: Call, context: RowContext) -> Metadata:
    """Read the metadata, which is an object, JSON in a text (CSV dumps), or missing.

    Args:
        call: The record.
        context: Counts what cannot be read.

    Returns:
        The metadata.
    """
    metadata = call.metadata
    if isinstance(metadata, Metadata):
        return metadata
    if not metadata:
        return NO_METADATA
    try:
        return _METADATA.decode(metadata)
    except (msgspec.DecodeError, ValueError, RecursionError):
        pass
    plain = opened(metadata)
    if not isinstance(plain, dict):
        context.findings.unreadable["metadata"] += 1
        return NO_METADATA
    try:
        return msgspec.convert(plain, Metadata)
    except (msgspec.ValidationError, ValueError):
        plain.pop("error_information", None)
        return msgspec.convert(plain, Metadata)


_METADATA: Final = msgspec.json.Decoder(Metadata)


def filled(*values: Any) -> Any:
    """Take the first value that is neither missing nor empty; zero is a value."""
    for value in values:
        if value or (value is not None and value == 0):
            return value
    return None


def base_row(call: Call, metadata: Metadata, body: Any, context: RowContext) -> ExchangeRow:
    """Fill the columns that both logs give in the same way.

    Args:
        call: The record.
        metadata: Its metadata.
        body: Request body or model parameters, as an object; anything else holds none.
        context: Clock and identities.

    Returns:
        A row that still lacks identity and what only one log has.

    Raises:
        RecordRejected: It has no possible time.
    """
    clock = context.clock
    row = ExchangeRow(
        time_start=clock.read(call.startTime, "startTime", zone=UTC),
        time_end=clock.read_optional(call.endTime, "endTime", zone=UTC),
        conversation_id=call.session_id or None,
        operation=OPERATIONS.get(call.call_type, call.call_type)
        if isinstance(call.call_type, str)
        else None,
        provider=call.custom_llm_provider or None,
        request_model=call.model_group or filled(call.model_group, call.model),
        response_model=call.model or None,
        input_tokens=call.prompt_tokens,
        output_tokens=call.completion_tokens,
    )
    _fill_parameters(row, body)
    _fill_texts(row, call, body)
    _fill_tokens(row, metadata)
    _fill_status(row, call, metadata)
    _fill_headers(row, metadata)
    return row


def _fill_parameters(row: ExchangeRow, body: Any) -> None:
    parameters = read_parameters(body)
    (
        row.temperature,
        row.top_p,
        row.max_tokens,
        row.n,
        row.seed,
        row.stream,
        row.logprobs,
        row.tool_count,
    ) = parameters


def _fill_texts(row: ExchangeRow, call: Call, body: Any) -> None:
    messages, system = call.messages, None
    # A list is what is mostly there, and nothing that could be redacted or packed.
    messages = (messages or None) if type(messages) is list else filled(_logged(messages))
    if isinstance(body, dict):
        if messages is None:
            messages = filled(body.get("messages"), body.get("input"), body.get("prompt"))
        system = filled(body.get("system"), body.get("instructions"))
    if messages is not None:
        conversation = read_conversation(messages, system)
        row.system_text, row.input_text, row.history_hash = conversation[:3]
        row.message_count, row.image_count, row.carried_signatures = conversation[3:]
    answer = read_answer(_logged(call.response))
    row.output_text = answer.text
    row.finish_reason = answer.finish_reason
    row.issued_signatures = answer.issued_signatures
    if isinstance(answer.model, str) and answer.model:
        row.response_model = answer.model


def _logged(value: Any) -> Any:
    """What was logged of a text; LiteLLM's own word for a redacted one is no text."""
    if type(value) is dict:
        return value
    return None if value == REDACTED else opened(value)


def _fill_tokens(row: ExchangeRow, metadata: Metadata) -> None:
    usage = metadata.usage_object or metadata.additional_usage_values
    if not isinstance(usage, dict) or not usage:
        return
    # Input tokens stay LiteLLM's own: they already include what was read from a cache.
    tokens = read_tokens(usage)
    row.cache_read_tokens = tokens.cache_read_tokens
    row.cache_write_tokens = tokens.cache_write_tokens
    row.reasoning_tokens = tokens.reasoning_tokens


def _fill_status(row: ExchangeRow, call: Call, metadata: Metadata) -> None:
    if call.status == FAILED:
        error = metadata.error_information or _NO_ERROR
        row.status_code = filled(error.error_code, FAILED_WITHOUT_CODE)
        row.error_type = filled(error.error_class, "error")
    elif call.status:
        row.status_code = OK


_NO_ERROR: Final = ErrorInformation()


def _fill_headers(row: ExchangeRow, metadata: Metadata) -> None:
    row.user_agent = metadata.user_agent or None
    if row.user_agent is None and metadata.requester_custom_headers:
        headers = dict(header_pairs(metadata.requester_custom_headers))
        row.user_agent = headers.get("user-agent")
