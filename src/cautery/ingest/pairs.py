"""Archived request and response bodies: what the two body formats have in common.

An archive wraps each pair in an object of its own making, so several names are taken for each
part. The bodies are written by the client: who sent them is read from the wrapper only, never
from fields such as ``user`` that the client fills as it likes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import msgspec

from cautery.ingest.answers import Answer, read_answer, read_tokens
from cautery.ingest.conversation import opened
from cautery.ingest.field_source import FieldSource
from cautery.ingest.parameters import read_parameters
from cautery.ingest.paths import header_pairs
from cautery.ingest.rows import ExchangeRow

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from cautery.ingest.json_lines import RowContext

TIME_FIELDS: Final = ("time", "time_start", "timestamp", "created_at", "created", "ts", "t")
END_FIELDS: Final = ("time_end", "end_time", "completed_at")
REQUEST_FIELDS: Final = ("request", "request_body", "body", "input")
RESPONSE_FIELDS: Final = ("response", "response_body", "output")
ACCOUNT_FIELDS: Final = ("account_id", "account", "user_id", "customer_id", "tenant_id")
ORG_FIELDS: Final = ("org_id", "organization_id", "organization")
TEAM_FIELDS: Final = ("team_id", "project_id", "workspace_id")
KEY_FIELDS: Final = ("key_id", "api_key_id", "api_key", "key")
ADDRESS_FIELDS: Final = ("client_address", "client_ip", "ip", "remote_addr", "ip_address")
STATUS_FIELDS: Final = ("status_code", "status", "http_status")
_WRAPPED: Final = ("body", "json", "data")
_KEY_HEADERS: Final = ("authorization", "x-api-key", "api-key")


class Pair(msgspec.Struct):
    """One archived exchange; any field may be of any type."""

    time: Any = None
    time_start: Any = None
    timestamp: Any = None
    created_at: Any = None
    created: Any = None
    ts: Any = None
    t: Any = None
    time_end: Any = None
    end_time: Any = None
    completed_at: Any = None
    request: Any = None
    request_body: Any = None
    body: Any = None
    input: Any = None
    response: Any = None
    response_body: Any = None
    output: Any = None
    account_id: Any = None
    account: Any = None
    user_id: Any = None
    customer_id: Any = None
    tenant_id: Any = None
    org_id: Any = None
    organization_id: Any = None
    organization: Any = None
    team_id: Any = None
    project_id: Any = None
    workspace_id: Any = None
    key_id: Any = None
    api_key_id: Any = None
    api_key: Any = None
    key: Any = None
    client_address: Any = None
    client_ip: Any = None
    ip: Any = None
    remote_addr: Any = None
    ip_address: Any = None
    status_code: Any = None
    status: Any = None
    http_status: Any = None
    request_id: Any = None
    id: Any = None
    conversation_id: Any = None
    session_id: Any = None
    end_user_id: Any = None
    headers: Any = None
    request_headers: Any = None
    user_agent: Any = None
    header_order: Any = None
    country: Any = None
    asn: Any = None
    tls_ja4: Any = None
    path: Any = None
    cost_usd: Any = None


_NAMES: Final = Pair.__struct_fields__


def first_of(pair: Pair, names: tuple[str, ...]) -> Any:
    """Take the first of several fields that is neither missing nor empty."""
    for name in names:
        value = getattr(pair, name)
        if value is not None and value != "":
            return value
    return None


def share_of_pairs(records: Sequence[Any], looks_right: Callable[[Pair], bool]) -> float:
    """Measure how many records are pairs of bodies of one API.

    Args:
        records: Decoded records; what is no object is no pair.
        looks_right: Says whether a pair is of that API.

    Returns:
        Share of the records; 0 if there are none.

    Example:
        >>> share_of_pairs([{"path": "/v1/messages"}, 7], lambda pair: bool(pair.path))
        0.5
    """
    fitting = sum(
        looks_right(Pair(**{name: record[name] for name in _NAMES if name in record}))
        for record in records
        if isinstance(record, dict)
    )
    return fitting / len(records) if records else 0.0


def body_of(pair: Pair, names: tuple[str, ...]) -> Any:
    """Take a body out of its wrapper: an object, JSON in a text, or nested once more.

    Args:
        pair: The archived exchange.
        names: Fields that may hold it.

    Returns:
        The body; an empty object if there is none.
    """
    value = opened(first_of(pair, names))
    if isinstance(value, dict) and not {"model", "messages", "choices", "usage"} & set(value):
        for key in _WRAPPED:
            inner = opened(value.get(key))
            if isinstance(inner, dict):
                return inner
    return value if isinstance(value, dict) else {}


def pair_row(
    pair: Pair, request: dict[str, Any], provider: str, context: RowContext
) -> tuple[ExchangeRow, Answer]:
    """Fill the columns that both body formats give in the same way.

    Args:
        pair: The archived exchange.
        request: Its request body.
        provider: OpenTelemetry's name of the provider.
        context: Clock and identities.

    Returns:
        A row that lacks texts and what only one format has, and the answer.
    """
    response = body_of(pair, RESPONSE_FIELDS)
    answer = read_answer(response)
    time = first_of(pair, TIME_FIELDS)
    if time is None:
        time = response.get("created") or response.get("created_at")
    headers = header_pairs(first_of(pair, ("headers", "request_headers")))
    if not headers and isinstance(pair.request, dict):
        headers = header_pairs(pair.request.get("headers"))
    named = dict(headers)
    row = ExchangeRow(
        time_start=context.clock.read(time, "time"),
        time_end=context.clock.read_optional(first_of(pair, END_FIELDS), "time_end"),
        request_id=answer.response_id or first_of(pair, ("request_id", "id")),
        conversation_id=first_of(pair, ("conversation_id", "session_id")),
        provider=provider,
        request_model=request.get("model"),
        response_model=answer.model,
        org_id=first_of(pair, ORG_FIELDS),
        team_id=first_of(pair, TEAM_FIELDS),
        country=pair.country,
        asn=pair.asn,
        tls_ja4=pair.tls_ja4,
        user_agent=pair.user_agent or named.get("user-agent"),
        header_order=pair.header_order or ",".join(name for name, _ in headers) or None,
        finish_reason=answer.finish_reason,
        error_type=answer.error_type,
        status_code=first_of(pair, STATUS_FIELDS),
        output_text=answer.text,
        cost_usd=pair.cost_usd,
        issued_signatures=answer.issued_signatures,
    )
    key = first_of(pair, KEY_FIELDS) or _key_header(named)
    identity = context.identities.identify(
        account=first_of(pair, ACCOUNT_FIELDS), key=key, address=first_of(pair, ADDRESS_FIELDS)
    )
    row.account_id, row.account_id_source, row.key_id, row.client_address = identity
    _fill_numbers(row, request, answer)
    return row, answer


def _key_header(named: dict[str, str]) -> str | None:
    """A credential from the headers; recorders write a placeholder where they removed it."""
    for name in _KEY_HEADERS:
        value = named.get(name)
        if value and not value.startswith("<"):
            return value if value.lower().startswith("bearer ") else f"bearer {value}"
    return None


def _fill_numbers(row: ExchangeRow, request: dict[str, Any], answer: Answer) -> None:
    parameters = read_parameters(request)
    row.temperature, row.top_p, row.max_tokens, row.n = parameters[:4]
    row.seed, row.stream, row.logprobs, row.tool_count = parameters[4:]
    tokens = read_tokens(answer.usage)
    row.input_tokens, row.output_tokens, row.cache_read_tokens = tokens[:3]
    row.cache_write_tokens, row.reasoning_tokens = tokens[3:]


def wrapper_fields() -> tuple[FieldSource, ...]:
    """Say where the columns come from that both body formats read from the wrapper."""
    return (
        FieldSource(
            column="time_start", paths=(*TIME_FIELDS, "response.created", "response.created_at")
        ),
        FieldSource(column="time_end", paths=END_FIELDS),
        FieldSource(column="request_id", paths=("response.id", "request_id", "id")),
        FieldSource(column="conversation_id", paths=("conversation_id", "session_id")),
        FieldSource(column="account_id", paths=(*ACCOUNT_FIELDS, *KEY_FIELDS, *ADDRESS_FIELDS)),
        FieldSource(column="org_id", paths=ORG_FIELDS),
        FieldSource(column="team_id", paths=TEAM_FIELDS),
        FieldSource(
            column="key_id",
            paths=(*KEY_FIELDS, *(f"header:{name}" for name in _KEY_HEADERS)),
            note="raw keys become one-way digests",
        ),
        FieldSource(column="client_address", paths=ADDRESS_FIELDS),
        FieldSource(column="asn", paths=("asn",)),
        FieldSource(column="country", paths=("country",)),
        FieldSource(column="user_agent", paths=("user_agent", "header:user-agent")),
        FieldSource(
            column="header_order", paths=("header_order", "headers"), note="names in their order"
        ),
        FieldSource(column="tls_ja4", paths=("tls_ja4",)),
        FieldSource(column="status_code", paths=STATUS_FIELDS),
        FieldSource(column="error_type", paths=("response.error.type", "response.error.code")),
        FieldSource(column="request_model", paths=("request.model", "body.model")),
        FieldSource(column="response_model", paths=("response.model",)),
        FieldSource(column="cost_usd", paths=("cost_usd",)),
    )


def request_fields(*names: str) -> tuple[FieldSource, ...]:
    """Say where columns come from that bear the same name in the request body."""
    return tuple(
        FieldSource(column=name, paths=(f"request.{name}", f"body.{name}")) for name in names
    )
