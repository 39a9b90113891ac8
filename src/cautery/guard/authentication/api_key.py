"""The form of an API key: a prefix that scanners of leaks know, random digits, a checksum.

``<prefix>_<environment>_<32 random base62 digits>_<6 base62 digits of a CRC-32>``, after GitHub's
format of tokens (2021). The prefix is the provider's own, so that a public repository can be
searched for leaked keys without false alarms; the checksum lets anybody tell a key from junk
without asking a database. It protects against accidents only: who makes keys up can compute it.
"""

from __future__ import annotations

import re
import secrets
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from cautery.errors import UsageError
from cautery.records.key import Secret

RANDOM_DIGITS: Final = 32
"""190 random bits. The last four characters are shown in lists; they are of the checksum, so they
may give away 24 bits, and 166 are left: more than the 160 that are wanted."""
CHECKSUM_DIGITS: Final = 6
"""62 ** 6 is more than 2 ** 32."""
LAST_SHOWN: Final = 4
LONGEST_KEY: Final = 16 + 8 + 3 + RANDOM_DIGITS + CHECKSUM_DIGITS

Draw = Callable[[int], bytes]
"""Gives that many random bytes."""

_DIGITS: Final = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
_PREFIX: Final = re.compile(r"[a-z][a-z0-9]{1,15}")
_ENVIRONMENT: Final = re.compile(r"[a-z]{1,8}")
_KEY: Final = re.compile(rb"[a-z][a-z0-9]{1,15}_[a-z]{1,8}_[0-9A-Za-z]{32}_[0-9A-Za-z]{6}")
_SPARE_BYTES: Final = 8
"""Random bytes more than the digits hold, so that no digit is likelier than 1/62 + 2 ** -64."""


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyForm:
    """Which keys a provider issues.

    Raises:
        UsageError: The prefix or the environment has other letters.
    """

    prefix: str
    """The provider's own, registered with scanners of leaks: 2 to 16 lower-case letters, digits."""
    environment: str = "live"
    """1 to 8 lower-case letters, for example ``live`` or ``test``."""

    def __post_init__(self) -> None:
        if not _PREFIX.fullmatch(self.prefix):
            raise UsageError(
                "a prefix is 2 to 16 lower-case letters and digits, a letter first", where="prefix"
            )
        if not _ENVIRONMENT.fullmatch(self.environment):
            raise UsageError("an environment is 1 to 8 lower-case letters", where="environment")


def draw_key(form: KeyForm, draw: Draw = secrets.token_bytes) -> Secret:
    """Draw a new key.

    Args:
        form: Its prefix and environment.
        draw: Gives random bytes.

    Returns:
        The key.

    Example:
        >>> key = draw_key(KeyForm(prefix="acme", environment="test"), lambda count: bytes(count))
        >>> key.reveal()
        b'acme_test_00000000000000000000000000000000_32aoc7'
        >>> is_well_formed(key.reveal())
        True
    """
    body = f"{form.prefix}_{form.environment}_".encode() + draw_digits(RANDOM_DIGITS, draw)
    return Secret(body + b"_" + _checksum(body))


def draw_digits(digits: int, draw: Draw = secrets.token_bytes) -> bytes:
    """Draw random base62 digits.

    Args:
        digits: How many.
        draw: Gives random bytes.

    Returns:
        The digits, as ASCII.
    """
    number = int.from_bytes(draw(digits + _SPARE_BYTES), "big")
    return _base62(number, digits)


def is_well_formed(key: bytes) -> bool:
    """Tell a key from junk by its form and checksum, without any database.

    A change of one character is always seen: it is a burst of at most eight bits, and CRC-32
    finds every burst of up to 32.

    Args:
        key: What a client presented.

    Returns:
        Whether it can be a key.
    """
    if len(key) > LONGEST_KEY or not _KEY.fullmatch(key):
        return False
    body, _, checksum = key.rpartition(b"_")
    return checksum == _checksum(body)


def last_characters(key: Secret) -> str:
    """Give what a list shows of a key, so that its owner knows it again."""
    return key.reveal()[-LAST_SHOWN:].decode("ascii")


def _checksum(body: bytes) -> bytes:
    return _base62(zlib.crc32(body), CHECKSUM_DIGITS)


def _base62(number: int, digits: int) -> bytes:
    found = bytearray()
    for _ in range(digits):
        number, digit = divmod(number, 62)
        found.append(_DIGITS[digit])
    return bytes(reversed(found))
