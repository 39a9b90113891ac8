"""An issuer of tokens and a client with a key, for the tests: they can sign anything."""

from __future__ import annotations

import itertools
import json
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from functools import cache
from typing import Any, Final

from joserfc import jwk
from joserfc.jws import JWSRegistry

from cautery.guard.authentication.access_token import AccessTokens, TokenRefusedError
from cautery.guard.authentication.compact_token import base64url
from cautery.guard.authentication.pepper import Pepper
from cautery.guard.authentication.proof_nonce import ProofNonces
from cautery.guard.authentication.proof_of_possession import (
    Proofs,
    ProofSettings,
    access_token_hash,
)
from cautery.guard.authentication.token_issuer import TokenIssuer
from cautery.records.identity import Presented
from cautery.records.key import Secret

NOW: Final = datetime(2026, 12, 1, 12, 0, tzinfo=UTC)
SECONDS: Final = int(NOW.timestamp())
ISSUER: Final = "https://login.example.com"
AUDIENCE: Final = "https://api.example.com"
URL: Final = "https://api.example.com/v1/chat/completions"
PEPPER: Final = Pepper(Secret(bytes(range(7, 39))))
NONCES: Final = ProofNonces(PEPPER.derive("dpop nonce"))
_numbers: Final = itertools.count()


@cache
def key_of(kind: str, name: str = "k-1") -> jwk.Key:
    """Make a private key of a kind, once."""
    makers: dict[str, Callable[[], jwk.Key]] = {
        "ES256": lambda: jwk.ECKey.generate_key("P-256", {"kid": name}),
        "ES384": lambda: jwk.ECKey.generate_key("P-384", {"kid": name}),
        "Ed25519": lambda: jwk.OKPKey.generate_key("Ed25519", {"kid": name}),
        "RS256": lambda: jwk.RSAKey.generate_key(2048, {"kid": name}),
    }
    return makers[kind]()


def public_of(key: jwk.Key) -> dict[str, Any]:
    """Give the public part of a key, without its name."""
    return {name: value for name, value in key.as_dict(private=False).items() if name != "kid"}


def sign(header: Mapping[str, Any], claims: Mapping[str, Any] | str, key: jwk.Key) -> bytes:
    """Sign what is given, however wrong it is."""
    payload = claims if isinstance(claims, str) else json.dumps(claims)
    signed = f"{base64url(json.dumps(header).encode())}.{base64url(payload.encode())}".encode()
    signature = JWSRegistry.algorithms[header["alg"]].sign(signed, key)
    return signed + b"." + base64url(signature).encode()


def claims_of(**changes: Any) -> dict[str, Any]:
    """Give the claims of a good token; a change to None leaves the claim out."""
    claims = {
        "iss": ISSUER,
        "aud": AUDIENCE,
        "sub": "account-1",
        "client_id": "client-1",
        "iat": SECONDS - 10,
        "exp": SECONDS + 600,
        **changes,
    }
    return {name: value for name, value in claims.items() if value is not None}


def token_of(kind: str = "ES256", header: Mapping[str, Any] | None = None, **changes: Any) -> bytes:
    """Make a token of the issuer."""
    whole = {"alg": kind, "typ": "at+jwt", "kid": "k-1", **(header or {})}
    return sign(whole, claims_of(**changes), key_of(kind))


class KnownKeys:
    """The issuer's keys, at hand."""

    def __init__(self, kind: str) -> None:
        self._keys = {"k-1": jwk.import_key(public_of(key_of(kind)))}

    def find(self, key_name: str) -> jwk.Key:
        if key_name not in self._keys:
            raise TokenRefusedError("unknown", "kid")
        return self._keys[key_name]


def tokens_of(kind: str = "ES256", **settings: Any) -> AccessTokens:
    """Make what verifies the issuer's tokens."""
    issuer = TokenIssuer(
        issuer=ISSUER,
        audience=AUDIENCE,
        keys_url=f"{ISSUER}/keys",
        **{"algorithms": frozenset({kind}), **settings},
    )
    return AccessTokens([(issuer, KnownKeys(kind))])


def proof_of(
    credential: bytes,
    *,
    client: jwk.Key | None = None,
    header: Mapping[str, Any] | None = None,
    **changes: Any,
) -> str:
    """Make a proof for a credential; a change to None leaves the claim out."""
    signer = client or key_of("ES256", "client")
    claims = {
        "jti": f"proof-{next(_numbers)}",
        "htm": "POST",
        "htu": URL,
        "iat": SECONDS,
        "ath": access_token_hash(credential),
        "nonce": NONCES.current(NOW),
        **changes,
    }
    whole = {"typ": "dpop+jwt", "alg": "ES256", "jwk": public_of(signer), **(header or {})}
    kept = {name: value for name, value in claims.items() if value is not None}
    return sign(whole, kept, signer).decode()


def proofs_of(**settings: Any) -> Proofs:
    """Make what verifies proofs."""
    return Proofs(ProofSettings(**{"origins": (AUDIENCE,), **settings}), NONCES)


def presented_of(credential: bytes, scheme: Any = "bearer", **changes: Any) -> Presented:
    """Make what a client presents."""
    return Presented(
        **{
            "credential": Secret(credential),
            "scheme": scheme,
            "arrived_at": NOW,
            "client_address": "192.0.2.7",
            "method": "POST",
            "url": URL,
            **changes,
        }
    )
