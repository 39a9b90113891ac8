"""Sections that say whose credentials the guard recognises, and what their bearers must prove."""

# ruff: noqa: RUF009 - `key` makes a field, as `dataclasses.field` does
from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Final

from cautery.guard.authentication.client_certificate import CertificateHeader
from cautery.guard.configuration_keys import REQUIRED, key
from cautery.records.request import VERIFICATIONS, Verification

_ALGORITHMS: Final = (
    "ES256",
    "ES384",
    "ES512",
    "Ed25519",
    "EdDSA",
    "PS256",
    "PS384",
    "PS512",
    "RS256",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class KeysSection:
    """API keys that `cautery keys` issued; without keys and issuers the server checks them."""

    store: Path = key("path", REQUIRED, "The store.")
    pepper: str = key(
        "text",
        "",
        "Where its pepper is: `file:`, `env:` or `command:`; as the store says if empty, which is "
        "believed of a file and a variable only.",
    )
    required_scope: str = key("text", "", "Scope that a key must have if it has any.")
    realm: str = key("text", "api", "Named to clients in `www-authenticate`.")


@dataclass(frozen=True, slots=True, kw_only=True)
class IssuerSection:
    """An authorisation server whose access tokens are taken."""

    issuer: str = key("text", REQUIRED, "The claim `iss`, to the letter.")
    audience: str = key("text", REQUIRED, "What `aud` must hold: the name of this API.")
    keys_url: str = key("url", REQUIRED, "Where its public keys are (`jwks_uri`).")
    authorities: Path | None = key(
        "file", None, "Authorities of that server's certificate, PEM; the system's if not given."
    )
    algorithms: tuple[str, ...] = key(
        "choices", ("ES256",), "Signatures that it makes.", options=_ALGORITHMS
    )
    types: tuple[str, ...] = key("texts", ("at+jwt",), "The header `typ`, in lower case.")
    account_claim: str = key("text", "sub", "Claim that names the account; a path by `/`.")
    org_claim: str = key("text", "", "Claim that names the organisation.")
    client_claim: str = key("text", "client_id", "Claim that names the client.")
    verification_claim: str = key("text", "", "Claim that says how the account was verified.")
    verifications: tuple[tuple[str, Verification], ...] = key(
        "pairs",
        (),
        'What values of that claim mean, as in `{ gold = "document" }`; others mean `none`.',
        options=VERIFICATIONS,
    )
    required_scope: str = key("text", "", "Word that `scope` must hold.")
    clock_skew: float = key(
        "seconds", 30.0, "How far both clocks may be apart.", minimum=0, maximum=300
    )
    longest_lifetime: float = key(
        "seconds", 86_400.0, "From `iat` to `exp`; longer ones are refused.", minimum=1
    )
    sender_constrained: bool = key("boolean", False, "Whether tokens without `cnf` are refused.")
    refresh: float = key("seconds", 300.0, "Between two fetches of its keys.", minimum=1)
    grace: float = key("seconds", 3_600.0, "How much longer old keys serve.", minimum=0)


@dataclass(frozen=True, slots=True, kw_only=True)
class ProofsSection:
    """Proofs of possession (DPoP, RFC 9449); without them no credential bound to one is taken."""

    origins: tuple[str, ...] = key(
        "texts", REQUIRED, 'Where clients reach this API, as in "https://api.example.com".'
    )
    algorithms: tuple[str, ...] = key(
        "choices",
        ("ES256", "ES384", "Ed25519", "EdDSA", "PS256", "RS256"),
        "Signatures that clients may make.",
        options=_ALGORITHMS,
    )
    longest_age: float = key("seconds", 60.0, "How old a proof may be.", minimum=1, maximum=600)
    clock_skew: float = key(
        "seconds", 5.0, "How far a client's clock may be ahead.", minimum=0, maximum=60
    )
    nonce_required: bool = key(
        "boolean", True, "Whether a proof must repeat a nonce, so that none is signed ahead."
    )
    nonce_period: float = key(
        "seconds", 120.0, "How long a nonce is given out.", minimum=1, maximum=3_600
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class CertificatesSection:
    """Client certificates that a trusted proxy in front has verified (RFC 8705)."""

    header: str = key("text", REQUIRED, "Header in which it tells, in lower case.")
    form: CertificateHeader = key(
        "choice",
        REQUIRED,
        "How: nginx's `$ssl_client_escaped_cert`, RFC 9440, or Envoy.",
        options=("escaped-pem", "client-cert", "envoy-xfcc"),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class KeySharingSection:
    """When a credential counts as shared, by the networks that it is used from."""

    networks_at_once: int = key("integer", 8, "Networks in 15 minutes ...", minimum=1)
    systems_at_once: int = key("integer", 4, "... of so many providers.", minimum=1)
    networks: int = key("integer", 32, "Or networks in the window ...", minimum=1)
    systems: int = key("integer", 12, "... of so many providers.", minimum=1)
    window_hours: int = key("integer", 24, "The window.", minimum=1, maximum=8_760)
    most_networks: int = key(
        "integer", 64, "Networks remembered of a key.", minimum=1, maximum=4_096
    )
    most_keys: int = key("integer", 100_000, "Keys remembered, 1.7 kB each.", minimum=1)
