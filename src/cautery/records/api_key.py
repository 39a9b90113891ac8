"""What is kept of an API key that a provider issued: everything but the key."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from cautery.records.request import Verification


@dataclass(frozen=True, slots=True, kw_only=True)
class IssuedKey:
    """An API key as lists and guards know it."""

    key_id: str
    """Drawn at random, so that it tells nothing about the key."""
    account_id: str
    """The paying account."""
    org_id: str = ""
    """Organisation of the account, empty if unknown."""
    verification: Verification = "none"
    """How the account had shown who it is when the key was issued."""
    scopes: frozenset[str] = frozenset()
    """What it may be used for, in the provider's own words; empty for everything."""
    environment: str = "live"
    """As in the key itself."""
    created_at: datetime
    """When it was issued; UTC."""
    expires_at: datetime | None = None
    """From when on it is refused; UTC, none if it has no end."""
    revoked_at: datetime | None = None
    """When it was revoked; UTC, none if it was not."""
    rotated_from: str = ""
    """Identifier of the key that it replaces; empty for a first one."""
    last_characters: str = ""
    """The last four characters, so that its owner knows it again."""
    bound_to: str = ""
    """What its bearer must prove: ``jkt:`` and the thumbprint of a DPoP key (RFC 9449), or
    ``x5t#S256:`` and that of a client certificate (RFC 8705); empty for nothing."""

    def state(self, now: datetime) -> str:
        """Say whether it may be used.

        Args:
            now: The time; UTC.

        Returns:
            ``active``, ``expired`` or ``revoked``.
        """
        if self.revoked_at is not None:
            return "revoked"
        if self.expires_at is not None and now >= self.expires_at:
            return "expired"
        return "active"
