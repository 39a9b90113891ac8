"""Verifies access tokens (JWT, RFC 9068): who issued them, for whom, until when, bound to what."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final, Protocol

from cautery.errors import ConfigurationError
from cautery.guard.authentication.compact_token import (
    CompactToken,
    WrongTokenError,
    check_signature,
    seconds_at,
    take_apart,
)
from cautery.guard.authentication.token_issuer import TokenIssuer, claim_at
from cautery.records.identity import Identity, IdentityFault
from cautery.records.request import Verification

if TYPE_CHECKING:
    from joserfc.jwk import Key

LONGEST_NAME: Final = 200
_KNOWN_BINDINGS: Final = frozenset({"jkt", "x5t#S256"})


class IssuerKeys(Protocol):
    """The public keys of an issuer, at hand without waiting."""

    def find(self, key_name: str) -> Key:
        """Give the key of a ``kid``.

        Raises:
            TokenRefusedError: There is none, or none that may still be used.
        """
        ...


class TokenRefusedError(Exception):
    """A token that nobody is recognised by.

    Args:
        fault: What to count it as.
        why: For metrics and tests; names no value of the token.
    """

    def __init__(self, fault: IdentityFault, why: str) -> None:
        self.fault, self.why = fault, why
        super().__init__(why)


@dataclass(frozen=True, slots=True, kw_only=True)
class AccessToken:
    """What a verified token says."""

    identity: Identity
    """Whose it is."""
    proof_thumbprint: str = ""
    """``cnf.jkt``: whose proof must come with it (RFC 9449); empty for nobody's."""
    certificate_thumbprint: str = ""
    """``cnf.x5t#S256``: which certificate must come with it (RFC 8705); empty for none."""


class AccessTokens:
    """Verifies the access tokens of some issuers.

    Args:
        issuers: Each issuer with its keys.

    Raises:
        ConfigurationError: An issuer is there twice.
    """

    def __init__(self, issuers: Iterable[tuple[TokenIssuer, IssuerKeys]]) -> None:
        self._issuers: dict[str, tuple[TokenIssuer, IssuerKeys]] = {}
        for issuer, keys in issuers:
            if issuer.issuer in self._issuers:
                raise ConfigurationError("an issuer is there twice", where=issuer.issuer)
            self._issuers[issuer.issuer] = (issuer, keys)

    def verify(self, presented: bytes, now: datetime) -> AccessToken:
        """Verify a token.

        Its issuer is read before anything is verified, only to choose whose keys to try: names of
        keys are looked up among that issuer's, and headers that carry keys or addresses of keys
        (``jwk``, ``jku``, ``x5u``, ``x5c``) are not read at all.

        Args:
            presented: The token.
            now: The time; UTC.

        Returns:
            What it says.

        Raises:
            TokenRefusedError: It is refused.
        """
        try:
            token = take_apart(presented)
        except WrongTokenError as error:
            raise TokenRefusedError("malformed", error.why) from error
        named = token.claims.get("iss")
        if not isinstance(named, str) or named not in self._issuers:
            raise TokenRefusedError("unknown", "another issuer")
        issuer, keys = self._issuers[named]
        if token.header["alg"] not in issuer.algorithms:
            raise TokenRefusedError("unknown", "algorithm not pinned")
        key_name = token.header.get("kid")
        if not isinstance(key_name, str):
            raise TokenRefusedError("unknown", "no kid")
        try:
            check_signature(token, keys.find(key_name), issuer.algorithms)
        except WrongTokenError as error:
            raise TokenRefusedError("unknown", error.why) from error
        _check_claims(token, issuer, now.timestamp())
        return _meaning(token.claims, issuer)


def _check_claims(token: CompactToken, issuer: TokenIssuer, now: float) -> None:
    kind = token.header.get("typ")
    if not isinstance(kind, str) or kind.lower().removeprefix("application/") not in issuer.types:
        raise TokenRefusedError("unknown", "another typ")
    audience = token.claims.get("aud")
    audiences = audience if isinstance(audience, list) else [audience]
    if issuer.audience not in audiences:
        raise TokenRefusedError("unknown", "another audience")
    issued, expires = (_seconds(token.claims, name) for name in ("iat", "exp"))
    skew = issuer.clock_skew_seconds
    if expires <= now - skew:
        raise TokenRefusedError("expired", "exp")
    if issued > now + skew:
        raise TokenRefusedError("unknown", "iat in the future")
    if expires - issued > issuer.longest_lifetime_seconds:
        raise TokenRefusedError("unknown", "valid for too long")
    if "nbf" in token.claims and _seconds(token.claims, "nbf") > now + skew:
        raise TokenRefusedError("unknown", "nbf in the future")
    scope = token.claims.get("scope", "")
    if issuer.required_scope and (
        not isinstance(scope, str) or issuer.required_scope not in scope.split(" ")
    ):
        raise TokenRefusedError("unknown", "scope")


def _seconds(claims: Mapping[str, Any], name: str) -> float:
    try:
        return seconds_at(claims, name)
    except WrongTokenError as error:
        raise TokenRefusedError("malformed", error.why) from error


def _meaning(claims: Mapping[str, Any], issuer: TokenIssuer) -> AccessToken:
    account = _name(claims, issuer.account_claim)
    if not account:
        raise TokenRefusedError("unknown", "no account")
    client = _name(claims, issuer.client_claim) or account
    said = claim_at(claims, issuer.verification_claim) if issuer.verification_claim else None
    verification: Verification = "none"
    if isinstance(said, str):
        verification = issuer.verifications.get(said, "none")
    jkt, x5t = _bindings(claims, issuer)
    return AccessToken(
        identity=Identity(
            account_id=account,
            key_id=_key_id(issuer.issuer, client),
            org_id=_name(claims, issuer.org_claim) if issuer.org_claim else "",
            verification=verification,
            credential_state="valid",
        ),
        proof_thumbprint=jkt,
        certificate_thumbprint=x5t,
    )


def _name(claims: Mapping[str, Any], path: str) -> str:
    value = claim_at(claims, path)
    if value is None:
        return ""
    if not isinstance(value, str) or len(value) > LONGEST_NAME or not value.isprintable():
        raise TokenRefusedError("malformed", f"{path} is no name")
    return value


def _bindings(claims: Mapping[str, Any], issuer: TokenIssuer) -> tuple[str, str]:
    """Read ``cnf``; what is not known there would be a bond that nobody checks."""
    if "cnf" not in claims:
        if issuer.sender_constrained:
            raise TokenRefusedError("proof_missing", "no cnf")
        return "", ""
    cnf = claims["cnf"]
    if not isinstance(cnf, dict) or not cnf or not cnf.keys() <= _KNOWN_BINDINGS:
        raise TokenRefusedError("proof_missing", "a bond that is not known")
    if any(not isinstance(value, str) or len(value) != 43 for value in cnf.values()):
        raise TokenRefusedError("malformed", "a bond that is no SHA-256")
    return cnf.get("jkt", ""), cnf.get("x5t#S256", "")


def _key_id(issuer: str, client: str) -> str:
    """Name a client of an issuer; the same from token to token, and no part of a token."""
    digest = hashlib.sha256(f"{len(issuer)}:{issuer}{client}".encode()).hexdigest()
    return f"client_{digest[:20]}"
