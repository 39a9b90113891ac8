"""Access tokens: right ones, and every wrong one."""

from __future__ import annotations

import hashlib
import hmac
import json
from typing import Any

import pytest
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from joserfc import jwk
from tests.guard.authentication.issuers import (
    AUDIENCE,
    ISSUER,
    NOW,
    SECONDS,
    KnownKeys,
    claims_of,
    key_of,
    public_of,
    sign,
    token_of,
    tokens_of,
)

from cautery.errors import ConfigurationError
from cautery.guard.authentication.access_token import AccessTokens, TokenRefusedError
from cautery.guard.authentication.compact_token import base64url
from cautery.guard.authentication.token_issuer import TokenIssuer, claim_at

JKT = "0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I"


def refused(token: bytes, tokens: AccessTokens | None = None) -> TokenRefusedError:
    """Give why a token is refused."""
    with pytest.raises(TokenRefusedError) as error:
        (tokens or tokens_of()).verify(token, NOW)
    return error.value


@pytest.mark.parametrize("kind", ["ES256", "ES384", "Ed25519", "RS256"])
def test_a_good_token(kind: str) -> None:
    """It gives the account, and a name of its client that is the same from token to token."""
    found = tokens_of(kind).verify(token_of(kind), NOW)
    again = tokens_of(kind).verify(token_of(kind, jti="2", exp=SECONDS + 700), NOW)
    assert found.identity.account_id == "account-1"
    assert found.identity.key_id == again.identity.key_id
    assert found.identity.key_id.startswith("client_")
    assert (found.proof_thumbprint, found.certificate_thumbprint) == ("", "")


def test_claims_are_mapped() -> None:
    """Account, organisation and verification come from the claims that the operator names."""
    tokens = tokens_of(
        account_claim="https://example.com/account",
        org_claim="org/id",
        verification_claim="kyc",
        verifications={"gold": "document"},
    )
    claims: dict[str, Any] = {
        "https://example.com/account": "a-7",
        "org": {"id": "o-7"},
        "kyc": "gold",
    }
    identity = tokens.verify(token_of(**claims), NOW).identity
    assert (identity.account_id, identity.org_id) == ("a-7", "o-7")
    assert identity.verification == "document"
    other = tokens.verify(token_of(**{**claims, "kyc": "platinum"}), NOW).identity
    assert other.verification == "none"


@pytest.mark.parametrize(
    ("changes", "fault"),
    [
        ({"iss": "https://evil.example"}, "unknown"),
        ({"iss": ISSUER + "/"}, "unknown"),
        ({"iss": None}, "unknown"),
        ({"iss": [ISSUER]}, "unknown"),
        ({"aud": "https://other.example"}, "unknown"),
        ({"aud": ["https://other.example"]}, "unknown"),
        ({"aud": {AUDIENCE: 1}}, "unknown"),
        ({"aud": None}, "unknown"),
        ({"exp": SECONDS - 31}, "expired"),
        ({"exp": SECONDS - 30}, "expired"),
        ({"exp": None}, "malformed"),
        ({"exp": str(SECONDS + 10)}, "malformed"),
        ({"exp": True}, "malformed"),
        ({"exp": SECONDS + 90_000}, "unknown"),
        ({"iat": SECONDS + 31}, "unknown"),
        ({"iat": None}, "malformed"),
        ({"nbf": SECONDS + 31}, "unknown"),
        ({"nbf": "soon"}, "malformed"),
        ({"sub": None}, "unknown"),
        ({"sub": ""}, "unknown"),
        ({"sub": 7}, "malformed"),
        ({"sub": "a\x1b[31m"}, "malformed"),
        ({"sub": "a" * 201}, "malformed"),
        ({"cnf": {}}, "proof_missing"),
        ({"cnf": {"jwk": {}}}, "proof_missing"),
        ({"cnf": {"jkt": JKT, "kid": "x"}}, "proof_missing"),
        ({"cnf": "x"}, "proof_missing"),
        ({"cnf": {"jkt": "short"}}, "malformed"),
        ({"cnf": {"jkt": 1}}, "malformed"),
    ],
    ids=str,
)
def test_claims_that_are_refused(changes: dict[str, Any], fault: str) -> None:
    """Each wrong claim refuses a token that is right otherwise."""
    assert refused(token_of(**changes)).fault == fault


@pytest.mark.parametrize(
    "changes",
    [
        {"exp": SECONDS - 29},
        {"iat": SECONDS + 30},
        {"nbf": SECONDS + 30},
        {"aud": ["x", AUDIENCE]},
        {"iat": SECONDS - 0.5},
    ],
    ids=str,
)
def test_clocks_may_differ_a_little(changes: dict[str, Any]) -> None:
    """Half a minute of skew is forgiven on either side."""
    assert tokens_of().verify(token_of(**changes), NOW).identity.account_id == "account-1"


@pytest.mark.parametrize("typ", [None, "JWT", "dpop+jwt", "", 1, ["at+jwt"]])
def test_other_kinds_of_tokens(typ: Any) -> None:
    """An ID token or a proof is no access token (RFC 8725, section 3.11)."""
    assert refused(token_of(header={"typ": typ})).why == "another typ"


@pytest.mark.parametrize("typ", ["at+jwt", "AT+JWT", "application/at+jwt"])
def test_spellings_of_the_kind(typ: str) -> None:
    """RFC 9068 allows for the long form, and media types have no case."""
    tokens_of().verify(token_of(header={"typ": typ}), NOW)


def unsigned(header: dict[str, Any], signature: bytes = b"") -> bytes:
    """Put a token together without a key."""
    parts = (json.dumps(header), json.dumps(claims_of()))
    head = ".".join(base64url(part.encode()) for part in parts)
    return f"{head}.{base64url(signature)}".encode()


@pytest.mark.parametrize("name", ["none", "None", "NONE", "nOnE"])
@pytest.mark.parametrize("signature", [b"", b"x"])
def test_no_signature(name: str, signature: bytes) -> None:
    """A token that says it needs no signature is refused, however it spells that."""
    header = {"alg": name, "typ": "at+jwt", "kid": "k-1"}
    assert refused(unsigned(header, signature)).fault in {"malformed", "unknown"}


def test_the_public_key_as_a_shared_secret() -> None:
    """HS256 with the RSA public key as its secret, in every form that a server may hold it."""
    key = key_of("RS256")
    native = key.public_key
    assert not isinstance(native, bytes)
    forms = [
        native.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo),
        native.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo),
        json.dumps(public_of(key)).encode(),
    ]
    header = {"alg": "HS256", "typ": "at+jwt", "kid": "k-1"}
    signed = unsigned(header).rpartition(b".")[0]
    for secret in forms:
        digest = hmac.new(secret, signed, hashlib.sha256).digest()
        forged = signed + b"." + base64url(digest).encode()
        assert refused(forged, tokens_of("RS256")).why == "algorithm not pinned"


@pytest.mark.parametrize("member", ["jwk", "jku", "x5u", "x5c"])
def test_a_key_that_the_token_brings_along(member: str) -> None:
    """A token signed by an attacker's key does not verify by bringing that key."""
    attacker = key_of("ES256", "attacker")
    brought: Any = {"jwk": public_of(attacker), "x5c": ["AAAA"]}.get(member, "https://evil.example")
    header = {"alg": "ES256", "typ": "at+jwt", "kid": "k-1", member: brought}
    assert refused(sign(header, claims_of(), attacker)).why == "wrong signature"


@pytest.mark.parametrize(
    "key_name",
    [
        "../../../dev/null",
        "/etc/passwd",
        "k-1\x00",
        "' OR 1=1 --",
        "https://evil.example/keys",
        "",
        None,
        1,
        ["k-1"],
        {"k-1": 1},
    ],
    ids=str,
)
def test_tricks_with_names_of_keys(key_name: Any) -> None:
    """A name is looked up as it is, and names nothing but a key of this issuer."""
    assert refused(token_of(header={"kid": key_name})).fault == "unknown"


def test_keys_of_one_issuer_sign_nothing_for_another() -> None:
    """Two issuers may use the same name for a key; each has its own."""
    other = TokenIssuer(issuer="https://b.example", audience=AUDIENCE, keys_url="https://b.example")

    class OtherKeys:
        def find(self, key_name: str) -> jwk.Key:
            return jwk.import_key(public_of(key_of("ES256", "other")))

    first = TokenIssuer(issuer=ISSUER, audience=AUDIENCE, keys_url=ISSUER)
    tokens = AccessTokens([(first, KnownKeys("ES256")), (other, OtherKeys())])
    assert refused(token_of(iss="https://b.example"), tokens).why == "wrong signature"
    tokens.verify(token_of(), NOW)


def test_bonds_are_read() -> None:
    """Both kinds of bonds come out, for whoever must check them."""
    token = tokens_of().verify(token_of(cnf={"jkt": JKT, "x5t#S256": JKT}), NOW)
    assert (token.proof_thumbprint, token.certificate_thumbprint) == (JKT, JKT)


def test_free_tokens_where_bonds_are_wanted() -> None:
    """An issuer whose tokens must be bound has no bearer tokens."""
    assert refused(token_of(), tokens_of(sender_constrained=True)).fault == "proof_missing"


@pytest.mark.parametrize("scope", [None, "", "embeddings", "chatter", ["chat"], "embeddings chats"])
def test_scopes_that_do_not_suffice(scope: Any) -> None:
    """A scope is a whole word."""
    assert refused(token_of(scope=scope), tokens_of(required_scope="chat")).why == "scope"


def test_a_scope_that_suffices() -> None:
    """One word of several."""
    tokens_of(required_scope="chat").verify(token_of(scope="embeddings chat"), NOW)


@pytest.mark.parametrize(
    "settings",
    [
        {"issuer": ""},
        {"audience": ""},
        {"algorithms": frozenset()},
        {"algorithms": frozenset({"HS256"})},
        {"algorithms": frozenset({"ES256", "none"})},
        {"clock_skew_seconds": 301},
        {"clock_skew_seconds": -1},
        {"longest_lifetime_seconds": 0},
        {"verifications": {"gold": "royal"}},
        {"keys_url": "http://login.example.com/keys"},
        {"keys_url": "http://127.0.0.1.evil.example/keys"},
        {"keys_url": "https://name:word@login.example.com/keys"},
        {"keys_url": "file:///etc/passwd"},
        {"keys_url": "https:///keys"},
    ],
)
def test_settings_that_would_let_anybody_in(settings: dict[str, Any]) -> None:
    """They are refused when they are read."""
    good: dict[str, Any] = {"issuer": ISSUER, "audience": AUDIENCE, "keys_url": f"{ISSUER}/keys"}
    with pytest.raises(ConfigurationError):
        TokenIssuer(**{**good, **settings})


def test_an_issuer_twice() -> None:
    """Which of the two settings counted would be a guess."""
    issuer = TokenIssuer(issuer=ISSUER, audience=AUDIENCE, keys_url=ISSUER)
    with pytest.raises(ConfigurationError, match="twice"):
        AccessTokens([(issuer, KnownKeys("ES256"))] * 2)


def test_paths_of_claims() -> None:
    """A name is found whole first, then step by step; what is no object has nothing inside."""
    assert claim_at({"a/b": 1, "a": {"b": 2}}, "a/b") == 1
    assert claim_at({"a": {"b": 2}}, "a/b") == 2
    assert claim_at({"a": "b"}, "a/b") is None
