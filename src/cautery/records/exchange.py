"""The exchange table: one row is one request to a served model and its response.

The columns are an outward promise (contracts, section 1). Names follow OpenTelemetry GenAI
where it has one. A column that a log does not carry is null throughout: absent is never clean.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

ColumnKind = Literal[
    "timestamp", "string", "int16", "int32", "int64", "float64", "bool", "sketch", "hashes"
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """One column of a table."""

    name: str
    """Name on disk, snake case."""
    kind: ColumnKind
    """Logical type; ``timestamp`` is UTC in microseconds, ``sketch`` a list of 32-bit integers and
    ``hashes`` one of 64-bit integers."""
    description: str
    """What a value means, with its unit."""
    otel_name: str = ""
    """The OpenTelemetry name of the same thing, if there is one."""
    required: bool = False
    """Whether a row without it is rejected."""


def make_column(
    name: str, kind: ColumnKind, description: str, otel_name: str = "", required: bool = False
) -> Column:
    """Build a column from positional values, so that the tables below read as tables."""
    return Column(
        name=name, kind=kind, description=description, otel_name=otel_name, required=required
    )


EXCHANGE_COLUMNS: Final[tuple[Column, ...]] = (
    make_column(
        "time_start", "timestamp", "When the request arrived.", "span start", required=True
    ),
    make_column("time_end", "timestamp", "When the response ended.", "span end"),
    make_column("request_id", "string", "Identifier of the response.", "gen_ai.response.id"),
    make_column(
        "conversation_id", "string", "Identifier of the conversation.", "gen_ai.conversation.id"
    ),
    make_column(
        "operation", "string", "chat, text_completion, embeddings ...", "gen_ai.operation.name"
    ),
    make_column("provider", "string", "Who serves the model.", "gen_ai.provider.name"),
    make_column("request_model", "string", "The model asked for.", "gen_ai.request.model"),
    make_column("response_model", "string", "The model that answered.", "gen_ai.response.model"),
    make_column("account_id", "string", "The paying account.", "user.id", required=True),
    make_column(
        "account_id_source", "string", "account, key or address: where account_id came from."
    ),
    make_column("org_id", "string", "The organisation that the account declares."),
    make_column("team_id", "string", "The team inside the organisation."),
    make_column("key_id", "string", "Identifier or keyed hash of the credential; never a key."),
    make_column("end_user_id", "string", "The customer's own user, if passed on.", "enduser.id"),
    make_column(
        "client_address", "string", "IPv4 or IPv6, after trusted proxies.", "client.address"
    ),
    make_column("asn", "int32", "Autonomous system number of the address.", "client.as.number"),
    make_column("country", "string", "ISO 3166-1 alpha-2.", "client.geo.country_iso_code"),
    make_column("user_agent", "string", "The client's own word.", "user_agent.original"),
    make_column(
        "header_order", "string", "Lower-case header names in wire order, joined by commas."
    ),
    make_column("tls_ja4", "string", "JA4 fingerprint of the TLS hello."),
    make_column("temperature", "float64", "Sampling temperature.", "gen_ai.request.temperature"),
    make_column("top_p", "float64", "Nucleus sampling mass.", "gen_ai.request.top_p"),
    make_column("max_tokens", "int32", "Most output tokens allowed.", "gen_ai.request.max_tokens"),
    make_column("n", "int32", "Choices asked for.", "gen_ai.request.choice.count"),
    make_column("seed", "int64", "Sampling seed.", "gen_ai.request.seed"),
    make_column("stream", "bool", "Whether the answer was streamed.", "gen_ai.request.stream"),
    make_column("logprobs", "bool", "Whether token log-probabilities were asked for."),
    make_column("tool_count", "int32", "Tools offered in the request."),
    make_column("image_count", "int32", "Images in the request."),
    make_column("message_count", "int32", "Messages in the request, the last user turn included."),
    make_column(
        "input_tokens", "int64", "All input tokens, cached included.", "gen_ai.usage.input_tokens"
    ),
    make_column("output_tokens", "int64", "Output tokens.", "gen_ai.usage.output_tokens"),
    make_column("cache_read_tokens", "int64", "Input tokens read from a cache."),
    make_column("cache_write_tokens", "int64", "Input tokens written to a cache."),
    make_column("reasoning_tokens", "int64", "Output tokens spent on reasoning."),
    make_column(
        "finish_reason", "string", "Why the answer ended.", "gen_ai.response.finish_reasons"
    ),
    make_column("error_type", "string", "Error class, if it failed.", "error.type"),
    make_column("status_code", "int32", "HTTP status.", "http.response.status_code"),
    make_column("system_text", "string", "System prompt.", "gen_ai.system_instructions"),
    make_column("input_text", "string", "The last user turn.", "gen_ai.input.messages"),
    make_column("output_text", "string", "The answer.", "gen_ai.output.messages"),
    make_column("history_hash", "string", "Hash of the turns before the last user turn."),
    make_column("cost_usd", "float64", "Cost in US dollars."),
    make_column(
        "issued_signatures", "hashes", "Hashes of reasoning signatures in the answer, at most 16."
    ),
    make_column(
        "carried_signatures",
        "hashes",
        "Hashes of reasoning signatures in the request's history, the newest 16.",
    ),
)
"""The canonical columns, in order."""

SOURCE_COLUMNS: Final[tuple[Column, ...]] = (
    make_column("source_file", "string", "File that the row came from: the evidence pointer."),
    make_column("source_line", "int64", "Line in that file (first is 1), or row for Parquet."),
)
"""Columns that every reader adds, so that evidence can point to the original line."""

SKETCH_COLUMNS: Final[tuple[Column, ...]] = (
    make_column("client_network", "string", "The address's /24 (IPv4) or /48 (IPv6)."),
    make_column("input_characters", "int32", "Length of the last user turn, in characters."),
    make_column("input_hash", "int64", "Hash of the normalised last user turn."),
    make_column("system_hash", "int64", "Hash of the normalised system prompt."),
    make_column(
        "input_shingles", "sketch", "Sampled hashes of word n-grams of the last user turn."
    ),
    make_column("intent_flags", "int32", "Bit set of phrase families seen in the request."),
)
"""Columns computed once, at ingest, from text and address, so that the text may be dropped."""

KEY_COLUMNS: Final[tuple[Column, ...]] = (
    make_column("account_key", "int64", "Hash of the account."),
    make_column("style_key", "int64", "Hash of the client and the request parameters."),
    make_column("address_key", "int64", "Hash of the client's address."),
    make_column("network_key", "int64", "Hash of the client's network."),
    make_column("device_key", "int64", "Hash of the JA4 fingerprint of TLS."),
)
"""Columns that a scan groups by in place of texts; they stay inside, no promise is made of them."""

TEXT_COLUMNS: Final[tuple[str, ...]] = ("system_text", "input_text", "output_text")
"""The columns that hold what people wrote; ``--drop-text`` removes them."""
FULL_TEXT_ROWS: Final = 2_000_000
"""Exchanges up to which a scan keeps every prompt, to show what a template says."""
KEPT_TEXT_HASH: Final = -(2**63) + 2**64 // 8
"""In longer logs it keeps those whose ``input_hash`` is below: an eighth, the same in any order."""
