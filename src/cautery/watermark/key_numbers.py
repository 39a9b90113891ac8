"""Keys of 64 bits as the numbers that the engines take, and the refusal of weak ones."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from cautery.errors import ConfigurationError
from cautery.records.key import Key

KEY_BYTES: Final = 8
ZERO_BITS: Final = 16
"""A key that ends in as many zero bits leaves every seed with them: refused."""


def key_number(key: Key) -> int:
    """Read a key of 8 bytes, big-endian, as contracts section 5 writes it: 16 hex digits.

    Args:
        key: A key.

    Returns:
        From 0 to 2**64 - 1.

    Raises:
        ConfigurationError: It has not 8 bytes.
    """
    if len(key.value) != KEY_BYTES:
        raise ConfigurationError(
            f"the value has {len(key.value)} bytes, not {KEY_BYTES}",
            where=f"key {key.key_id}",
            hint="Give it as 16 hex digits.",
        )
    return int.from_bytes(key.value.reveal(), "big")


def key_numbers(keys: Sequence[Key]) -> NDArray[np.uint64]:
    """Read keys of 8 bytes.

    Args:
        keys: Keys.

    Returns:
        Shape (keys,).

    Raises:
        ConfigurationError: One has not 8 bytes.
    """
    return np.array([key_number(key) for key in keys], dtype=np.uint64)


def derived_number(number: int, domain: bytes) -> int:
    """Derive one of the two keys of vLLM's dual-key scheme from the master key.

    Args:
        number: The master key.
        domain: ``key_a`` or ``key_b``.

    Returns:
        First 8 bytes of SHA-256 of the domain and the key's 8 bytes, big-endian.

    Example:
        >>> derived_number(42, b"key_a") == derived_number(42, b"key_b")
        False
    """
    digest = hashlib.sha256(domain + number.to_bytes(KEY_BYTES, "big")).digest()
    return int.from_bytes(digest[:KEY_BYTES], "big")


def refuse_weak(key: Key) -> None:
    """Refuse a key that nobody drew at random: zero, or one byte over and over.

    Args:
        key: A key.

    Raises:
        ConfigurationError: It is such a key, or has not 8 bytes; the value is not shown.
    """
    key_number(key)
    if len(set(key.value.reveal())) == 1:
        raise ConfigurationError(
            "this key is weak: all its bytes are the same",
            where=f"key {key.key_id}",
            hint="Draw 8 random bytes.",
        )


def refuse_poor_seeds(key: Key) -> None:
    """Refuse a key whose multiples, which are seeds, would share their last bits.

    Args:
        key: A key of 8 bytes.

    Raises:
        ConfigurationError: Its last bits are zero.
    """
    if key_number(key) % (1 << ZERO_BITS) == 0:
        raise ConfigurationError(
            f"this key is weak: its last {ZERO_BITS} bits are zero, and so are its seeds'",
            where=f"key {key.key_id}",
            hint="Draw 8 random bytes.",
        )


def refuse_unsigned(key: Key, reason: str) -> None:
    """Refuse a key that is no signed number of 64 bits.

    Args:
        key: A key of 8 bytes.
        reason: What cannot take it, in words: ``which vLLM cannot hold``.

    Raises:
        ConfigurationError: It is 2**63 or more.
    """
    if key_number(key) >= 1 << 63:
        raise ConfigurationError(
            f"this key is 2**63 or more, {reason}",
            where=f"key {key.key_id}",
            hint="Its first hex digit must be below 8.",
        )


def odd_signed_key(own: bytes) -> bytes:
    """Make a key below 2**63, and an odd number, whose multiples keep all their bits.

    Args:
        own: At least 8 random bytes.

    Returns:
        8 bytes.

    Example:
        >>> odd_signed_key(bytes([255] * 7 + [254])).hex()
        '7fffffffffffffff'
    """
    return bytes([own[0] & 0x7F, *own[1 : KEY_BYTES - 1], own[KEY_BYTES - 1] | 1])
