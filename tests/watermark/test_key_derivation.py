"""Derivation of keys from the master secret."""

from __future__ import annotations

import hmac
import secrets

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cautery.errors import ConfigurationError
from cautery.records.key import Key, Layer, Secret
from cautery.registry import SCHEMES
from cautery.watermark.key_derivation import Owner, derive_key, epoch_secret, expand
from cautery.watermark.key_strength import weakness

NEEDED = {"hf_kgw": {"vocab_size": 500}}
"""Parameters without which a scheme cannot be."""
MASTER = Secret(secrets.token_bytes(32))
SALT = Secret(secrets.token_bytes(32))
names = st.text(st.characters(codec="utf-8"), min_size=1, max_size=12)


def key_of(scheme: str, owner: Owner = "epoch", owner_id: str = "", epoch: str = "e") -> Key:
    """Derive a key of a scheme with its own parameters."""
    member = SCHEMES.load(scheme)
    secret = epoch_secret(MASTER, SALT, epoch)
    return derive_key(
        secret,
        epoch=epoch,
        scheme=member,
        parameters=member.parameters(NEEDED.get(scheme, {})),
        owner=owner,
        owner_id=owner_id,
    )


def test_expanding_is_hkdf() -> None:
    """The bytes are those of RFC 5869, written out by hand: extract, then one round of expand."""
    labels = b"\0\0\0\x09cautery/1\0\0\0\x02id\0\0\0\x03a\xc3\xa4"
    extracted = hmac.digest(SALT.reveal(), MASTER.reveal(), "sha256")
    wanted = hmac.digest(extracted, labels + b"\x01", "sha256")
    assert expand(MASTER, 20, "id", "a\u00e4", salt=SALT).reveal() == wanted[:20]


@pytest.mark.parametrize("scheme", SCHEMES.names())
def test_every_scheme_takes_the_keys_made_for_it(scheme: str) -> None:
    """Hundreds of derived keys are accepted by the scheme, distinct, and not weak."""
    member = SCHEMES.load(scheme)
    parameters = member.parameters(NEEDED.get(scheme, {}))
    keys = [key_of(scheme, "account", f"a{place}") for place in range(200)]
    for key in keys:
        member.check_key(key, parameters)
        assert weakness(key.value.reveal()) == ""
    assert len({key.value.reveal() for key in keys}) == len({key.key_id for key in keys}) == 200


def test_owners_and_layers() -> None:
    """Shared, campaign and account keys are three, each under its own identifier and layer."""
    shared = key_of("vllm-gumbel")
    campaign = key_of("vllm-gumbel", "campaign", "x")
    account = key_of("vllm-gumbel", "account", "x")
    keys = (shared, campaign, account)
    assert [key.layer for key in keys] == [Layer.SHARED, Layer.SHARED, Layer.ACCOUNT]
    assert (campaign.campaign_id, account.account_id) == ("x", "x")
    assert len({key.value.reveal() for key in keys}) == 3
    assert len({key.key_id for key in keys}) == 3


def test_nothing_is_shared_between_epochs_schemes_and_masters() -> None:
    """Another epoch, scheme, salt or master secret gives another key; the same gives the same."""
    key = key_of("vllm-gumbel")
    assert key_of("vllm-gumbel") == key
    assert key_of("vllm-gumbel", epoch="f").value != key.value
    assert key_of("sglang-gumbel").value != key.value
    other = Secret(secrets.token_bytes(32))
    assert epoch_secret(other, SALT, "e") != epoch_secret(MASTER, SALT, "e")
    assert epoch_secret(MASTER, other, "e") != epoch_secret(MASTER, SALT, "e")


@given(st.lists(names, max_size=3), st.lists(names, max_size=3))
def test_labels_are_never_confused(one: list[str], other: list[str]) -> None:
    """Two lists of labels give the same bytes only if they are the same list."""
    same = expand(MASTER, 16, *one) == expand(MASTER, 16, *other)
    assert same == (one == other)


@pytest.mark.parametrize(("owner", "owner_id"), [("epoch", "x"), ("account", ""), ("campaign", "")])
def test_an_owner_has_an_identifier(owner: Owner, owner_id: str) -> None:
    """An account without a name has no key, and the shared key has no owner."""
    with pytest.raises(ConfigurationError):
        key_of("vllm-gumbel", owner, owner_id)


def test_the_key_id_tells_nothing() -> None:
    """The identifier holds neither the account's name nor any of the value."""
    key = key_of("vllm-gumbel", "account", "customer-4711")
    assert "4711" not in key.key_id
    assert key.value.reveal().hex()[:8] not in key.key_id
