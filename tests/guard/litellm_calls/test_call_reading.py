from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import msgspec
import pytest
from tests.guard.litellm_calls.calls import KEY, call

from cautery.guard.litellm_calls.call_reading import (
    address_of,
    client_fields,
    headers_of,
    identity_of,
    operation_of,
    write_back,
)
from cautery.guard.proxying.client_addresses import TrustedProxies


@pytest.mark.parametrize(
    ("fields", "account", "organisation"),
    [
        ({}, "user-1", "team-1"),
        ({"org_id": "org-1"}, "user-1", "org-1"),
        ({"user_id": None}, KEY.api_key, "team-1"),
        ({"user_id": None, "api_key": "sk-planted", "token": None}, "", "team-1"),
    ],
    ids=["user", "organisation", "key", "key-in-the-clear"],
)
def test_whose_call_it_is(fields: dict[str, Any], account: str, organisation: str) -> None:
    """In LiteLLM's own words, and never by a key that is not hashed."""
    identity = identity_of(SimpleNamespace(**{**vars(KEY), **fields}))
    assert (identity.account_id, identity.org_id) == (account, organisation)
    assert not identity.key_id.startswith("sk-")


@pytest.mark.parametrize(
    ("told", "address"),
    [
        ("203.0.113.9", "203.0.113.9"),
        ("6.6.6.6, 203.0.113.9", "203.0.113.9"),
        ("6.6.6.6, 203.0.113.9, 10.0.0.2", "203.0.113.9"),
        ("nonsense", ""),
        ("", ""),
    ],
)
def test_the_last_address_counts(told: str, address: str) -> None:
    """All to the left of a trusted proxy's word was written by the client."""
    data = {"metadata": {"requester_ip_address": told}}
    assert address_of(data, TrustedProxies(["10.0.0.0/8"])) == address


def test_fields_are_the_clients_own() -> None:
    """LiteLLM's objects and buckets are left out; the client's metadata is found in its bucket."""
    bucket = {"user_api_key_hash": "h", "requester_metadata": {"user_id": "u", "headers": {}}}
    data = call(metadata=bucket, _litellm_note=1, litellm_call_id="c", other=object())
    fields = client_fields(data)
    assert sorted(fields) == ["messages", "metadata", "model"]
    assert msgspec.json.decode(fields["metadata"]) == {"user_id": "u"}
    assert "metadata" not in client_fields(call())
    kept = client_fields({"metadata": {"user_id": "u"}})["metadata"]
    assert bytes(kept) == b'{"user_id":"u"}'


def test_changes_are_written_back() -> None:
    """What is gone goes, what is new comes, and LiteLLM's bucket stays."""
    data: dict[str, Any] = {"a": 1, "b": 2, "metadata": {"user_api_key_hash": "h"}}
    before = {name: msgspec.Raw(b"1") for name in ("a", "b", "metadata")}
    write_back(data, before, {"b": msgspec.Raw(b"3"), "c": msgspec.Raw(b'["d"]')})
    assert data == {"b": 3, "c": ["d"], "metadata": {"user_api_key_hash": "h"}}


def test_what_is_not_as_litellm_has_it() -> None:
    """Other versions may leave things out."""
    assert headers_of({"proxy_server_request": None}) == {}
    assert operation_of("new_kind", "").name == ""
    assert address_of({}, TrustedProxies(())) == ""
