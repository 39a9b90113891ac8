"""Ordinary rows of LiteLLM's spend logs: records of strict types, decoded in one step.

What is not ordinary (content in parts, calls of tools, other types than usual, no account) is
no error: such a row is read the long way, by ``formats/litellm_spend_logs.py``, which takes
anything. A row is only called ordinary if both ways give the same exchange.
"""

from __future__ import annotations

from typing import Any, Final

import msgspec
from msgspec import UNSET, Raw, Struct, UnsetType

from cautery.ingest.identities import NO_ACCOUNT
from cautery.ingest.litellm import ErrorInformation

_NOTHING: Final = frozenset({b"", b"null", b"{}", b"[]", b'""'})


class Message(Struct, gc=False):
    """A turn of one text."""

    role: str
    content: str
    tool_calls: None = None
    thinking_blocks: None = None


class TokenDetails(Struct, gc=False):
    """What tokens are made of, in the names of all providers."""

    cached_tokens: int | None = None
    cache_read_tokens: int | None = None
    cache_creation_tokens: int | None = None
    cache_write_tokens: int | None = None
    reasoning_tokens: int | None = None


class Usage(Struct, gc=False):
    """Counts of tokens beside the totals, which the row itself has."""

    total_tokens: Any = UNSET
    cache_read_input_tokens: int | None = None
    cache_creation_input_tokens: int | None = None
    prompt_tokens_details: TokenDetails | None = None
    input_tokens_details: TokenDetails | None = None
    completion_tokens_details: TokenDetails | None = None
    output_tokens_details: TokenDetails | None = None


class OrdinaryMetadata(Struct, gc=False):
    """Metadata as an object."""

    user_api_key: str | None = None
    user_api_key_user_id: str | None = None
    user_api_key_team_id: str | None = None
    user_api_key_org_id: str | None = None
    requester_ip_address: str | None = None
    user_agent: str | None = None
    requester_custom_headers: Raw = Raw()
    usage_object: Usage | None = None
    additional_usage_values: Raw = Raw()
    error_information: ErrorInformation | None = None


class AnswerMessage(Struct, gc=False):
    """The answer of a choice."""

    content: str | None = None
    thinking_blocks: None = None


class Choice(Struct, gc=False):
    """One choice of a response."""

    message: AnswerMessage
    finish_reason: Any = None


class Response(Struct, gc=False):
    """A chat completion, or nothing."""

    choices: list[Choice] = []
    model: Any = None
    output: UnsetType = UNSET
    content: UnsetType = UNSET
    stop_reason: UnsetType = UNSET


class Body(Struct, gc=False):
    """A request body; what repeats the messages is left as it stands."""

    messages: Raw = Raw()
    input: Raw = Raw()
    prompt: Raw = Raw()
    body: UnsetType = UNSET
    system: None = None
    instructions: None = None
    temperature: Any = None
    top_p: Any = None
    max_completion_tokens: Any = None
    max_tokens: Any = None
    max_output_tokens: Any = None
    n: Any = None
    seed: Any = None
    stream: Any = None
    logprobs: Any = None
    top_logprobs: Any = None
    tools: list[Raw] | None = None
    functions: list[Raw] | None = None


class Ordinary(Struct, gc=False):
    """One ordinary row."""

    startTime: str  # noqa: N815 - LiteLLM's own spelling
    metadata: OrdinaryMetadata
    messages: list[Message] | dict[str, Any] | None = None
    response: Response | None = None
    proxy_server_request: Body | None = None
    endTime: Any = None  # noqa: N815 - the same
    call_type: str | None = None
    request_id: str | None = None
    litellm_call_id: str | None = None
    api_key: str | None = None
    user: str | None = None
    team_id: str | None = None
    organization_id: str | None = None
    end_user: str | None = None
    session_id: str | None = None
    requester_ip_address: str | None = None
    model: str | None = None
    model_group: str | None = None
    custom_llm_provider: str | None = None
    status: str | None = None
    spend: Any = None
    prompt_tokens: Any = None
    completion_tokens: Any = None


_ROW: Final = msgspec.json.Decoder(Ordinary)
_MESSAGES: Final = msgspec.json.Decoder(list[Message])
NO_BODY: Final = Body()


def decode_ordinary(line: bytes) -> Ordinary | None:
    """Decode one line if it holds an ordinary row.

    Args:
        line: One JSON object.

    Returns:
        The row, with its messages in place wherever they stood; None if it is not ordinary, or
        no row at all.

    Example:
        >>> row = b'{"startTime": "2026-08-03T00:00:10Z", "user": "a", "metadata": {}}'
        >>> decode_ordinary(row).user, decode_ordinary(b'{"startTime": 3}')
        ('a', None)
    """
    try:
        row = _ROW.decode(line)
        if not row.messages:
            row.messages = _messages_of(row.proxy_server_request or NO_BODY)
    except (msgspec.DecodeError, ValueError, RecursionError, _NotOrdinary):
        return None
    return row if _is_ordinary(row) else None


class _NotOrdinary(Exception):  # noqa: N818 - control flow inside this module
    """The row has to be read the long way."""


def _messages_of(body: Body) -> list[Message] | None:
    if bytes(body.messages) not in _NOTHING:
        return _MESSAGES.decode(body.messages)
    if bytes(body.input) not in _NOTHING or bytes(body.prompt) not in _NOTHING:
        raise _NotOrdinary
    return None


def _is_ordinary(row: Ordinary) -> bool:
    metadata = row.metadata
    account = row.user or metadata.user_api_key_user_id
    if not account or account.lower() in NO_ACCOUNT or account.isspace():
        return False
    if type(row.messages) is dict or (row.response and len(row.response.choices) > 1):
        return False
    if not metadata.user_agent and bytes(metadata.requester_custom_headers) not in _NOTHING:
        return False
    usage = metadata.usage_object
    if usage is not None and usage.total_tokens is not UNSET:
        return True
    return bytes(metadata.additional_usage_values) in _NOTHING
