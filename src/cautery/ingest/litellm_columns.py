"""Takes the columns out of ordinary rows of LiteLLM's spend logs, each in one loop.

A function call and an attribute cost little, and a row takes a hundred of them. A loop over one
field of all rows of a batch costs a tenth of that.
"""

from __future__ import annotations

from datetime import UTC
from operator import ne
from typing import TYPE_CHECKING, Any, Final

import pyarrow as pa

from cautery.ingest.batch_identities import client_addresses
from cautery.ingest.conversation import NOT_LOGGED, plain_conversation
from cautery.ingest.identities import protect_credential
from cautery.ingest.litellm import FAILED, FAILED_WITHOUT_CODE, OK, OPERATIONS, filled
from cautery.ingest.litellm_ordinary import NO_BODY, Ordinary, TokenDetails
from cautery.ingest.parameters import logprobs_of
from cautery.ingest.schema import BATCH_SCHEMA

if TYPE_CHECKING:
    from cautery.ingest.json_lines import RowContext

_TIME: Final = BATCH_SCHEMA.field("time_start").type
_NO_DETAILS: Final = TokenDetails()


def usual_times(texts: list[Any]) -> list[int | None] | None:
    """Read times in the one usual spelling, all at once.

    Args:
        texts: Times as texts; None for a missing one.

    Returns:
        Microseconds since 1970, UTC; None if one is no text or is spelled otherwise.

    Example:
        >>> usual_times(["1970-01-01T00:00:01.5Z", None]), usual_times(["1 Jan 1970"])
        ([1500000, None], None)
    """
    try:
        moments = pa.array(texts, pa.string()).cast(_TIME)
    except (pa.ArrowInvalid, pa.ArrowTypeError, UnicodeEncodeError):
        return None
    times: list[int | None] = moments.cast(pa.int64()).to_pylist()
    return times


def _end_times(rows: list[Ordinary], context: RowContext) -> list[int | None]:
    clock = context.clock
    texts = [row.endTime for row in rows]
    times = usual_times(texts)
    if times is not None and all(
        time is None or clock.earliest <= time <= clock.latest for time in times
    ):
        return times
    return [clock.read_optional(text, "endTime", zone=UTC) for text in texts]


def ordinary_columns(rows: list[Ordinary], context: RowContext) -> dict[str, list[Any]]:
    """Take the columns out of ordinary rows, as ``litellm.base_row`` takes them from one.

    Args:
        rows: The rows of a batch, at least one.
        context: Clock and identities.

    Returns:
        Values by column, without ``time_start`` and ``source_line``; columns that these logs
        lack are left out.
    """
    columns: dict[str, list[Any]] = {
        "time_end": _end_times(rows, context),
        "request_id": [row.request_id or row.litellm_call_id or None for row in rows],
        "conversation_id": [row.session_id or None for row in rows],
        "operation": [OPERATIONS.get(row.call_type or "", row.call_type) for row in rows],
        "provider": [row.custom_llm_provider or None for row in rows],
        "request_model": [row.model_group or row.model or None for row in rows],
        "input_tokens": [row.prompt_tokens for row in rows],
        "output_tokens": [row.completion_tokens for row in rows],
        "cost_usd": [row.spend for row in rows],
    }
    columns.update(_identity_columns(rows, context))
    columns.update(_parameter_columns(rows))
    columns.update(_token_columns(rows))
    columns.update(_status_columns(rows))
    columns.update(_text_columns(rows))
    return columns


def _identity_columns(rows: list[Ordinary], context: RowContext) -> dict[str, list[Any]]:
    metadata = [row.metadata for row in rows]
    both = list(zip(rows, metadata, strict=True))
    given = [row.requester_ip_address or data.requester_ip_address for row, data in both]
    addresses = pa.array(given, pa.string())
    named = {
        "account_id": [row.user or data.user_api_key_user_id for row, data in both],
        "key_id": [row.api_key or data.user_api_key for row, data in both],
        "end_user_id": [row.end_user for row in rows],
    }
    columns: dict[str, list[Any]] = {
        "account_id_source": ["account"] * len(rows),
        "org_id": [row.organization_id or data.user_api_key_org_id or None for row, data in both],
        "team_id": [row.team_id or data.user_api_key_team_id or None for row, data in both],
        "user_agent": [data.user_agent or None for data in metadata],
        "client_address": client_addresses(addresses, context.identities).to_pylist(),
    }
    for name, values in named.items():
        filled_in = [value if value and not value.isspace() else None for value in values]
        safe = [value and protect_credential(value) for value in filled_in]
        context.findings.hidden_keys += sum(map(ne, safe, filled_in))
        columns[name] = safe
    return columns


def _parameter_columns(rows: list[Ordinary]) -> dict[str, list[Any]]:
    bodies = [row.proxy_server_request or NO_BODY for row in rows]
    columns = {
        name: [getattr(body, name) for body in bodies]
        for name in ("temperature", "top_p", "n", "seed", "stream")
    }
    columns["max_tokens"] = [
        body.max_completion_tokens
        if body.max_completion_tokens is not None
        else body.max_tokens
        if body.max_tokens is not None
        else body.max_output_tokens
        for body in bodies
    ]
    columns["logprobs"] = [
        None
        if body.logprobs is None and body.top_logprobs is None
        else logprobs_of(body.logprobs, body.top_logprobs)
        for body in bodies
    ]
    columns["tool_count"] = [
        len(body.tools)
        if body.tools is not None
        else None
        if body.functions is None
        else len(body.functions)
        for body in bodies
    ]
    return columns


def _token_columns(rows: list[Ordinary]) -> dict[str, list[Any]]:
    names = ("cache_read_tokens", "cache_write_tokens", "reasoning_tokens")
    columns: dict[str, list[Any]] = {name: [] for name in names}
    reads, writes, reasons = columns.values()
    for row in rows:
        usage = row.metadata.usage_object
        if usage is None:
            reads.append(None)
            writes.append(None)
            reasons.append(None)
            continue
        inputs = usage.prompt_tokens_details or usage.input_tokens_details or _NO_DETAILS
        outputs = usage.completion_tokens_details or usage.output_tokens_details or _NO_DETAILS
        read, write = usage.cache_read_input_tokens, usage.cache_creation_input_tokens
        if read is None:
            read = inputs.cached_tokens
            read = inputs.cache_read_tokens if read is None else read
        if write is None:
            write = inputs.cache_creation_tokens
            write = inputs.cache_write_tokens if write is None else write
        reads.append(read)
        writes.append(write)
        reasons.append(outputs.reasoning_tokens)
    return columns


def _status_columns(rows: list[Ordinary]) -> dict[str, list[Any]]:
    codes: list[Any] = [OK if row.status else None for row in rows]
    errors: list[Any] = [None] * len(rows)
    for place, row in enumerate(rows):
        if row.status == FAILED:
            error = row.metadata.error_information
            codes[place] = filled(error and error.error_code, FAILED_WITHOUT_CODE)
            errors[place] = filled(error and error.error_class, "error")
    return {"status_code": codes, "error_type": errors}


def _text_columns(rows: list[Ordinary]) -> dict[str, list[Any]]:
    told = [
        plain_conversation([(turn.role, turn.content) for turn in row.messages])
        if isinstance(row.messages, list) and row.messages
        else NOT_LOGGED
        for row in rows
    ]
    columns: dict[str, list[Any]] = {
        name: list(values)
        for name, values in zip(NOT_LOGGED._fields, zip(*told, strict=True), strict=True)
    }
    texts: list[str | None] = []
    reasons: list[str | None] = []
    models: list[str | None] = []
    for row in rows:
        response = row.response
        choice = response.choices[0] if response is not None and response.choices else None
        reason = choice.finish_reason if choice is not None else None
        model = response.model if response is not None else None
        texts.append((choice.message.content or None) if choice is not None else None)
        reasons.append(reason if isinstance(reason, str) else None)
        models.append(model if isinstance(model, str) and model else row.model or None)
    return {**columns, "output_text": texts, "finish_reason": reasons, "response_model": models}
