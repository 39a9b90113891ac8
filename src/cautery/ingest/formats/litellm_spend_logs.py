"""Dumps of LiteLLM's table ``LiteLLM_SpendLogs``: JSON Lines, one JSON array, or CSV."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, BinaryIO, Final

from cautery.ingest.conversation import opened
from cautery.ingest.csv_rows import read_csv
from cautery.ingest.field_source import FieldSource
from cautery.ingest.findings import RecordRejected
from cautery.ingest.json_lines import (
    JsonLinesReader,
    LineRejecter,
    Rewound,
    RowContext,
    whole_text,
)
from cautery.ingest.json_records import RecordDecoder
from cautery.ingest.litellm import Call, base_row, filled, metadata_of
from cautery.ingest.litellm_reading import read_by_columns
from cautery.ingest.sniffing import looks_like_csv, sample_records, share_with

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cautery.ingest.lines import Line
    from cautery.ingest.options import ReadOptions
    from cautery.ingest.rows import ExchangeRow
    from cautery.ports import Reject

_REQUIRED: Final = ("request_id", "startTime", "call_type", "api_key")
_HEAD_BYTES: Final = 2**16


class SpendLog(Call):
    """A row of the table, as far as we read it."""

    request_id: Any = None
    litellm_call_id: Any = None
    api_key: Any = None
    user: Any = None
    team_id: Any = None
    organization_id: Any = None
    spend: Any = None
    proxy_server_request: Any = None


def make_row(log: SpendLog, context: RowContext) -> ExchangeRow:
    """Turn one row of the table into an exchange.

    Args:
        log: The decoded row.
        context: Clock and identities.

    Returns:
        The exchange.
    """
    metadata = metadata_of(log, context)
    body = opened(log.proxy_server_request) if log.proxy_server_request else None
    if isinstance(body, dict) and isinstance(body.get("body"), dict):
        body = body["body"]
    row = base_row(log, metadata, body, context)
    identity = context.identities.identify(
        account=filled(log.user, metadata.user_api_key_user_id),
        key=filled(log.api_key, metadata.user_api_key),
        address=filled(log.requester_ip_address, metadata.requester_ip_address),
    )
    row.account_id, row.account_id_source, row.key_id, row.client_address = identity
    row.request_id = filled(log.request_id, log.litellm_call_id)
    row.org_id = filled(log.organization_id, metadata.user_api_key_org_id)
    row.team_id = filled(log.team_id, metadata.user_api_key_team_id)
    row.end_user_id = context.identities.protect(log.end_user)
    row.cost_usd = log.spend
    return row


class LitellmSpendLogs:
    """Reads dumps of LiteLLM_SpendLogs."""

    name = "litellm-spend-logs"
    independent_lines = True
    description = "LiteLLM's table LiteLLM_SpendLogs, dumped as JSON, JSON Lines or CSV"
    prompt_hint = "LiteLLM: store_prompts_in_spend_logs is off"
    fields = (
        FieldSource(column="time_start", paths=("startTime",), note="UTC where no zone is given"),
        FieldSource(column="time_end", paths=("endTime",)),
        FieldSource(column="request_id", paths=("request_id", "litellm_call_id")),
        FieldSource(column="conversation_id", paths=("session_id",)),
        FieldSource(column="operation", paths=("call_type",), note="OpenTelemetry's names"),
        FieldSource(column="provider", paths=("custom_llm_provider",)),
        FieldSource(column="request_model", paths=("model_group", "model")),
        FieldSource(column="response_model", paths=("response.model", "model")),
        FieldSource(
            column="account_id",
            paths=(
                "user",
                "metadata.user_api_key_user_id",
                "api_key",
                "requester_ip_address",
                "metadata.requester_ip_address",
            ),
            note="`default_user_id` counts as missing",
        ),
        FieldSource(column="org_id", paths=("organization_id", "metadata.user_api_key_org_id")),
        FieldSource(column="team_id", paths=("team_id", "metadata.user_api_key_team_id")),
        FieldSource(column="key_id", paths=("api_key", "metadata.user_api_key")),
        FieldSource(column="end_user_id", paths=("end_user",)),
        FieldSource(
            column="client_address",
            paths=("requester_ip_address", "metadata.requester_ip_address"),
        ),
        FieldSource(column="user_agent", paths=("metadata.user_agent",)),
        FieldSource(column="temperature", paths=("proxy_server_request.temperature",)),
        FieldSource(column="top_p", paths=("proxy_server_request.top_p",)),
        FieldSource(
            column="max_tokens",
            paths=("proxy_server_request.max_completion_tokens", "proxy_server_request.max_tokens"),
        ),
        FieldSource(column="n", paths=("proxy_server_request.n",)),
        FieldSource(column="seed", paths=("proxy_server_request.seed",)),
        FieldSource(column="stream", paths=("proxy_server_request.stream",)),
        FieldSource(column="logprobs", paths=("proxy_server_request.logprobs",)),
        FieldSource(
            column="tool_count", paths=("proxy_server_request.tools",), note="length of the list"
        ),
        FieldSource(
            column="message_count",
            paths=("messages", "proxy_server_request.messages"),
            note="length of the list",
        ),
        FieldSource(
            column="image_count",
            paths=("messages", "proxy_server_request.messages"),
            note="image parts",
        ),
        FieldSource(
            column="input_tokens", paths=("prompt_tokens",), note="LiteLLM includes cached ones"
        ),
        FieldSource(column="output_tokens", paths=("completion_tokens",)),
        FieldSource(
            column="cache_read_tokens",
            paths=(
                "metadata.usage_object.cache_read_input_tokens",
                "metadata.usage_object.prompt_tokens_details.cached_tokens",
                "metadata.additional_usage_values.cache_read_input_tokens",
            ),
        ),
        FieldSource(
            column="cache_write_tokens",
            paths=(
                "metadata.usage_object.cache_creation_input_tokens",
                "metadata.additional_usage_values.cache_creation_input_tokens",
            ),
        ),
        FieldSource(
            column="reasoning_tokens",
            paths=("metadata.usage_object.completion_tokens_details.reasoning_tokens",),
        ),
        FieldSource(column="finish_reason", paths=("response.choices.0.finish_reason",)),
        FieldSource(column="error_type", paths=("metadata.error_information.error_class",)),
        FieldSource(
            column="status_code",
            paths=("metadata.error_information.error_code", "status"),
            note="200 if `status` is not `failure`",
        ),
        FieldSource(
            column="system_text",
            paths=("messages", "proxy_server_request.messages"),
            note="messages of role system or developer",
        ),
        FieldSource(
            column="input_text",
            paths=("messages", "proxy_server_request.messages"),
            note="the last user turn",
        ),
        FieldSource(column="output_text", paths=("response",), note="the answer's text"),
        FieldSource(
            column="history_hash",
            paths=("messages", "proxy_server_request.messages"),
            note="hash of the turns before the last user turn",
        ),
        FieldSource(column="cost_usd", paths=("spend",)),
        FieldSource(
            column="issued_signatures",
            paths=("response",),
            note="`thinking_blocks`, thinking parts and reasoning items; hashed",
        ),
        FieldSource(
            column="carried_signatures",
            paths=("messages", "proxy_server_request.messages", "proxy_server_request.input"),
            note="the same; hashed",
        ),
    )
    """Where each column comes from."""

    def sniff(self, head: bytes, file_name: str) -> float:
        """Say how sure it is that this is a dump of the table."""
        return 0.97 * share_with(sample_records(head, file_name), all_of=_REQUIRED)

    def read(self, stream: BinaryIO, options: ReadOptions, reject: Reject) -> Iterator[Any]:
        """Yield batches; see ``cautery.ports.LogFormat``."""
        head = stream.read(_HEAD_BYTES)
        if options.block_first_line is None and looks_like_csv(head):
            yield from read_csv(Rewound(head, stream), SpendLog, make_row, options, reject)
        else:
            yield from self._read_json(stream, head, options, reject)

    def _read_json(
        self, stream: BinaryIO, head: bytes, options: ReadOptions, reject: Reject
    ) -> Iterator[Any]:
        context = RowContext(options)
        if context.identities.wants_record:
            yield from _READER.read(stream, options, reject, head)
            return
        rejecter = LineRejecter(options, reject)
        decoder = RecordDecoder(SpendLog, options.findings)

        def read_odd(line: Line) -> ExchangeRow | None:
            try:
                row = make_row(decoder.decode(whole_text(line)), context)
            except RecordRejected as rejection:
                rejecter(line.number, rejection.reason, line.text)
                return None
            row.source_line = line.number
            return row

        yield from read_by_columns(stream, head, context, read_odd)


_READER: Final = JsonLinesReader(SpendLog, make_row)
MEMBER = LitellmSpendLogs()
