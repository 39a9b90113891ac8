"""DPoP proofs: the RFC's own, good ones, and every wrong one."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from joserfc import jwk
from tests.guard.authentication.issuers import (
    AUDIENCE,
    NONCES,
    NOW,
    SECONDS,
    URL,
    key_of,
    presented_of,
    proof_of,
    proofs_of,
    public_of,
    sign,
)

from cautery.errors import ConfigurationError
from cautery.guard.authentication.compact_token import base64url
from cautery.guard.authentication.proof_of_possession import (
    ProofRefusedError,
    Proofs,
    ProofSettings,
    access_token_hash,
)
from cautery.guard.authentication.replay_cache import ReplayCache
from cautery.records.identity import Presented

TOKEN = b"header.claims.signature"
JKT = jwk.import_key(public_of(key_of("ES256", "client"))).thumbprint()

# RFC 9449, section 7.1, figures 12 and 13.
RFC_TOKEN = b"Kz~8mXK1EalYznwH-LC-1fBAo.4Ljp~zsPE_NeO.gxU"
RFC_PROOF = (
    "eyJ0eXAiOiJkcG9wK2p3dCIsImFsZyI6IkVTMjU2IiwiandrIjp7Imt0eSI6IkVDIiwieCI6Imw4dEZyaHgtMzR0VjNoUk"
    "lDUkRZOXpDa0RscEJoRjQyVVFVZldWQVdCRnMiLCJ5IjoiOVZFNGpmX09rX282NHpiVFRsY3VOSmFqSG10NnY5VERWclUw"
    "Q2R2R1JEQSIsImNydiI6IlAtMjU2In19.eyJqdGkiOiJlMWozVl9iS2ljOC1MQUVCIiwiaHRtIjoiR0VUIiwiaHR1IjoiaH"
    "R0cHM6Ly9yZXNvdXJjZS5leGFtcGxlLm9yZy9wcm90ZWN0ZWRyZXNvdXJjZSIsImlhdCI6MTU2MjI2MjYxOCwiYXRoIjoiZ"
    "lVIeU8ycjJaM0RaNTNFc05yV0JiMHhXWG9hTnk1OUlpS0NBcWtzbVFFbyJ9.2oW9RP35yRqzhrtNP86L-Ey71EOptxRimPP"
    "ToA1plemAgR6pxHF8y6-yqyVnmcw6Fy1dqd-jfxSYoMxhAJpLjA"
)
RFC_JKT = "0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I"


def bearing(*proofs: str, **changes: Any) -> Presented:
    """Make a request with proofs."""
    return presented_of(TOKEN, "dpop", proofs=proofs, **changes)


def refused(presented: Presented, proofs: Proofs | None = None, jkt: str = JKT) -> str:
    """Give why a proof is refused."""
    with pytest.raises(ProofRefusedError) as error:
        (proofs or proofs_of()).verify(presented, jkt)
    return error.value.why


def rfc_request(**changes: Any) -> Presented:
    """Make the request of RFC 9449, figure 12."""
    request: dict[str, Any] = {
        "proofs": (RFC_PROOF,),
        "method": "GET",
        "url": "https://resource.example.org/protectedresource",
        "arrived_at": datetime.fromtimestamp(1562262618, UTC),
        **changes,
    }
    credential = request.pop("credential", RFC_TOKEN)
    return presented_of(credential, "dpop", **request)


def rfc_proofs() -> Proofs:
    """Verify as the resource server of RFC 9449, section 7.1."""
    return proofs_of(origins=("https://resource.example.org",), nonce_required=False)


def test_the_example_of_the_rfc() -> None:
    """The proof of RFC 9449, section 7.1, is right for its request, and for no other."""
    assert access_token_hash(RFC_TOKEN) == "fUHyO2r2Z3DZ53EsNrWBb0xWXoaNy59IiKCAqksmQEo"
    proofs = rfc_proofs()
    proofs.verify(rfc_request(), RFC_JKT)
    assert refused(rfc_request(), proofs, RFC_JKT) == "jti"
    assert refused(rfc_request(method="POST"), rfc_proofs(), RFC_JKT) == "another method"
    assert refused(rfc_request(credential=b"x"), rfc_proofs(), RFC_JKT) == "another token"
    later = rfc_request(arrived_at=datetime.fromtimestamp(1562262618 + 66, UTC))
    assert refused(later, rfc_proofs(), RFC_JKT) == "iat"


@pytest.mark.parametrize("kind", ["ES256", "ES384", "Ed25519", "RS256"])
def test_kinds_of_keys(kind: str) -> None:
    """Each kind of key that clients have may sign."""
    client = key_of(kind, "client")
    proof = proof_of(TOKEN, client=client, header={"alg": kind})
    proofs_of().verify(bearing(proof), jwk.import_key(public_of(client)).thumbprint())


def test_the_older_name_of_ed25519() -> None:
    """Many clients still write EdDSA."""
    client = key_of("Ed25519", "client")
    proof = proof_of(TOKEN, client=client, header={"alg": "EdDSA"})
    proofs_of().verify(bearing(proof), jwk.import_key(public_of(client)).thumbprint())


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"htm": "GET"}, "another method"),
        ({"htm": "post"}, "another method"),
        ({"htm": None}, "another method"),
        ({"htu": "https://api.example.com/v1/other"}, "another address"),
        ({"htu": "https://evil.example/v1/chat/completions"}, "another address"),
        ({"htu": "http://api.example.com/v1/chat/completions"}, "another address"),
        ({"htu": "/v1/chat/completions"}, "no http URI"),
        ({"htu": None}, "no htu"),
        ({"htu": [URL]}, "no htu"),
        ({"iat": SECONDS - 66}, "iat"),
        ({"iat": SECONDS + 6}, "iat"),
        ({"iat": str(SECONDS)}, "iat is no time"),
        ({"iat": True}, "iat is no time"),
        ({"iat": 10**400}, "iat is no time"),
        ({"iat": None}, "iat is no time"),
        ({"ath": access_token_hash(b"other")}, "another token"),
        ({"ath": "é"}, "another token"),
        ({"ath": None}, "another token"),
        ({"nonce": None}, "nonce"),
        ({"nonce": "x"}, "nonce"),
        ({"nonce": 1}, "nonce"),
        ({"nonce": NONCES.current(NOW - timedelta(seconds=240))}, "nonce"),
        ({"nonce": NONCES.current(NOW + timedelta(seconds=120))}, "nonce"),
        ({"jti": None}, "no jti"),
        ({"jti": ""}, "no jti"),
        ({"jti": "j" * 257}, "no jti"),
        ({"jti": 1}, "no jti"),
    ],
    ids=str,
)
def test_claims_that_are_refused(changes: dict[str, Any], why: str) -> None:
    """Each wrong claim refuses a proof that is right otherwise."""
    assert refused(bearing(proof_of(TOKEN, **changes))) == why


@pytest.mark.parametrize(
    "changes",
    [
        {"iat": SECONDS - 64},
        {"iat": SECONDS + 5},
        {"iat": SECONDS - 0.25},
        {"htu": "HTTPS://API.EXAMPLE.COM:443/v1/x/../chat/completions?stream=1#x"},
        {"nonce": NONCES.current(NOW - timedelta(seconds=119))},
        {"new": {"claim": 1}},
    ],
    ids=str,
)
def test_what_may_differ(changes: dict[str, Any]) -> None:
    """Clocks, spellings of the address, and claims to come."""
    proofs_of().verify(bearing(proof_of(TOKEN, **changes)), JKT)


@pytest.mark.parametrize(
    ("header", "why"),
    [
        ({"typ": "JWT"}, "another typ"),
        ({"typ": "at+jwt"}, "another typ"),
        ({"typ": None}, "another typ"),
        ({"jwk": None}, "not a JWK"),
        ({"jwk": "key"}, "not a JWK"),
        ({"jwk": key_of("ES256", "client").as_dict(private=True)}, "a private key"),
        ({"jwk": {"kty": "oct", "k": "AAAA"}}, "a private key"),
        ({"jwk": public_of(key_of("ES256", "other"))}, "wrong signature"),
        ({"crit": ["exp"]}, "critical extensions"),
    ],
    ids=range(9),
)
def test_headers_that_are_refused(header: dict[str, Any], why: str) -> None:
    """Another kind of token, no key, a private one, or somebody else's."""
    assert refused(bearing(proof_of(TOKEN, header=header))) == why


@pytest.mark.parametrize("name", ["none", "HS256", "RS384", "ES512", "xyz"])
def test_algorithms_that_are_not_pinned(name: str) -> None:
    """The proof says how it was signed; only this guard says what counts."""
    header = {"typ": "dpop+jwt", "alg": name, "jwk": public_of(key_of("ES256", "client"))}
    claims = proof_of(TOKEN).split(".")[1]
    proof = f"{base64url(json.dumps(header).encode())}.{claims}.{base64url(b'x')}"
    assert refused(bearing(proof)) == "algorithm not pinned"


def test_another_client() -> None:
    """A proof by whoever found the token is right in itself, but not for this token."""
    thief = key_of("ES256", "thief")
    assert refused(bearing(proof_of(TOKEN, client=thief))) == "another key"


def test_a_proof_is_used_once() -> None:
    """The second time it is a replay, even for another request of the same kind."""
    proofs, proof = proofs_of(), proof_of(TOKEN)
    proofs.verify(bearing(proof), JKT)
    assert refused(bearing(proof), proofs) == "jti"
    latest = NOW + timedelta(seconds=65)
    assert refused(bearing(proof, arrived_at=latest), proofs) in {"jti", "nonce"}


def test_a_wrong_proof_is_not_remembered() -> None:
    """Nobody uses up a proof of somebody else by sending it to the wrong place."""
    proofs, proof = proofs_of(), proof_of(TOKEN)
    assert refused(bearing(proof, method="PUT"), proofs) == "another method"
    proofs.verify(bearing(proof), JKT)


@pytest.mark.parametrize("count", [0, 2])
def test_one_proof_and_no_more(count: int) -> None:
    """RFC 9449, section 4.3: more than one header is a fault, as is none."""
    assert refused(bearing(*(proof_of(TOKEN) for _ in range(count)))) == f"{count} proofs"


@pytest.mark.parametrize("proof", ["", "é.é.é", "x", "a.b.c", "." * 9000, "e30.e30.e30"])
def test_what_is_no_proof(proof: str) -> None:
    """Junk is refused like any other."""
    refused(bearing(proof))


def test_the_host_header_is_not_believed() -> None:
    """A proof for another server does not count because the client sends that server's name."""
    elsewhere = URL.replace("api.example.com", "evil.example")
    assert refused(bearing(proof_of(TOKEN, htu=elsewhere), url=elsewhere)) == "another address"
    internal = URL.replace("https://api.example.com", "http://10.0.0.7:8088")
    proofs_of().verify(bearing(proof_of(TOKEN), url=internal), JKT)


def test_without_a_nonce_where_none_is_wanted() -> None:
    """Then a proof needs none; if it has one, it must be right."""
    proofs = proofs_of(nonce_required=False)
    proofs.verify(bearing(proof_of(TOKEN, nonce=None)), JKT)
    assert refused(bearing(proof_of(TOKEN, nonce="wrong")), proofs) == "nonce"


@pytest.mark.parametrize(
    "settings",
    [
        {"origins": ()},
        {"origins": ("api.example.com",)},
        {"origins": ("https://api.example.com/v1",)},
        {"origins": ("https://API.example.com",)},
        {"algorithms": frozenset({"HS256"})},
        {"algorithms": frozenset()},
        {"longest_age_seconds": 0},
        {"longest_age_seconds": 601},
        {"clock_skew_seconds": 61},
        {"clock_skew_seconds": -1},
    ],
    ids=str,
)
def test_settings_that_would_prove_nothing(settings: dict[str, Any]) -> None:
    """They are refused when they are read."""
    with pytest.raises(ConfigurationError):
        ProofSettings(**{"origins": (AUDIENCE,), **settings})


def test_signatures_of_the_same_claims_by_others() -> None:
    """The claims of a good proof under another key's signature, with either key in the header."""
    thief, owner = key_of("ES256", "thief"), public_of(key_of("ES256", "client"))
    claims = {
        "jti": "x",
        "htm": "POST",
        "htu": URL,
        "iat": SECONDS,
        "ath": access_token_hash(TOKEN),
        "nonce": NONCES.current(NOW),
    }
    for shown, why in ((owner, "wrong signature"), (public_of(thief), "another key")):
        proof = sign({"typ": "dpop+jwt", "alg": "ES256", "jwk": shown}, claims, thief)
        assert refused(bearing(proof.decode())) == why


def test_a_memory_that_is_given_is_used() -> None:
    """Two verifiers with one memory take a proof once between them, as over a reload."""
    settings = ProofSettings(origins=(AUDIENCE,))
    memory = ReplayCache(settings.usable_seconds)
    presented = presented_of(TOKEN, "dpop", proofs=(proof_of(TOKEN),))
    Proofs(settings, NONCES, memory).verify(presented, JKT)
    assert len(memory) == 1
    with pytest.raises(ProofRefusedError, match="jti"):
        Proofs(settings, NONCES, memory).verify(presented, JKT)
