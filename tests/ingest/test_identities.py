"""Tests of accounts, keys and addresses."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cautery.errors import ConfigurationError
from cautery.ingest.findings import Findings, RecordRejected
from cautery.ingest.identities import (
    IdentityReader,
    columns_of,
    plain_address,
    protect_credential,
)
from cautery.ingest.options import ReadOptions


def reader(**changes: object) -> IdentityReader:
    return IdentityReader(ReadOptions(**changes))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "key",
    [
        "sk-" + "a" * 20,
        "sk-ant-api03-" + "a" * 40,
        "Bearer abc",
        "bearer " + "x" * 50,
        "gsk_" + "a" * 40,
        "AIza" + "b" * 35,
        "xai-" + "c" * 40,
        "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIx",
    ],
    ids=repr,
)
def test_raw_keys_are_never_kept(key: str) -> None:
    """A raw key becomes a digest that does not hold it, the same each time, and is counted."""
    findings = Findings()
    identity = reader(findings=findings).identify(account=None, key=key, address=None)
    assert identity.account_id == identity.key_id == protect_credential(key)
    secret = key.rsplit(" ", maxsplit=1)[-1]
    assert secret not in identity.account_id
    assert identity.account_id.startswith("key-sha-")
    assert findings.hidden_keys == 1
    assert protect_credential(identity.account_id) == identity.account_id


def test_bearer_and_bare_key_are_one() -> None:
    """The same key with and without its scheme is the same digest."""
    key = "sk-" + "a" * 20
    assert protect_credential(key) == protect_credential(f"Bearer {key}")


@pytest.mark.parametrize(
    "name", ["a" * 64, "customer-7", "key_8fJ2", "user@example.org", "sk-1"], ids=repr
)
def test_identifiers_are_kept(name: str) -> None:
    """Hashes, names and key identifiers are no credentials."""
    assert protect_credential(name) == name


@pytest.mark.parametrize(
    "nothing", [None, "", "  ", "default_user_id", "None", "-", {}, []], ids=repr
)
def test_words_for_no_account(nothing: object) -> None:
    """What software writes in place of an account falls back to the key."""
    identity = reader().identify(account=nothing, key="k-1", address="203.0.113.7")
    assert identity == ("k-1", "key", "k-1", "203.0.113.7")


def test_nobody() -> None:
    """Without account, key and address there is nobody to link."""
    with pytest.raises(RecordRejected, match="account missing"):
        reader().identify(account=None, key=None, address="unknown")


@pytest.mark.parametrize(
    ("text", "proxies", "address"),
    [
        ("203.0.113.7", (), "203.0.113.7"),
        ("203.0.113.7:443", (), "203.0.113.7"),
        ("[2001:db8::1]:443", (), "2001:db8::1"),
        ("::ffff:203.0.113.7", (), "203.0.113.7"),
        ("fe80::1%eth0", (), "fe80::1"),
        ("6.6.6.6, 203.0.113.7", (), "203.0.113.7"),
        ("6.6.6.6, 203.0.113.7, 10.0.0.3", ("10.0.0.0/8",), "203.0.113.7"),
        ("203.0.113.7, 10.0.0.4, 10.0.0.3", ("10.0.0.3", "10.0.0.4"), "203.0.113.7"),
        ("10.0.0.3", ("10.0.0.3",), "10.0.0.3"),
        ("6.6.6.6, unknown, 10.0.0.3", ("10.0.0.3",), "6.6.6.6"),
        ("not an address", (), None),
        ("", (), None),
    ],
    ids=repr,
)
def test_forwarded_addresses(text: str, proxies: tuple[str, ...], address: str | None) -> None:
    """The rightmost address that is not one's own proxy counts: those left of it can be made up."""
    found = reader(trusted_proxies=proxies).identify(account="a", key=None, address=text)
    assert found.client_address == address


def test_lists_of_addresses() -> None:
    """A list of addresses reads like their text."""
    found = reader().identify(account="a", key=None, address=["6.6.6.6", "203.0.113.7"])
    assert found.client_address == "203.0.113.7"


def test_bad_proxy() -> None:
    """A trusted proxy that is no address is an error of the call."""
    with pytest.raises(ConfigurationError, match="neither an address nor a network"):
        reader(trusted_proxies=("balancer",))


def test_fields_of_ones_own() -> None:
    """The caller's fields replace those of the format."""
    identities = reader(account_field="header:x-org", client_address_field="peer.ip")
    identities.begin({"headers": {"X-Org": "o"}, "peer": {"ip": "192.0.2.1"}})
    found = identities.identify(account="ignored", key="k", address="203.0.113.7")
    assert found == ("o", "account", "k", "192.0.2.1")
    identities.begin({})
    assert identities.identify(account="ignored", key="k", address=None).account_id == "k"


@given(text=st.text(max_size=60))
def test_any_text_is_harmless(text: str) -> None:
    """No text raises, and what is kept as an address is one."""
    protect_credential(text)
    address = plain_address(text)
    assert address is None or plain_address(address) == address


def test_columns_of() -> None:
    """Names are bounded in number and length, whatever the record."""
    wide = {f"{'x' * 200}{index}": index for index in range(100)}
    assert len(columns_of(wide)) == 30
    assert max(map(len, columns_of(wide))) == 80
    assert columns_of([1]) == ()
