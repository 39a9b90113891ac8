"""A watermark key: an identifier, whose it is, and a value that nothing prints."""

from __future__ import annotations

import hmac
from dataclasses import dataclass
from enum import StrEnum
from typing import NoReturn


class Secret:
    """Bytes that no message, log line or traceback shows.

    Args:
        value: The bytes to keep.

    Example:
        >>> secret = Secret(bytes.fromhex("00112233445566ff"))
        >>> secret
        Secret(8 bytes, hidden)
        >>> secret.reveal().hex()
        '00112233445566ff'
    """

    __slots__ = ("_value",)

    def __init__(self, value: bytes) -> None:
        self._value = bytes(value)

    def reveal(self) -> bytes:
        """Give the bytes; whoever calls this keeps them out of every output."""
        return self._value

    def __len__(self) -> int:
        return len(self._value)

    def __repr__(self) -> str:
        return f"Secret({len(self._value)} bytes, hidden)"

    def __eq__(self, other: object) -> bool:
        # In constant time, so that nobody learns a secret by how long a comparison takes.
        return isinstance(other, Secret) and hmac.compare_digest(self._value, other._value)

    __hash__ = None  # type: ignore[assignment]

    def __reduce__(self) -> NoReturn:
        # Pickling would write the bytes wherever the pickle goes.
        raise TypeError("a secret is not written down; pass its key id")


class KeyState(StrEnum):
    """What a key may be used for (after NIST SP 800-57, part 1, section 7); only ever forward."""

    PRE_ACTIVE = "pre-active"
    """Made, and handed to engines ahead of its time; marks nothing yet."""
    ACTIVE = "active"
    """Marks new texts, and verifies."""
    VERIFY_ONLY = "verify-only"
    """Its time is over: verifies what it marked."""
    COMPROMISED = "compromised"
    """Somebody else may have it: verifies still, but what it finds may be forged."""
    DESTROYED = "destroyed"
    """Cannot be derived any more, by anybody."""


class Layer(StrEnum):
    """Which positions of a text a key marks, in a scheme with more than one layer."""

    SHARED = "shared"
    """The epoch's or a campaign's key: short context, seen in a student that learned from many."""
    ACCOUNT = "account"
    """One account's key: long context, tells whose text was leaked."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Key:
    """A key that a text is tested for."""

    key_id: str
    """Opaque identifier; the only thing about a key that is ever logged or sent."""
    value: Secret
    """The scheme's key material, as ``cautery.keys/1`` holds it in hexadecimal."""
    layer: Layer = Layer.SHARED
    account_id: str = ""
    """Account that the key was derived for; empty for a shared key."""
    campaign_id: str = ""
    """Campaign that the key was derived for; empty for none."""
    epoch: str = ""
    """Epoch of the key; empty if the key file names none."""
