"""Who a client shows itself to be: what it presented, and what came of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from cautery.records.key import Secret
from cautery.records.key_spread import KeySpread
from cautery.records.request import CredentialState, Verification

IdentityFault = Literal[
    "missing",
    "malformed",
    "unknown",
    "expired",
    "revoked",
    "proof_missing",
    "proof_wrong",
    "replayed",
    "unavailable",
]
"""Why nobody was recognised; for metrics and logs, never for the client."""


CredentialScheme = Literal["", "bearer", "dpop", "api-key"]
"""How a credential is presented; empty if there is none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Presented:
    """What a client presented with one request. Nothing of it is ever logged."""

    credential: Secret
    """The key or token: of ``authorization: Bearer``, ``DPoP`` or ``x-api-key``; empty if none."""
    scheme: CredentialScheme
    """How it was presented; empty if it was not."""
    arrived_at: datetime
    """When; UTC."""
    client_address: str = ""
    """After trusted proxies, for sharing and resale."""
    method: str = ""
    """HTTP method, for a proof of possession (RFC 9449, ``htm``)."""
    url: str = ""
    """Scheme, host and path without the query, for a proof of possession (``htu``)."""
    proofs: tuple[str, ...] = ()
    """Values of the ``DPoP`` header; more than one is a fault (RFC 9449, section 4.3)."""
    client_certificate: bytes = b""
    """The client's certificate in DER, of TLS towards this guard (RFC 8705); empty if none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """Whose credential it is."""

    account_id: str
    """The paying account."""
    key_id: str
    """Identifier of the credential, never the credential."""
    org_id: str = ""
    """Organisation of the account, empty if unknown."""
    verification: Verification = "none"
    """How the account has shown who it is, as far as the credential says."""
    credential_state: CredentialState = ""
    """*valid* or *shared*; empty if something behind the guard checks the credential."""
    spread: KeySpread | None = None
    """Networks of a *shared* credential."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Unrecognised:
    """Nobody was recognised."""

    fault: IdentityFault
    """Why."""
    headers: tuple[tuple[str, str], ...] = ()
    """What a client needs to do better: ``www-authenticate``, ``dpop-nonce``."""
