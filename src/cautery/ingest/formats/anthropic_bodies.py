"""Archived Anthropic request and response bodies of the Messages API."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, BinaryIO, Final

from cautery.ingest.conversation import read_conversation
from cautery.ingest.field_source import FieldSource
from cautery.ingest.json_lines import JsonLinesReader, RowContext
from cautery.ingest.pairs import (
    REQUEST_FIELDS,
    Pair,
    body_of,
    first_of,
    pair_row,
    request_fields,
    share_of_pairs,
    wrapper_fields,
)
from cautery.ingest.paths import look_up
from cautery.ingest.sniffing import sample_records

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cautery.ingest.options import ReadOptions
    from cautery.ingest.rows import ExchangeRow
    from cautery.ports import Reject

_MESSAGES: Final = ("request.messages", "body.messages")
_REPLY: Final = ("response", "response_body")


def make_row(pair: Pair, context: RowContext) -> ExchangeRow:
    """Turn one archived pair into an exchange.

    Args:
        pair: The decoded pair.
        context: Clock and identities.

    Returns:
        The exchange.
    """
    request = body_of(pair, REQUEST_FIELDS)
    row, _ = pair_row(pair, request, "anthropic", context)
    conversation = read_conversation(request.get("messages"), request.get("system"))
    row.system_text, row.input_text, row.history_hash = conversation[:3]
    row.message_count, row.image_count, row.carried_signatures = conversation[3:]
    row.operation = "chat"
    row.end_user_id = context.identities.protect(
        first_of(pair, ("end_user_id",)) or look_up(request, "metadata.user_id")
    )
    return row


class AnthropicBodies:
    """Reads JSON Lines of ``{"request": ..., "response": ...}`` pairs."""

    name = "anthropic-bodies"
    independent_lines = True
    description = "archived Anthropic Messages API bodies, one pair a line"
    prompt_hint = "the archive holds no request bodies"
    fields = (
        *wrapper_fields(),
        FieldSource(column="operation", paths=(), note="always chat"),
        FieldSource(column="provider", paths=(), note="always anthropic"),
        *request_fields("temperature", "top_p", "max_tokens", "stream"),
        FieldSource(column="tool_count", paths=("request.tools",), note="length of the list"),
        FieldSource(column="end_user_id", paths=("request.metadata.user_id",)),
        FieldSource(column="message_count", paths=_MESSAGES, note="length of the list"),
        FieldSource(column="image_count", paths=_MESSAGES, note="image parts"),
        FieldSource(
            column="input_tokens",
            paths=("response.usage.input_tokens",),
            note="cache reads and writes are added: Anthropic leaves them out",
        ),
        FieldSource(column="output_tokens", paths=("response.usage.output_tokens",)),
        FieldSource(column="cache_read_tokens", paths=("response.usage.cache_read_input_tokens",)),
        FieldSource(
            column="cache_write_tokens", paths=("response.usage.cache_creation_input_tokens",)
        ),
        FieldSource(column="finish_reason", paths=("response.stop_reason",)),
        FieldSource(column="system_text", paths=("request.system",)),
        FieldSource(
            column="input_text",
            paths=_MESSAGES,
            note="the last user turn with words; results of tools are passed over",
        ),
        FieldSource(column="output_text", paths=("response.content",), note="its text blocks"),
        FieldSource(
            column="history_hash", paths=_MESSAGES, note="hash of the turns before the last one"
        ),
        FieldSource(
            column="issued_signatures",
            paths=("response.content",),
            note="`signature` of thinking blocks, `data` of redacted ones; hashed",
        ),
        FieldSource(column="carried_signatures", paths=_MESSAGES, note="the same; hashed"),
    )
    """Where each column comes from."""

    def sniff(self, head: bytes, file_name: str) -> float:
        """Say how sure it is that these are pairs of Messages API bodies."""
        return 0.9 * share_of_pairs(sample_records(head, file_name), _looks_right)

    def read(self, stream: BinaryIO, options: ReadOptions, reject: Reject) -> Iterator[Any]:
        """Yield batches; see ``cautery.ports.LogFormat``."""
        return JsonLinesReader(Pair, make_row).read(stream, options, reject)


def _looks_right(pair: Pair) -> bool:
    request, response = body_of(pair, REQUEST_FIELDS), body_of(pair, _REPLY)
    if "messages" not in request and response.get("type") != "message":
        return False
    return (
        response.get("type") == "message"
        or "stop_reason" in response
        or (isinstance(pair.path, str) and pair.path.rstrip("/").endswith("/messages"))
    )


MEMBER = AnthropicBodies()
