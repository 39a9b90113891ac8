"""Public keys that strangers send, and thumbprints of the RFCs."""

from __future__ import annotations

from typing import Any

import pytest
from joserfc import jwk
from tests.guard.authentication.issuers import key_of, public_of

from cautery.guard.authentication.compact_token import WrongTokenError, base64url
from cautery.guard.authentication.public_keys import public_key

# RFC 7638, section 3.1.
RFC_7638 = {
    "kty": "RSA",
    "n": (
        "0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zwu1RK7aPFFxuhDR1L6tSoc_BJE"
        "CPebWKRXjBZCiFV4n3oknjhMstn64tZ_2W-5JsGY4Hc5n9yBXArwl93lqt7_RN5w6Cf0h4QyQ5v-65YGjQR0_FDW2Q"
        "vzqY368QQMicAtaSqzs8KJZgnYb9c7d0zgdAZHzu6qMQvRL5hajrn1n91CbOpbISD08qNLyrdkt-bFTWhAI4vMQFh6"
        "WeZu0fM4lFd2NcRwr3XPksINHaQ-G_xBniIqbw0Ls1jF44-csFCur-kEgU8awapJzKnqDKgw"
    ),
    "e": "AQAB",
    "alg": "RS256",
    "kid": "2011-04-29",
}
# RFC 9449, section 6.1.
RFC_9449 = {
    "kty": "EC",
    "x": "l8tFrhx-34tV3hRICRDY9zCkDlpBhF42UQUfWVAWBFs",
    "y": "9VE4jf_Ok_o64zbTTlcuNJajHmt6v9TDVrU0CdvGRDA",
    "crv": "P-256",
}


def test_thumbprints_of_the_rfcs() -> None:
    """RFC 7638 and RFC 9449 say what the thumbprints of their examples are."""
    assert public_key(RFC_7638).thumbprint() == "NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs"
    assert public_key(RFC_9449).thumbprint() == "0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I"


@pytest.mark.parametrize("kind", ["ES256", "ES384", "Ed25519", "RS256"])
def test_kinds_that_may_verify(kind: str) -> None:
    """Each kind is taken, and its thumbprint does not depend on more than the key."""
    found = public_of(key_of(kind))
    plain = public_key(found).thumbprint()
    assert public_key({**found, "kid": "x", "use": "sig"}).thumbprint() == plain


@pytest.mark.parametrize(
    "found",
    [
        None,
        "key",
        {},
        {"kty": "oct", "k": "c2VjcmV0"},
        {"kty": "oct"},
        {"kty": ["EC"]},
        {**RFC_9449, "crv": "secp256k1"},
        {**RFC_9449, "crv": "P-384"},
        {**RFC_9449, "crv": 1},
        {**RFC_9449, "y": RFC_9449["x"]},
        {**RFC_9449, "x": "AA"},
        {**RFC_9449, "d": "AA"},
        {"kty": "EC", "crv": "P-256", "x": RFC_9449["x"]},
        {"kty": "OKP", "crv": "X25519", "x": RFC_9449["x"]},
        {"kty": "OKP", "crv": "Ed448", "x": RFC_9449["x"]},
        {**RFC_7638, "n": base64url(b"\xff" * 128)},
        {**RFC_7638, "n": base64url(b"\xff" * 2048)},
        {**RFC_7638, "e": base64url((3).to_bytes(1, "big"))},
        {**RFC_7638, "e": base64url(b"\xff" * 256)},
        {**RFC_7638, "n": RFC_7638["n"] + "="},
        {**RFC_7638, "p": "AA"},
    ],
    ids=range(21),
)
def test_keys_that_are_refused(found: Any) -> None:
    """Shared, private, damaged, weak and slow keys are refused with a plain word."""
    with pytest.raises(WrongTokenError):
        public_key(found)


def test_a_private_key_is_refused_whole() -> None:
    """Whoever sends a private key has nothing left to prove."""
    for kind in ("ES256", "Ed25519", "RS256"):
        with pytest.raises(WrongTokenError, match="private"):
            public_key(key_of(kind).as_dict(private=True))


def test_what_is_not_the_key_is_ignored() -> None:
    """Addresses and certificates beside a key are not looked at."""
    found = {**RFC_9449, "x5u": "http://127.0.0.1/evil", "jku": "file:///etc/passwd", "x5c": ["x"]}
    assert public_key(found).thumbprint() == jwk.import_key(dict(RFC_9449)).thumbprint()
