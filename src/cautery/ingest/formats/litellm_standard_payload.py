"""LiteLLM's StandardLoggingPayload: what its log callbacks write, one object a call."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, BinaryIO, Final

from cautery.ingest.conversation import opened
from cautery.ingest.field_source import FieldSource
from cautery.ingest.json_lines import JsonLinesReader, RowContext
from cautery.ingest.litellm import Call, base_row, filled, metadata_of
from cautery.ingest.sniffing import sample_records, share_with

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cautery.ingest.options import ReadOptions
    from cautery.ingest.rows import ExchangeRow
    from cautery.ports import Reject

_REQUIRED: Final = ("id", "startTime", "call_type", "metadata", "model_parameters")


class Payload(Call):
    """One object, as far as we read it."""

    id: Any = None
    litellm_call_id: Any = None
    trace_id: Any = None
    stream: Any = None
    response_cost: Any = None
    user_agent: Any = None
    model_parameters: Any = None
    error_information: Any = None


def make_row(payload: Payload, context: RowContext) -> ExchangeRow:
    """Turn one object into an exchange.

    Args:
        payload: The decoded object.
        context: Clock and identities.

    Returns:
        The exchange.
    """
    metadata = metadata_of(payload, context)
    row = base_row(payload, metadata, opened(payload.model_parameters), context)
    identity = context.identities.identify(
        account=metadata.user_api_key_user_id,
        key=filled(metadata.user_api_key_hash, metadata.user_api_key),
        address=filled(payload.requester_ip_address, metadata.requester_ip_address),
    )
    row.account_id, row.account_id_source, row.key_id, row.client_address = identity
    row.request_id = filled(payload.id, payload.litellm_call_id)
    row.conversation_id = filled(payload.session_id, payload.trace_id)
    row.org_id = metadata.user_api_key_org_id or None
    row.team_id = metadata.user_api_key_team_id or None
    row.end_user_id = context.identities.protect(
        filled(payload.end_user, metadata.user_api_key_end_user_id)
    )
    row.user_agent = filled(payload.user_agent, row.user_agent)
    if payload.stream is not None:
        row.stream = payload.stream
    if isinstance(payload.error_information, dict) and payload.status == "failure":
        error = payload.error_information
        row.status_code = filled(error.get("error_code"), row.status_code)
        row.error_type = filled(error.get("error_class"), row.error_type)
    row.cost_usd = payload.response_cost
    return row


class LitellmStandardPayload:
    """Reads what LiteLLM's s3, gcs, azure, sqs and generic API callbacks write."""

    name = "litellm-standard-payload"
    independent_lines = True
    description = "LiteLLM's StandardLoggingPayload, one JSON object a call"
    prompt_hint = "LiteLLM: turn_off_message_logging is on"
    fields = (
        FieldSource(column="time_start", paths=("startTime",), note="seconds since 1970"),
        FieldSource(column="time_end", paths=("endTime",)),
        FieldSource(column="request_id", paths=("id", "litellm_call_id")),
        FieldSource(column="conversation_id", paths=("session_id", "trace_id")),
        FieldSource(column="operation", paths=("call_type",), note="OpenTelemetry's names"),
        FieldSource(column="provider", paths=("custom_llm_provider",)),
        FieldSource(column="request_model", paths=("model_group", "model")),
        FieldSource(column="response_model", paths=("response.model", "model")),
        FieldSource(
            column="account_id",
            paths=(
                "metadata.user_api_key_user_id",
                "metadata.user_api_key_hash",
                "requester_ip_address",
                "metadata.requester_ip_address",
            ),
            note="`default_user_id` counts as missing",
        ),
        FieldSource(column="org_id", paths=("metadata.user_api_key_org_id",)),
        FieldSource(column="team_id", paths=("metadata.user_api_key_team_id",)),
        FieldSource(column="key_id", paths=("metadata.user_api_key_hash",)),
        FieldSource(column="end_user_id", paths=("end_user", "metadata.user_api_key_end_user_id")),
        FieldSource(
            column="client_address",
            paths=("requester_ip_address", "metadata.requester_ip_address"),
        ),
        FieldSource(column="user_agent", paths=("user_agent", "metadata.user_agent")),
        FieldSource(column="temperature", paths=("model_parameters.temperature",)),
        FieldSource(column="top_p", paths=("model_parameters.top_p",)),
        FieldSource(
            column="max_tokens",
            paths=("model_parameters.max_completion_tokens", "model_parameters.max_tokens"),
        ),
        FieldSource(column="n", paths=("model_parameters.n",)),
        FieldSource(column="seed", paths=("model_parameters.seed",)),
        FieldSource(column="stream", paths=("stream", "model_parameters.stream")),
        FieldSource(column="logprobs", paths=("model_parameters.logprobs",)),
        FieldSource(
            column="tool_count", paths=("model_parameters.tools",), note="length of the list"
        ),
        FieldSource(column="message_count", paths=("messages",), note="length of the list"),
        FieldSource(column="image_count", paths=("messages",), note="image parts"),
        FieldSource(
            column="input_tokens", paths=("prompt_tokens",), note="LiteLLM includes cached ones"
        ),
        FieldSource(column="output_tokens", paths=("completion_tokens",)),
        FieldSource(
            column="cache_read_tokens",
            paths=(
                "metadata.usage_object.cache_read_input_tokens",
                "metadata.usage_object.prompt_tokens_details.cached_tokens",
            ),
        ),
        FieldSource(
            column="cache_write_tokens",
            paths=("metadata.usage_object.cache_creation_input_tokens",),
        ),
        FieldSource(
            column="reasoning_tokens",
            paths=("metadata.usage_object.completion_tokens_details.reasoning_tokens",),
        ),
        FieldSource(column="finish_reason", paths=("response.choices.0.finish_reason",)),
        FieldSource(column="error_type", paths=("error_information.error_class",)),
        FieldSource(
            column="status_code",
            paths=("error_information.error_code", "status"),
            note="200 if `status` is not `failure`",
        ),
        FieldSource(
            column="system_text", paths=("messages",), note="messages of role system or developer"
        ),
        FieldSource(column="input_text", paths=("messages",), note="the last user turn"),
        FieldSource(column="output_text", paths=("response",), note="the answer's text"),
        FieldSource(
            column="history_hash",
            paths=("messages",),
            note="hash of the turns before the last user turn",
        ),
        FieldSource(column="cost_usd", paths=("response_cost",)),
        FieldSource(
            column="issued_signatures",
            paths=("response",),
            note="`thinking_blocks`, thinking parts and reasoning items; hashed",
        ),
        FieldSource(column="carried_signatures", paths=("messages",), note="the same; hashed"),
    )
    """Where each column comes from."""

    def sniff(self, head: bytes, file_name: str) -> float:
        """Say how sure it is that this is a log of payloads."""
        return 0.96 * share_with(sample_records(head, file_name), all_of=_REQUIRED)

    def read(self, stream: BinaryIO, options: ReadOptions, reject: Reject) -> Iterator[Any]:
        """Yield batches; see ``cautery.ports.LogFormat``."""
        return JsonLinesReader(Payload, make_row).read(stream, options, reject)


MEMBER = LitellmStandardPayload()
