"""Who connects: tokens, kept as keyed digests only, and client certificates.

A token has 256 random bits, so no slow hash is needed to keep it from being guessed. The pepper
keeps somebody who can write to the file of tokens from making one up. It is sent as ``Bearer``, or
as the password of ``Basic``, which TAXII names as the scheme that all implementations know
(section 1.6.10); the name with it must be the peer's then.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from cautery.intel.taxii.configuration_sections import PeerSection
from cautery.intel.taxii.timestamps import microseconds_of
from cautery.records.key import Secret

TOKEN_BYTES: Final = 32
TOKEN_PREFIX: Final = "cautery-taxii-"
"""Scanners of leaked secrets can look for it."""
_LONGEST_HEADER: Final = 1_024
_LONGEST_PEPPER: Final = 64
"""What BLAKE2b takes as a key (RFC 7693)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TokenDigest:
    """A token as it is kept."""

    peer: str
    """Whose it is."""
    digest: str
    """Its keyed digest, in hexadecimal digits."""
    expires: str = ""
    """From when it is refused; empty for never."""


def draw_token() -> Secret:
    """Draw a new token.

    Returns:
        The token.
    """
    return Secret(f"{TOKEN_PREFIX}{secrets.token_urlsafe(TOKEN_BYTES)}".encode())


def digest_of(token: bytes, pepper: Secret) -> str:
    """Compute what is kept of a token.

    Args:
        token: What a client presents.
        pepper: The secret without which nobody can make a digest.

    Returns:
        64 hexadecimal digits.
    """
    key = pepper.reveal()
    if len(key) > _LONGEST_PEPPER:
        key = hashlib.blake2b(key).digest()
    return hashlib.blake2b(token, key=key, digest_size=32, person=b"cautery.taxii").hexdigest()


class Peers:
    """Recognises who connects.

    Args:
        sections: The peers of the configuration.
        tokens: What is kept of their tokens.
        pepper: The secret of the digests; None if there are no tokens.
    """

    def __init__(
        self, sections: Sequence[PeerSection], tokens: Sequence[TokenDigest], pepper: Secret | None
    ) -> None:
        self._certificates = {one: peer.name for peer in sections for one in peer.certificates}
        self._tokens: Mapping[str, TokenDigest] = {one.digest: one for one in tokens}
        self._pepper = pepper

    def recognise(self, authorization: str | None, certificate: bytes, now: int) -> str | None:
        """Say who connects.

        Args:
            authorization: The header; None if there is none.
            certificate: The client's certificate (DER), which TLS has verified; empty for none.
            now: The time, microseconds since 1970.

        Returns:
            Name of the peer; None if it is nobody known, or if certificate and token are not of
            one peer.
        """
        by_certificate = self._certificates.get(hashlib.sha256(certificate).hexdigest())
        if authorization is None:
            return by_certificate if certificate else None
        by_token = self._by_token(authorization, now)
        if by_certificate is not None and by_certificate != by_token:
            return None
        return by_token

    def _by_token(self, authorization: str, now: int) -> str | None:
        name, token = _presented(authorization)
        if not token or self._pepper is None:
            return None
        # Looked up by a digest that nobody can steer without the pepper: how long this takes tells
        # nothing about tokens.
        kept = self._tokens.get(digest_of(token, self._pepper))
        if kept is None or (name and name != kept.peer):
            return None
        expires = microseconds_of(kept.expires) if kept.expires else None
        return None if kept.expires and (expires is None or expires <= now) else kept.peer


def _presented(authorization: str) -> tuple[str, bytes]:
    """Read a header: the name (empty for ``Bearer``) and the token (empty if it is neither)."""
    if len(authorization) > _LONGEST_HEADER:
        return "", b""
    scheme, _, rest = authorization.partition(" ")
    rest = rest.strip()
    if scheme.lower() == "bearer":
        return "", rest.encode("utf-8", errors="replace")
    if scheme.lower() == "basic":
        try:
            name, colon, token = base64.b64decode(rest, validate=True).decode().partition(":")
        except (binascii.Error, ValueError):
            return "", b""
        return (name, token.encode()) if colon and name else ("", b"")
    return "", b""
