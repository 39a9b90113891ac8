"""Archived OpenAI request and response bodies: chat completions, completions, responses API."""

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
from cautery.ingest.sniffing import sample_records

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cautery.ingest.options import ReadOptions
    from cautery.ingest.rows import ExchangeRow
    from cautery.ports import Reject

_MESSAGES: Final = ("request.messages", "request.input", "request.prompt", "body.messages")
_OPERATIONS: Final = (
    ("/embeddings", "embeddings"),
    ("/chat/completions", "chat"),
    ("/responses", "chat"),
    ("/completions", "text_completion"),
)


def make_row(pair: Pair, context: RowContext) -> ExchangeRow:
    """Turn one archived pair into an exchange.

    Args:
        pair: The decoded pair.
        context: Clock and identities.

    Returns:
        The exchange.
    """
    request = body_of(pair, REQUEST_FIELDS)
    row, _ = pair_row(pair, request, "openai", context)
    messages = request.get("messages") or request.get("input") or request.get("prompt")
    conversation = read_conversation(messages, request.get("instructions"))
    row.system_text, row.input_text, row.history_hash = conversation[:3]
    row.message_count, row.image_count, row.carried_signatures = conversation[3:]
    row.operation = _operation(pair.path, request)
    row.end_user_id = context.identities.protect(
        first_of(pair, ("end_user_id",)) or request.get("safety_identifier") or request.get("user")
    )
    return row


def _operation(path: Any, request: dict[str, Any]) -> str | None:
    if isinstance(path, str):
        for ending, operation in _OPERATIONS:
            if path.rstrip("/").endswith(ending):
                return operation
    if "encoding_format" in request or "dimensions" in request:
        return "embeddings"
    if "messages" in request or "input" in request:
        return "chat"
    return "text_completion" if "prompt" in request else None


class OpenaiBodies:
    """Reads JSON Lines of ``{"request": ..., "response": ...}`` pairs."""

    name = "openai-bodies"
    independent_lines = True
    description = "archived OpenAI request and response bodies, one pair a line"
    prompt_hint = "the archive holds no request bodies"
    fields = (
        *wrapper_fields(),
        FieldSource(column="operation", paths=("path",), note="or by the shape of the request"),
        FieldSource(column="provider", paths=(), note="always openai"),
        *request_fields("temperature", "top_p", "n", "seed", "stream"),
        FieldSource(
            column="max_tokens",
            paths=(
                "request.max_completion_tokens",
                "request.max_tokens",
                "request.max_output_tokens",
            ),
        ),
        FieldSource(column="logprobs", paths=("request.logprobs", "request.top_logprobs")),
        FieldSource(column="tool_count", paths=("request.tools",), note="length of the list"),
        FieldSource(column="end_user_id", paths=("request.safety_identifier", "request.user")),
        FieldSource(column="message_count", paths=_MESSAGES, note="length of the list"),
        FieldSource(column="image_count", paths=_MESSAGES, note="image parts"),
        FieldSource(
            column="input_tokens",
            paths=("response.usage.prompt_tokens", "response.usage.input_tokens"),
        ),
        FieldSource(
            column="output_tokens",
            paths=("response.usage.completion_tokens", "response.usage.output_tokens"),
        ),
        FieldSource(
            column="cache_read_tokens",
            paths=(
                "response.usage.prompt_tokens_details.cached_tokens",
                "response.usage.input_tokens_details.cached_tokens",
            ),
        ),
        FieldSource(
            column="reasoning_tokens",
            paths=(
                "response.usage.completion_tokens_details.reasoning_tokens",
                "response.usage.output_tokens_details.reasoning_tokens",
            ),
        ),
        FieldSource(
            column="finish_reason", paths=("response.choices.0.finish_reason", "response.status")
        ),
        FieldSource(
            column="system_text",
            paths=("request.instructions", *_MESSAGES),
            note="messages of role system or developer",
        ),
        FieldSource(column="input_text", paths=_MESSAGES, note="the last user turn"),
        FieldSource(
            column="output_text", paths=("response.choices", "response.output"), note="its text"
        ),
        FieldSource(
            column="history_hash", paths=_MESSAGES, note="hash of the turns before the last one"
        ),
        FieldSource(
            column="issued_signatures",
            paths=("response.output", "response.choices"),
            note="`encrypted_content`, else the id, of reasoning items; hashed",
        ),
        FieldSource(column="carried_signatures", paths=_MESSAGES, note="the same; hashed"),
    )
    """Where each column comes from."""

    def sniff(self, head: bytes, file_name: str) -> float:
        """Say how sure it is that these are pairs of OpenAI bodies."""
        return 0.9 * share_of_pairs(sample_records(head, file_name), _looks_right)

    def read(self, stream: BinaryIO, options: ReadOptions, reject: Reject) -> Iterator[Any]:
        """Yield batches; see ``cautery.ports.LogFormat``."""
        return JsonLinesReader(Pair, make_row).read(stream, options, reject)


def _looks_right(pair: Pair) -> bool:
    request, response = body_of(pair, REQUEST_FIELDS), body_of(pair, ("response", "response_body"))
    if isinstance(pair.path, str) and pair.path.rstrip("/").endswith("/messages"):
        return False
    if response.get("type") == "message" or "stop_reason" in response:
        return False
    asks = "model" in request and bool({"messages", "input", "prompt"} & set(request))
    return asks or bool({"choices", "output"} & set(response))


MEMBER = OpenaiBodies()
