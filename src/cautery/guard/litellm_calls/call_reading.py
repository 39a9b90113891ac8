"""Reads a call of LiteLLM's proxy: who asks, what for, and what of it the client wrote."""

from __future__ import annotations

from collections.abc import Mapping, MutableMapping
from typing import Any, Final

import msgspec

from cautery.guard.proxying.client_addresses import TrustedProxies, plain_address
from cautery.guard.request_paths import Operation
from cautery.records.identity import Identity
from cautery.records.request import Dialect

_CALLS: Final[dict[str, tuple[Dialect, str]]] = {
    "completion": ("openai", "chat"),
    "acompletion": ("openai", "chat"),
    "responses": ("openai", "chat"),
    "aresponses": ("openai", "chat"),
    "text_completion": ("openai", "text_completion"),
    "atext_completion": ("openai", "text_completion"),
    "embedding": ("openai", "embeddings"),
    "aembedding": ("openai", "embeddings"),
    "embeddings": ("openai", "embeddings"),
    "anthropic_messages": ("anthropic", "chat"),
}
"""Calls whose requests and answers are known here, as LiteLLM 1.106 names them."""
_BUCKETS: Final = ("metadata", "litellm_metadata")
_OF_LITELLM: Final = frozenset(
    "proxy_server_request secret_fields litellm_logging_obj litellm_call_id litellm_trace_id "
    "litellm_metadata litellm_params shared_session deployment guardrail_to_apply "
    "model_info api_version".split()
)
"""Fields of a call that LiteLLM adds to what the client wrote; other objects of its are no JSON."""
_PREFIX: Final = "_litellm"
_MOST_CHARACTERS: Final = 256


def is_known(call_type: str) -> bool:
    """Say whether requests and answers of a kind of call can be changed."""
    return call_type in _CALLS


def operation_of(call_type: str, route: str) -> Operation:
    """Say what a call asks for.

    Args:
        call_type: As LiteLLM names it.
        route: Path that the client asked at.

    Returns:
        The operation; without a name for a kind that is not known here.

    Example:
        >>> operation_of("anthropic_messages", "/v1/messages").dialect
        'anthropic'
    """
    dialect, name = _CALLS.get(call_type, ("openai", ""))
    return Operation(path=route or "/", dialect=dialect, name=name)


def identity_of(key: Any) -> Identity:
    """Say whose call it is, in LiteLLM's own words.

    The account is the user of the virtual key, or the key itself where it has none; the
    organisation is LiteLLM's, or the team. So a scan of LiteLLM's logs names the same accounts.

    Args:
        key: LiteLLM's ``UserAPIKeyAuth``.

    Returns:
        The identity. Its key identifier is the hash that LiteLLM keeps, never the key.

    Example:
        >>> from types import SimpleNamespace
        >>> identity_of(SimpleNamespace(user_id="u", api_key="88dc", team_id="t")).org_id
        't'
    """
    hashed = _text(key, "api_key") or _text(key, "token")
    # LiteLLM hashes keys that begin so; one that it has not hashed is named nowhere.
    hashed = "" if hashed.startswith("sk-") else hashed
    return Identity(
        account_id=_text(key, "user_id") or hashed,
        key_id=hashed,
        org_id=_text(key, "org_id") or _text(key, "team_id"),
    )


def _text(holder: Any, name: str) -> str:
    value = getattr(holder, name, None)
    return value[:_MOST_CHARACTERS] if isinstance(value, str) else ""


def route_of(key: Any) -> str:
    """Give the path that the client asked at; empty if LiteLLM does not say."""
    return _text(key, "request_route")


def address_of(data: Mapping[str, Any], proxies: TrustedProxies) -> str:
    """Find the client's address.

    Args:
        data: The call.
        proxies: Whose word is taken.

    Returns:
        What LiteLLM says. With its ``use_x_forwarded_for`` that is the whole header, of which the
        last address counts, or the last that is no trusted proxy's.
    """
    for bucket in _BUCKETS:
        metadata = data.get(bucket)
        told = metadata.get("requester_ip_address") if isinstance(metadata, Mapping) else None
        if isinstance(told, str) and told:
            before, _, last = told.rpartition(",")
            nearest = plain_address(last.strip())
            return proxies.resolve(nearest, [before.encode("latin-1", "replace")] if before else [])
    return ""


def headers_of(data: Mapping[str, Any]) -> dict[str, str]:
    """Give the headers that LiteLLM shows, names in lower case; credentials are not among them."""
    request = data.get("proxy_server_request")
    headers = request.get("headers") if isinstance(request, Mapping) else None
    if not isinstance(headers, Mapping):
        return {}
    return {str(name).lower(): str(value) for name, value in headers.items()}


def client_fields(data: Mapping[str, Any]) -> dict[str, msgspec.Raw]:
    """Take out of a call what the client wrote.

    Args:
        data: The call.

    Returns:
        Its fields, each as JSON. What cannot be JSON is an object of LiteLLM's.
    """
    fields: dict[str, msgspec.Raw] = {}
    for name, value in data.items():
        if name in _OF_LITELLM or name.startswith(_PREFIX):
            continue
        own = _own_metadata(value) if name == "metadata" else value
        if own is None and name == "metadata":
            continue
        try:
            fields[name] = msgspec.Raw(msgspec.json.encode(own))
        except (TypeError, ValueError, RecursionError):
            continue
    return fields


def _own_metadata(metadata: Any) -> Any:
    """Tell the client's metadata from what LiteLLM keeps under the same name."""
    if not isinstance(metadata, Mapping):
        return None
    if "user_api_key_hash" not in metadata and "headers" not in metadata:
        return metadata
    own = metadata.get("requester_metadata")
    if not isinstance(own, Mapping):
        return None
    return {name: value for name, value in own.items() if isinstance(value, str)}


def write_back(
    data: MutableMapping[str, Any],
    before: Mapping[str, msgspec.Raw],
    after: Mapping[str, msgspec.Raw],
) -> None:
    """Change a call as its fields were changed.

    Args:
        data: The call, changed in place.
        before: Its fields as ``client_fields`` gave them.
        after: The same, changed.
    """
    for name in before:
        if name not in after and name != "metadata":
            data.pop(name, None)
    for name, value in after.items():
        if name != "metadata" and (name not in before or bytes(before[name]) != bytes(value)):
            data[name] = msgspec.json.decode(value)
