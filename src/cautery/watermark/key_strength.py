"""Key values that nobody drew at random: small numbers, patterns, one byte over and over."""

from __future__ import annotations

from itertools import pairwise
from typing import Final

from cautery.errors import ConfigurationError
from cautery.records.key import Key

FEWEST_BYTES: Final = 8
FEWEST_DISTINCT_BYTES: Final = 4
"""Eight random bytes hold fewer with a chance of 1e-9, longer values with less."""
SMALL_NUMBER_BITS: Final = 32
"""A random 64-bit value is that small with a chance of 2e-10; 42 and 15485863 are not random."""


def weakness(value: bytes) -> str:
    """Say why a value cannot have been drawn at random.

    Each reason is true of a random value less than once in a billion.

    Args:
        value: Key material, at least ``FEWEST_BYTES``.

    Returns:
        The reason, without the value; empty if there is none.

    Example:
        >>> weakness((42).to_bytes(8, "big"))
        'a small number'
        >>> weakness(bytes.fromhex("0123456789abcdef"))
        'bytes at even steps'
        >>> weakness(bytes.fromhex("9f3b5c01d2e87746"))
        ''
    """
    if len(value) < FEWEST_BYTES:
        return f"shorter than {FEWEST_BYTES} bytes"
    if int.from_bytes(value, "big") < 1 << SMALL_NUMBER_BITS:
        return "a small number"
    if len(set(value)) < FEWEST_DISTINCT_BYTES:
        return "the same few bytes over and over"
    if len({(after - before) % 256 for before, after in pairwise(value)}) == 1:
        return "bytes at even steps"
    half = len(value) // 2
    if len(value) > FEWEST_BYTES and value[:half] == value[half : 2 * half]:
        return "the same half twice"
    return ""


def refuse_to_mark_with(key: Key) -> None:
    """Refuse a key that may verify old texts, and must not mark new ones.

    Args:
        key: A key that its scheme accepts.

    Raises:
        ConfigurationError: Its value cannot have been drawn at random; the value is not shown.
    """
    if reason := weakness(key.value.reveal()):
        raise ConfigurationError(
            f"nothing is marked with a weak key: {reason}",
            where=f"key {key.key_id}",
            hint="Derive one: cautery watermark keys derive.",
        )
