"""The port that recognises credentials, with everything behind it real."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from joserfc import jwk
from tests.guard.authentication.issuers import (
    NOW,
    PEPPER,
    claims_of,
    key_of,
    presented_of,
    proof_of,
    proofs_of,
    public_of,
    sign,
    token_of,
    tokens_of,
)

from cautery.guard.authentication.client_certificate import certificate_thumbprint
from cautery.guard.authentication.key_lookup import CHECK_SECONDS, KeyLookup
from cautery.guard.authentication.key_networks import KeyNetworks
from cautery.guard.authentication.key_order import KeyOrder
from cautery.guard.authentication.key_store import KeyStore, begin_store
from cautery.guard.credentials import Credentials
from cautery.ports import Authenticator
from cautery.records.identity import Identity, Presented, Unrecognised
from cautery.records.key import Secret

CERTIFICATE = b"\x30\x03der"
JKT = jwk.import_key(public_of(key_of("ES256", "client"))).thumbprint()
X5T = certificate_thumbprint(CERTIFICATE)


@dataclass
class House:
    """A store with its guard."""

    store: KeyStore
    credentials: Credentials
    path: Path
    seconds: float = 0.0

    def key(self, **order: Any) -> bytes:
        """Issue a key."""
        return self.store.issue(
            KeyOrder(**{"account_id": "a-1", "org_id": "o-1", **order}), PEPPER, NOW
        ).key.reveal()

    def ask(self, presented: Presented) -> Identity | Unrecognised:
        """Ask the guard, a while after the last time."""
        self.seconds += CHECK_SECONDS
        return self.credentials.authenticate(presented)

    def fault(self, presented: Presented) -> str:
        """Give why nobody is recognised."""
        answer = self.ask(presented)
        assert isinstance(answer, Unrecognised)
        return answer.fault


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    """A guard that takes keys, tokens, proofs and certificates."""
    path = tmp_path / "keys.db"
    begin_store(path, "acme", "env:PEPPER", PEPPER)
    with closing(KeyStore(path)) as store:
        made: list[House] = []
        lookup = KeyLookup(path, PEPPER, clock=lambda: made[0].seconds if made else 0.0)
        credentials = Credentials(
            keys=lookup,
            tokens=tokens_of(),
            proofs=proofs_of(),
            networks=KeyNetworks(),
            required_scope="chat",
        )
        made.append(House(store=store, credentials=credentials, path=path))
        yield made[0]
        lookup.close()


def test_it_is_the_port(house: House) -> None:
    """What the adapters ask for is what this is."""
    asked: Authenticator = house.credentials
    assert isinstance(asked.authenticate(presented_of(b"")), Unrecognised)


@pytest.mark.parametrize("scheme", ["bearer", "api-key"])
def test_a_key(house: House, scheme: str) -> None:
    """A key is recognised in either header, with its account, organisation and tier."""
    found = house.ask(presented_of(house.key(verification="document"), scheme))
    assert isinstance(found, Identity)
    assert (found.account_id, found.org_id, found.verification) == ("a-1", "o-1", "document")
    assert found.key_id.startswith("key_")


def test_a_token(house: House) -> None:
    """A token is recognised as a bearer token."""
    found = house.ask(presented_of(token_of()))
    assert isinstance(found, Identity)
    assert found.account_id == "account-1"


def test_faults_of_keys(house: House) -> None:
    """Each has its name, for metrics."""
    key = house.key()
    assert house.fault(presented_of(b"", "")) == "missing"
    assert house.fault(presented_of(b"", "bearer")) == "missing"
    assert house.fault(presented_of(b"x" * 9000)) == "malformed"
    assert house.fault(presented_of(key[:-1] + b"!")) == "malformed"
    other = house.key()
    last = other[-4:].decode()
    house.store._database.execute("DELETE FROM api_key WHERE last_characters = ?", [last])
    assert house.fault(presented_of(other)) == "unknown"
    ending = house.key(expires_at=NOW + timedelta(seconds=1))
    assert isinstance(house.ask(presented_of(ending)), Identity)
    later = replace(presented_of(ending), arrived_at=NOW + timedelta(seconds=1))
    assert house.fault(later) == "expired"
    house.store.revoke_account("a-1", NOW)
    assert house.fault(presented_of(key)) == "revoked"


def test_scopes_of_keys(house: House) -> None:
    """A key for something else is refused; one without scopes is for everything."""
    assert house.fault(presented_of(house.key(scopes=frozenset({"embeddings"})))) == "unknown"
    good = house.key(scopes=frozenset({"embeddings", "chat"}))
    assert isinstance(house.ask(presented_of(good)), Identity)


def test_a_token_in_the_place_of_a_key(house: House) -> None:
    """The header of keys takes keys."""
    assert house.fault(presented_of(token_of(), "api-key")) == "malformed"


@pytest.mark.parametrize("kind", ["token", "key"])
def test_bound_to_a_proof(house: House, kind: str) -> None:
    """Whoever has the credential but not the client's key gets nowhere."""
    bound = token_of(cnf={"jkt": JKT}) if kind == "token" else house.key(bound_to=f"jkt:{JKT}")
    assert isinstance(house.ask(presented_of(bound, "dpop", proofs=(proof_of(bound),))), Identity)
    assert house.fault(presented_of(bound, "dpop")) == "proof_missing"
    assert house.fault(presented_of(bound, "bearer")) == "proof_missing"
    thief = proof_of(bound, client=key_of("ES256", "thief"))
    assert house.fault(presented_of(bound, "dpop", proofs=(thief,))) == "proof_wrong"
    used = proof_of(bound)
    house.ask(presented_of(bound, "dpop", proofs=(used,)))
    assert house.fault(presented_of(bound, "dpop", proofs=(used,))) == "replayed"


def test_a_bound_token_is_no_bearer_token(house: House) -> None:
    """RFC 9449, section 7.2: not even with a proof beside it."""
    bound = token_of(cnf={"jkt": JKT})
    assert house.fault(presented_of(bound, "bearer", proofs=(proof_of(bound),))) == "proof_missing"


@pytest.mark.parametrize("kind", ["token", "key"])
def test_a_free_credential_under_the_scheme_of_proofs(house: House, kind: str) -> None:
    """Who believes to be protected by a proof must not be wrong about it."""
    free = token_of() if kind == "token" else house.key()
    assert house.fault(presented_of(free, "dpop", proofs=(proof_of(free),))) == "proof_wrong"


@pytest.mark.parametrize("kind", ["token", "key"])
def test_bound_to_a_certificate(house: House, kind: str) -> None:
    """The certificate of the connection must be the one of the bond."""
    bound = (
        token_of(cnf={"x5t#S256": X5T})
        if kind == "token"
        else house.key(bound_to=f"x5t#S256:{X5T}")
    )
    good = presented_of(bound, client_certificate=CERTIFICATE)
    assert isinstance(house.ask(good), Identity)
    assert house.fault(presented_of(bound)) == "proof_missing"
    assert house.fault(presented_of(bound, client_certificate=CERTIFICATE + b"x")) == "proof_wrong"


def test_both_bonds_are_asked_for(house: House) -> None:
    """A token with two bonds has two."""
    bound = token_of(cnf={"jkt": JKT, "x5t#S256": X5T})
    shown = {"client_certificate": CERTIFICATE}
    assert house.fault(presented_of(bound, "dpop", **shown)) == "proof_missing"
    assert house.fault(presented_of(bound, "dpop", proofs=(proof_of(bound),))) == "proof_missing"
    both = presented_of(bound, "dpop", proofs=(proof_of(bound),), **shown)
    assert isinstance(house.ask(both), Identity)


def headers_of(house: House, presented: Presented) -> dict[str, list[str]]:
    """Give the headers of a refusal."""
    answer = house.ask(presented)
    assert isinstance(answer, Unrecognised)
    found: dict[str, list[str]] = {}
    for name, value in answer.headers:
        found.setdefault(name, []).append(value)
    return found


def test_what_a_client_is_told(house: House) -> None:
    """Which schemes there are, a nonce when it needs one, and no more."""
    missing = headers_of(house, presented_of(b"", ""))
    assert missing["www-authenticate"][0] == 'Bearer realm="api"'
    assert missing["www-authenticate"][1].startswith('DPoP realm="api", algs="ES256 ')
    assert len(missing["dpop-nonce"]) == 1
    wrong = headers_of(house, presented_of(token_of(exp=1_000_000)))
    assert wrong["www-authenticate"][0] == 'Bearer realm="api", error="invalid_token"'
    bound = token_of(cnf={"jkt": JKT})
    stale = headers_of(house, presented_of(bound, "dpop", proofs=(proof_of(bound, nonce=None),)))
    assert 'error="use_dpop_nonce"' in stale["www-authenticate"][0]
    again = presented_of(bound, "dpop", proofs=(proof_of(bound, nonce=stale["dpop-nonce"][0]),))
    assert isinstance(house.ask(again), Identity)


def test_a_store_that_is_gone_fails_closed(house: House) -> None:
    """Then nobody is recognised by a key; tokens go on."""
    key = house.key()
    assert isinstance(house.ask(presented_of(key)), Identity)
    house.path.rename(house.path.with_name("elsewhere"))
    assert house.fault(presented_of(key)) == "unavailable"
    assert isinstance(house.ask(presented_of(token_of())), Identity)


def test_networks_are_noted_for_who_is_recognised(house: House) -> None:
    """A key that was refused says nothing about its owner."""
    found = house.ask(presented_of(house.key(), client_address="192.0.2.1"))
    assert isinstance(found, Identity)
    spread = house.credentials.spread(found.key_id, NOW)
    assert spread is not None
    assert (spread.networks, spread.shared) == (1, False)
    assert Credentials(tokens=tokens_of()).spread(found.key_id, NOW) is None


def test_no_credential_is_shown_anywhere(house: House, caplog: pytest.LogCaptureFixture) -> None:
    """Neither in an answer nor in a repr, an error or a log, of good ones or of bad ones."""
    caplog.set_level(logging.DEBUG)
    key, token = house.key(), token_of(cnf={"jkt": JKT})
    forged = sign(
        {"alg": "ES256", "typ": "at+jwt", "kid": "k-1"}, claims_of(), key_of("ES256", "x")
    )
    proof = proof_of(token)
    bad_key = key[:-1] + (b"0" if key[-1:] != b"0" else b"1")
    shown = []
    for credential in (key, bad_key, token, forged):
        for scheme in ("bearer", "dpop", "api-key"):
            presented = presented_of(credential, scheme, proofs=(proof,))
            answer = house.ask(presented)
            shown += [repr(answer), repr(presented.credential), repr(house.credentials)]
    shown += [caplog.text, repr(house.store), repr(Secret(key)), repr(PEPPER)]
    whole = "\n".join(shown)
    for secret in (key, bad_key, token, forged):
        for piece in (secret[10:42], secret[-30:]):
            assert piece.decode() not in whole
