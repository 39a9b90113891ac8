"""What a new API key is to be, and how it is made."""

from __future__ import annotations

import re
import secrets
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from cautery.errors import UsageError
from cautery.guard.authentication.api_key import (
    Draw,
    KeyForm,
    draw_digits,
    draw_key,
    last_characters,
)
from cautery.records.api_key import IssuedKey
from cautery.records.key import Secret
from cautery.records.request import Verification

LONGEST_NAME: Final = 200
"""Characters of an account or organisation."""
_SCOPE: Final = re.compile(r"[\x21\x23-\x5b\x5d-\x7e]{1,64}")
"""As in RFC 6749, section 3.3."""
_BOUND: Final = re.compile(r"(jkt|x5t#S256):[A-Za-z0-9_-]{43}")
_KEY_ID_DIGITS: Final = 14


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyOrder:
    """What a new key is to be."""

    account_id: str
    """The paying account."""
    org_id: str = ""
    """Its organisation, empty if unknown."""
    verification: Verification = "none"
    """How the account has shown who it is."""
    scopes: frozenset[str] = frozenset()
    """What it may be used for; empty for everything."""
    environment: str = "live"
    """Part of the key itself."""
    expires_at: datetime | None = None
    """From when on it is refused; UTC."""
    bound_to: str = ""
    """What its bearer must prove, as ``IssuedKey.bound_to``."""

    def __post_init__(self) -> None:
        for name, value in (("account_id", self.account_id), ("org_id", self.org_id)):
            if len(value) > LONGEST_NAME or not value.isprintable():
                raise UsageError(f"at most {LONGEST_NAME} printable characters", where=name)
        if not self.account_id:
            raise UsageError("a key belongs to an account", where="account_id")
        if not all(_SCOPE.fullmatch(scope) for scope in self.scopes):
            raise UsageError("a scope is up to 64 characters without spaces", where="scope")
        if self.bound_to and not _BOUND.fullmatch(self.bound_to):
            raise UsageError(
                "a key is bound to jkt:THUMBPRINT or x5t#S256:THUMBPRINT, 43 base64url digits",
                where="bound_to",
            )


@dataclass(frozen=True, slots=True, kw_only=True)
class NewKey:
    """A key that was just made: the only time that anybody sees it."""

    key: Secret
    """The key itself, for its owner."""
    issued: IssuedKey
    """What is kept of it."""


def make_key(
    order: KeyOrder, prefix: str, now: datetime, draw: Draw = secrets.token_bytes
) -> NewKey:
    """Make a key; it is valid once it is in a store.

    Args:
        order: What it is to be.
        prefix: Of the store's keys.
        now: The time; UTC.
        draw: Gives random bytes.

    Returns:
        The key.
    """
    key = draw_key(KeyForm(prefix=prefix, environment=order.environment), draw)
    return NewKey(
        key=key,
        issued=IssuedKey(
            key_id="key_" + draw_digits(_KEY_ID_DIGITS, draw).decode("ascii"),
            account_id=order.account_id,
            org_id=order.org_id,
            verification=order.verification,
            scopes=order.scopes,
            environment=order.environment,
            created_at=now,
            expires_at=order.expires_at,
            last_characters=last_characters(key),
            bound_to=order.bound_to,
        ),
    )
