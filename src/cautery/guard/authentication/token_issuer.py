"""Whose access tokens are taken, and what their claims mean here."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final
from urllib.parse import urlsplit

from cautery.errors import ConfigurationError
from cautery.guard.authentication.compact_token import ALGORITHMS
from cautery.records.request import VERIFICATIONS, Verification

LONGEST_SKEW_SECONDS: Final = 300
LOOPBACK: Final = frozenset({"localhost", "127.0.0.1", "::1"})


@dataclass(frozen=True, slots=True, kw_only=True)
class TokenIssuer:
    """An authorisation server whose access tokens (RFC 9068) are taken.

    Raises:
        ConfigurationError: A setting would make tokens worth nothing.
    """

    issuer: str
    """The claim ``iss``, to the letter."""
    audience: str
    """What ``aud`` must hold: the name of this API, as the issuer knows it."""
    keys_url: str
    """Where its public keys are (``jwks_uri``); https, but for this machine's own addresses."""
    algorithms: frozenset[str] = frozenset({"ES256"})
    """Signatures that it makes; others are refused, whatever a token says of itself."""
    types: frozenset[str] = frozenset({"at+jwt"})
    """The header ``typ``, lower-case and without ``application/``. An issuer from before RFC 9068
    says ``jwt``; an ID token says so too, hence it is not taken by default."""
    account_claim: str = "sub"
    """Which claim names the account; inner ones by a path such as ``cautery/account``."""
    org_claim: str = ""
    """Which claim names the organisation; empty for none."""
    client_claim: str = "client_id"
    """Which claim names the client, so that its key id is the same from token to token."""
    verification_claim: str = ""
    """Which claim says how the account has shown who it is; empty for none."""
    verifications: Mapping[str, Verification] = field(default_factory=dict)
    """What the values of that claim mean; others mean ``none``."""
    required_scope: str = ""
    """Which word ``scope`` must hold; empty for none."""
    clock_skew_seconds: int = 30
    """How far this clock and the issuer's may be apart."""
    longest_lifetime_seconds: int = 86_400
    """Tokens that are valid for longer, from ``iat`` to ``exp``, are refused."""
    sender_constrained: bool = False
    """Whether tokens without ``cnf`` are refused."""

    def __post_init__(self) -> None:
        where = f"issuer {self.issuer}"
        if not self.issuer or not self.audience:
            raise ConfigurationError("an issuer and an audience are named", where=where)
        if not self.algorithms or not self.algorithms <= ALGORITHMS:
            raise ConfigurationError(
                "algorithms are some of " + ", ".join(sorted(ALGORITHMS)), where=where
            )
        if not 0 <= self.clock_skew_seconds <= LONGEST_SKEW_SECONDS:
            raise ConfigurationError(
                f"clock_skew_seconds is at most {LONGEST_SKEW_SECONDS}", where=where
            )
        if self.longest_lifetime_seconds <= 0:
            raise ConfigurationError("longest_lifetime_seconds is positive", where=where)
        if not set(self.verifications.values()) <= set(VERIFICATIONS):
            raise ConfigurationError(
                "verifications are some of " + ", ".join(VERIFICATIONS), where=where
            )
        check_url(self.keys_url, where)


def check_url(url: str, where: str) -> None:
    """Refuse an address that anybody on the way could answer for.

    Args:
        url: Where keys are fetched from.
        where: For the message.

    Raises:
        ConfigurationError: Not https, and not on this machine.
    """
    parts = urlsplit(url)
    if not parts.hostname or parts.username is not None or parts.fragment:
        raise ConfigurationError("an address of keys has a host, and no name in it", where=where)
    if parts.scheme != "https" and not (parts.scheme == "http" and parts.hostname in LOOPBACK):
        raise ConfigurationError(
            "keys are fetched by https, or by http from this machine",
            where=where,
            hint="Whoever can change them on the way can make tokens.",
        )


def claim_at(claims: Mapping[str, Any], path: str) -> object:
    """Find a claim by a path.

    Args:
        claims: Claims of a token.
        path: Names, separated by ``/``. A name that itself holds ``/`` (such as an address) is
            found whole first.

    Returns:
        The value; None if it is not there.

    Example:
        >>> claim_at({"cautery": {"account": "a-1"}}, "cautery/account")
        'a-1'
    """
    if path in claims:
        return claims[path]
    value: object = claims
    for name in path.split("/"):
        if not isinstance(value, Mapping) or name not in value:
            return None
        value = value[name]
    return value
