"""Sets of public keys: which keys of them count."""

from __future__ import annotations

import json
from typing import Any

import pytest
from tests.guard.authentication.issuers import key_of, public_of

from cautery.errors import ConfigurationError
from cautery.guard.authentication.key_set import LARGEST_KEY_SET, MOST_KEYS, read_key_set

GOOD = {**public_of(key_of("ES256")), "kid": "k-1"}


def names(*keys: Any) -> list[str]:
    """Give the names of the keys that count."""
    return sorted(read_key_set(json.dumps({"keys": keys}).encode(), "https://login.example.com"))


def test_keys_by_name() -> None:
    """Each key that may verify is there under its name."""
    assert names(GOOD, {**public_of(key_of("RS256")), "kid": "k-2", "use": "sig"}) == ["k-1", "k-2"]


@pytest.mark.parametrize(
    "other",
    [
        {**GOOD, "kid": "k-2", "use": "enc"},
        {**GOOD, "kid": "k-2", "key_ops": ["encrypt"]},
        {**GOOD, "kid": "k-2", "crv": "secp256k1"},
        {**GOOD, "kid": "k-2", "kty": "new"},
        {**GOOD, "kid": 2},
        {name: value for name, value in GOOD.items() if name != "kid"},
    ],
)
def test_keys_that_are_left_out(other: Any) -> None:
    """A key for something else, of a kind to come, or without a name does not spoil the set."""
    assert names(GOOD, other) == ["k-1"]


@pytest.mark.parametrize(
    "keys",
    [
        [GOOD, {"kty": "oct", "k": "c2VjcmV0", "kid": "k-2"}],
        [GOOD, {**key_of("ES256").as_dict(private=True), "kid": "k-2"}],
        [GOOD, GOOD],
        [GOOD, "key"],
        [],
        [GOOD] * (MOST_KEYS + 1),
        "keys",
    ],
    ids=range(7),
)
def test_sets_that_are_refused(keys: Any) -> None:
    """A set with a secret in it, with two keys of one name, or without end."""
    with pytest.raises(ConfigurationError, match=r"login\.example\.com"):
        read_key_set(json.dumps({"keys": keys}).encode(), "https://login.example.com")


@pytest.mark.parametrize("content", [b"", b"[]", b"<html>", b"[" * 100_000, b" " * 300_000])
def test_what_is_no_set(content: bytes) -> None:
    """Anything else is an error, however large or deep."""
    with pytest.raises(ConfigurationError):
        read_key_set(content, "x")


def test_the_largest_set() -> None:
    """A set of the largest size is read, one byte more is not."""
    content = json.dumps({"keys": [GOOD]}).encode()
    read_key_set(content.ljust(LARGEST_KEY_SET), "x")
    with pytest.raises(ConfigurationError):
        read_key_set(content.ljust(LARGEST_KEY_SET + 1), "x")
