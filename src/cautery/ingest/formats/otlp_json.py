"""GenAI spans and events as OTLP/JSON lines, from the OpenTelemetry collector's file exporter."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, BinaryIO, Final

from cautery.ingest.conversation import opened
from cautery.ingest.field_source import FieldSource
from cautery.ingest.findings import NOT_AN_OBJECT, RecordRejected
from cautery.ingest.genai_content import read_content
from cautery.ingest.genai_names import (
    ATTRIBUTES,
    DETAILS_EVENT,
    INDEXED_INPUT,
    INDEXED_OUTPUT,
    INFERENCE_OPERATIONS,
    INPUT_MESSAGES,
    INVOCATION_PARAMETERS,
    OUTPUT_MESSAGES,
    PLAIN_INPUT,
    PLAIN_OUTPUT,
    SYSTEM_INSTRUCTIONS,
)
from cautery.ingest.json_lines import LineRejecter, RowContext, json_items, whole_text
from cautery.ingest.json_records import decode_record
from cautery.ingest.otlp import Record, events_of, records_of
from cautery.ingest.parameters import read_parameters
from cautery.ingest.rows import ExchangeRow, RowBatcher
from cautery.ingest.sniffing import sample_records, share_with

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cautery.ingest.options import ReadOptions
    from cautery.ports import Reject

_ROOTS: Final = ("resourceSpans", "resourceLogs", "resource_spans", "resource_logs")
_CONTENT: Final = (*INPUT_MESSAGES, *(f"{prefix}N" for prefix in INDEXED_INPUT), PLAIN_INPUT)
_ANSWER: Final = (*OUTPUT_MESSAGES, *(f"{prefix}N" for prefix in INDEXED_OUTPUT), PLAIN_OUTPUT)
_ERROR_STATUS: Final = (2, "STATUS_CODE_ERROR")
_OTHER_SPANS: Final = "other spans"
_OTHER_EVENTS: Final = "other log events"
_EVENTS_NOTE: Final = (
    "exchanges were read from log events; if the spans of the same calls are scanned too, they "
    "count twice"
)


def operation_of(record: Record) -> str | None:
    """Name the model call that a record is about.

    Args:
        record: A span or event.

    Returns:
        OpenTelemetry's name of the operation; None if it is no call of a model.
    """
    attributes = record.attributes
    if record.kind == "event" and record.name != DETAILS_EVENT:
        return None
    named = False
    for name in ATTRIBUTES["operation"]:
        value = attributes.get(name)
        if isinstance(value, str):
            operation = INFERENCE_OPERATIONS.get(value.lower())
            if operation is not None:
                return operation
            named = True
    if named or record.name == "raw_gen_ai_request":
        return None
    models = ATTRIBUTES["request_model"] + ATTRIBUTES["response_model"]
    return "chat" if any(attributes.get(name) for name in models) else None


def make_row(record: Record, operation: str, context: RowContext) -> ExchangeRow:
    """Turn a span or event of a model call into an exchange.

    Args:
        record: The span or event.
        operation: From ``operation_of``.
        context: Clock and identities.

    Returns:
        The exchange.
    """
    values = _named_values(record)
    body = record.body
    start = body.get("startTimeUnixNano") or body.get("timeUnixNano")
    row = ExchangeRow(
        time_start=context.clock.read(
            start or body.get("observedTimeUnixNano"), "startTimeUnixNano"
        ),
        time_end=context.clock.read_optional(body.get("endTimeUnixNano"), "endTimeUnixNano"),
        **{name: value for name, value in values.items() if name not in _IDENTITY},
    )
    row.operation = operation
    identity = context.identities.identify(
        account=values.get("account_id"),
        key=values.get("key_id"),
        address=values.get("client_address"),
    )
    row.account_id, row.account_id_source, row.key_id, row.client_address = identity
    row.end_user_id = context.identities.protect(values.get("end_user_id"))
    _fill_parameters(row, record.attributes)
    _fill_content(row, record)
    _fill_tokens(row)
    status = body.get("status")
    if row.error_type is None and isinstance(status, dict) and status.get("code") in _ERROR_STATUS:
        row.error_type = "error"
    return row


_IDENTITY: Final = frozenset({"account_id", "key_id", "client_address", "end_user_id"})


def _named_values(record: Record) -> dict[str, Any]:
    """Find every column's attribute, on the span first, then on its resource."""
    values = {}
    for column, names in ATTRIBUTES.items():
        for name in names:
            value = record.attributes.get(name)
            if value is None:
                value = record.resource.get(name)
            if value is not None and value != "":
                values[column] = value
                break
    return values


def _fill_parameters(row: ExchangeRow, attributes: dict[str, Any]) -> None:
    parameters = opened(attributes.get(INVOCATION_PARAMETERS))
    if not isinstance(parameters, dict):
        return
    for name, value in read_parameters(parameters)._asdict().items():
        if getattr(row, name) is None:
            setattr(row, name, value)


def _fill_content(row: ExchangeRow, record: Record) -> None:
    content = read_content(record.attributes, events_of(record.body))
    row.system_text, row.input_text, row.history_hash = content.conversation[:3]
    row.message_count, row.image_count, row.carried_signatures = content.conversation[3:]
    row.issued_signatures = content.issued_signatures
    row.output_text = content.output_text
    if isinstance(row.finish_reason, list):
        row.finish_reason = row.finish_reason[0] if row.finish_reason else None
    row.finish_reason = row.finish_reason or content.finish_reason


def _fill_tokens(row: ExchangeRow) -> None:
    """Count cached tokens in if the instrumentation left them out, as Anthropic's own do.

    OpenTelemetry's input tokens include cached ones. Fewer in all than from the cache alone can
    only mean that they were left out.
    """
    read, write = row.cache_read_tokens, row.cache_write_tokens
    total = row.input_tokens
    if isinstance(total, int):
        cached = sum(part for part in (read, write) if isinstance(part, int))
        if total < cached:
            row.input_tokens = total + cached


class OtlpJson:
    """Reads GenAI telemetry of all three generations of names."""

    name = "otlp-json"
    independent_lines = True
    description = "OpenTelemetry GenAI spans as OTLP/JSON lines (collector file exporter)"
    prompt_hint = "OpenTelemetry: capturing message content is off in the instrumentation"
    fields = (
        FieldSource(column="time_start", paths=("startTimeUnixNano", "timeUnixNano")),
        FieldSource(column="time_end", paths=("endTimeUnixNano",)),
        *(FieldSource(column=column, paths=names) for column, names in ATTRIBUTES.items()),
        FieldSource(column="message_count", paths=_CONTENT, note="number of messages"),
        FieldSource(column="image_count", paths=_CONTENT, note="image parts"),
        FieldSource(
            column="system_text",
            paths=(*SYSTEM_INSTRUCTIONS, *_CONTENT),
            note="or events gen_ai.system.message",
        ),
        FieldSource(
            column="input_text",
            paths=_CONTENT,
            note="the last user turn, or events gen_ai.user.message",
        ),
        FieldSource(column="output_text", paths=_ANSWER, note="or events gen_ai.choice"),
        FieldSource(
            column="history_hash", paths=_CONTENT, note="hash of the turns before the last one"
        ),
        FieldSource(
            column="issued_signatures",
            paths=_ANSWER,
            note="only where an instrumentation adds them: the conventions have no field",
        ),
        FieldSource(column="carried_signatures", paths=_CONTENT, note="the same"),
    )
    """Where each column comes from."""

    def sniff(self, head: bytes, file_name: str) -> float:
        """Say how sure it is that these are OTLP/JSON lines."""
        records = sample_records(head, file_name)
        if records:
            return 0.95 * share_with(records, any_of=_ROOTS)
        start = head.lstrip()[:200]
        # One export message may be longer than the head: then its beginning must do.
        return 0.9 * float(
            start.startswith(b"{") and any(f'"{root}"'.encode() in start for root in _ROOTS)
        )

    def read(self, stream: BinaryIO, options: ReadOptions, reject: Reject) -> Iterator[Any]:
        """Yield batches; see ``cautery.ports.LogFormat``."""
        context = RowContext(options)
        batcher = RowBatcher(options)
        rejecter = LineRejecter(options, reject)
        for line in json_items(stream, options):
            try:
                message = _message(whole_text(line), options)
            except RecordRejected as rejection:
                rejecter(line.number, rejection.reason, line.text)
                continue
            size = len(line.text)
            for record in records_of(message):
                row = _read_record(record, line.number, context, rejecter)
                if row is None:
                    continue
                full = batcher.add(row, size)
                size = 0
                if full:
                    yield batcher.take()
        if len(batcher):
            yield batcher.take()
        context.clock.check()


def _message(text: bytes, options: ReadOptions) -> dict[str, Any]:
    message = decode_record(text, options.findings)
    if not isinstance(message, dict):
        raise RecordRejected(NOT_AN_OBJECT)
    return message


def _read_record(
    record: Record, line_number: int, context: RowContext, rejecter: LineRejecter
) -> ExchangeRow | None:
    operation = operation_of(record)
    if operation is None:
        kind = _OTHER_SPANS if record.kind == "span" else _OTHER_EVENTS
        context.findings.skipped[kind] += 1
        return None
    merged = {**record.resource, **record.attributes}
    context.identities.begin(merged)
    try:
        row = make_row(record, operation, context)
    except RecordRejected as rejection:
        raw = repr(merged)[:1000].encode("utf-8", "replace")
        rejecter(line_number, rejection.reason, raw, merged)
        return None
    if record.kind == "event" and _EVENTS_NOTE not in context.findings.notes:
        context.findings.notes.append(_EVENTS_NOTE)
    row.source_line = line_number
    return row


MEMBER = OtlpJson()
