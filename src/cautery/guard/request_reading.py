"""Reads the body of a request to a served model, for every adapter that sees one.

Bodies are hostile. Whatever the guard reads, the server behind it must read alike, so fields that
rules look at are taken with the type that the API gives them and no other: a server that takes the
text ``"5"`` for the number 5 would give five answers where the guard saw none asked for. Of a key
that stands twice the last counts, and ``encoded`` writes it once. Time and memory grow with the
length of the body only, which the adapter bounds; nothing in it is followed deeper than it is read.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any, Final

import msgspec

from cautery.guard.request_paths import Operation
from cautery.records.identity import Identity
from cautery.records.making import maker_of
from cautery.records.request import RequestFacts

BYTES_PER_TOKEN: Final = 4
"""Rule of thumb for English text in a body; only an estimate is charged before the answer."""
MOST_FIELDS: Final = 256
"""Of a body's top level; the largest API knows some sixty."""
MOST_NAME_CHARACTERS: Final = 256
"""Of a served model or a customer's own user."""


class UnreadableRequestError(ValueError):
    """A body that is not a request; its text holds nothing of the body."""


class Parameters(msgspec.Struct, frozen=True, kw_only=True):
    """What rules look at in the body of either dialect; absent and null are the same."""

    model: str | None = None
    stream: bool | None = None
    n: int | None = None
    best_of: int | None = None
    logprobs: bool | int | None = None
    top_logprobs: int | None = None
    prompt_logprobs: bool | int | None = None
    max_tokens: int | None = None
    max_completion_tokens: int | None = None
    max_output_tokens: int | None = None
    max_tokens_to_sample: int | None = None
    temperature: float | None = None
    top_p: float | None = None
    seed: int | None = None
    reasoning_effort: str | None = None
    include_reasoning: bool | None = None
    reasoning: msgspec.Raw | msgspec.UnsetType = msgspec.UNSET
    thinking: msgspec.Raw | msgspec.UnsetType = msgspec.UNSET
    chat_template_kwargs: msgspec.Raw | msgspec.UnsetType = msgspec.UNSET
    include: msgspec.Raw | msgspec.UnsetType = msgspec.UNSET
    metadata: msgspec.Raw | msgspec.UnsetType = msgspec.UNSET
    tools: msgspec.Raw | msgspec.UnsetType = msgspec.UNSET
    safety_identifier: str | None = None
    user: str | None = None


GUARDED_FIELDS: Final = frozenset(Parameters.__struct_fields__)
"""Fields that rules depend on: one that differs from them by the case of its letters is dropped."""

_PLAIN: Final = frozenset(
    "model messages input prompt system stop stream n seed temperature top_p max_tokens "
    "max_completion_tokens max_output_tokens".split()
)
"""Of most bodies all fields are among these, and need not be looked at one by one."""
_NO_EFFORT: Final = frozenset({None, "none"})
_made_facts: Final[Callable[..., RequestFacts]] = maker_of(RequestFacts)
_PARAMETERS: Final = msgspec.json.Decoder(Parameters)
_FIELDS: Final = msgspec.json.Decoder(dict[str, msgspec.Raw])
_ANY: Final = msgspec.json.Decoder()
_ENCODER: Final = msgspec.json.Encoder()
_NO_PARAMETERS: Final = Parameters()


class RequestBody(msgspec.Struct, frozen=True, kw_only=True):
    """A body that was read."""

    parameters: Parameters
    """What rules look at."""
    fields: dict[str, msgspec.Raw]
    """Its top level, each value as the client wrote it; empty without a JSON body."""
    length: int
    """Bytes as they came."""
    is_plain: bool = False
    """Whether it has usual fields only: none for log-probabilities, reasoning or an end user."""

    def encoded(self) -> bytes:
        """Write the body anew: each key once, each value byte for byte as it came."""
        return _ENCODER.encode(self.fields)


NO_BODY: Final = RequestBody(parameters=_NO_PARAMETERS, fields={}, length=0)
"""A request without a JSON body."""


def read_body(body: bytes | bytearray) -> RequestBody:
    """Read a JSON body of either dialect.

    Args:
        body: As it came, already bounded by the adapter.

    Returns:
        What rules look at, and the top level for rewriting.

    Raises:
        UnreadableRequestError: It is no JSON object in UTF-8, or a field that rules depend on has
            a type that the API does not give it.

    Example:
        >>> read_body(b'{"model": "m", "n": 2, "n": 3}').parameters.n
        3
    """
    try:
        parameters = _PARAMETERS.decode(body)
        fields = _FIELDS.decode(body)
    except msgspec.ValidationError:
        raise UnreadableRequestError("a field has a type that the API does not give it") from None
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        raise UnreadableRequestError("the body is no JSON object") from None
    if len(fields) > MOST_FIELDS:
        raise UnreadableRequestError("the body has too many fields")
    is_plain = fields.keys() <= _PLAIN
    if not is_plain:
        for name in [name for name in fields if name not in GUARDED_FIELDS]:
            if name.casefold() in GUARDED_FIELDS:
                del fields[name]
    return RequestBody(parameters=parameters, fields=fields, length=len(body), is_plain=is_plain)


def make_facts(
    *,
    operation: Operation,
    body: RequestBody,
    identity: Identity,
    request_id: str,
    arrived_at: datetime,
    client_address: str = "",
    user_agent: str = "",
    template: int = 0,
    country: str = "",
    asn: int = 0,
) -> RequestFacts:
    """Put together what the decision core asks for.

    Args:
        operation: Of the path.
        body: As ``read_body`` gave it, or ``NO_BODY``.
        identity: Whose credential it is.
        request_id: Given by the guard.
        arrived_at: When the head was read; UTC.
        client_address: After trusted proxies.
        user_agent: As the client sent it.
        template: As ``conversation_reading.sketch_template`` gave it, 0 if none.
        country: Of the address, empty if unknown.
        asn: Of the address, 0 if unknown.

    Returns:
        The facts; no prompt and no credential is among them.
    """
    parameters = body.parameters
    choices = parameters.n or 1
    if parameters.best_of is not None and parameters.best_of > choices:
        choices = parameters.best_of
    # The first ones in the order of the record: with more than fifteen names a call goes by way of
    # a dictionary.
    return _made_facts(
        arrived_at,
        request_id,
        identity.account_id,
        identity.key_id,
        identity.credential_state,
        identity.spread,
        identity.org_id,
        "" if body.is_plain else end_user_of(parameters),
        client_address,
        country,
        asn,
        user_agent,
        operation.dialect,
        operation.name,
        request_model=(parameters.model or "")[:MOST_NAME_CHARACTERS],
        stream=parameters.stream is True,
        logprobs=not body.is_plain and asks_logprobs(parameters),
        reasoning=not body.is_plain and asks_reasoning(parameters),
        choices=choices if choices > 0 else 1,
        max_tokens=max(0, token_limit_of(parameters)),
        input_tokens=body.length // BYTES_PER_TOKEN,
        template=template,
    )


def token_limit_of(parameters: Parameters) -> int:
    """Find the most tokens that the answer may have; 0 if the client set no limit."""
    return (
        parameters.max_completion_tokens
        or parameters.max_tokens
        or parameters.max_output_tokens
        or parameters.max_tokens_to_sample
        or 0
    )


def asks_logprobs(parameters: Parameters) -> bool:
    """Say whether log-probabilities are asked for, in any of the ways that the APIs know.

    A text completion with ``logprobs: 0`` gives that of the token taken, so 0 asks as well.
    """
    return (
        (parameters.logprobs is not None and parameters.logprobs is not False)
        or parameters.top_logprobs is not None
        or (parameters.prompt_logprobs is not None and parameters.prompt_logprobs is not False)
        or (parameters.include is not msgspec.UNSET and b"logprobs" in bytes(parameters.include))
    )


def asks_reasoning(parameters: Parameters) -> bool:
    """Say whether the answer's reasoning is asked for.

    Args:
        parameters: Of the request.

    Returns:
        Whether it is asked for by name; a served model may show it unasked all the same.
    """
    if parameters.reasoning_effort not in _NO_EFFORT or parameters.include_reasoning:
        return True
    if parameters.reasoning is not msgspec.UNSET and decoded(parameters.reasoning):
        return True
    if parameters.thinking is not msgspec.UNSET:
        thinking = decoded(parameters.thinking)
        if isinstance(thinking, dict) and thinking.get("type") != "disabled":
            return True
    if parameters.chat_template_kwargs is msgspec.UNSET:
        return False
    template = decoded(parameters.chat_template_kwargs)
    return isinstance(template, dict) and bool(
        template.get("enable_thinking") or template.get("thinking")
    )


def end_user_of(parameters: Parameters) -> str:
    """Find whom the account says it serves; hostile text, cut to a bounded length."""
    named = parameters.safety_identifier or parameters.user
    if named is None:
        if parameters.metadata is msgspec.UNSET:
            return ""
        metadata = decoded(parameters.metadata)
        inner = metadata.get("user_id") if isinstance(metadata, dict) else None
        named = inner if isinstance(inner, str) else ""
    return named[:MOST_NAME_CHARACTERS]


def decoded(raw: msgspec.Raw | msgspec.UnsetType) -> Any:
    """Decode one value of a body; None if there is none, or it is nested too deep."""
    if raw is msgspec.UNSET:
        return None
    try:
        return _ANY.decode(raw)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None
