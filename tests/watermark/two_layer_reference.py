"""The two-layer scheme in plain whole numbers, written from its page in the documentation."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

MASK = 2**64 - 1


def rotated(word: int, bits: int) -> int:
    return ((word << bits) | (word >> (64 - bits))) & MASK


def sip_round(state: Sequence[int]) -> list[int]:
    zero, one, two, three = state
    zero = (zero + one) & MASK
    two = (two + three) & MASK
    one, three = rotated(one, 13) ^ zero, rotated(three, 16) ^ two
    zero = rotated(zero, 32)
    two = (two + one) & MASK
    zero = (zero + three) & MASK
    one, three = rotated(one, 17) ^ two, rotated(three, 21) ^ zero
    return [zero, one, rotated(two, 32), three]


def siphash_of_bytes(key: bytes, message: bytes) -> int:
    """SipHash-2-4 of any bytes."""
    halves = [int.from_bytes(key[:8], "little"), int.from_bytes(key[8:], "little")]
    constants = (0x736F6D6570736575, 0x646F72616E646F6D, 0x6C7967656E657261, 0x7465646279746573)
    state = [constant ^ halves[place % 2] for place, constant in enumerate(constants)]
    padded = message + bytes(7 - len(message) % 8) + bytes([len(message) % 256])
    for start in range(0, len(padded), 8):
        word = int.from_bytes(padded[start : start + 8], "little")
        state[3] ^= word
        state = sip_round(sip_round(state))
        state[0] ^= word
    state[2] ^= 0xFF
    for _ in range(4):
        state = sip_round(state)
    return state[0] ^ state[1] ^ state[2] ^ state[3]


def siphash_of_numbers(key: bytes, numbers: Sequence[int]) -> int:
    return siphash_of_bytes(
        key, b"".join((number % 2**32).to_bytes(4, "little") for number in numbers)
    )


def layer_of(context: Sequence[int], key: bytes, given: dict[str, Any]) -> str:
    """Layer of a long context; the key is its 32 bytes."""
    hashed = siphash_of_numbers(key[:16], context[-given["account_context_width"] :])
    return "account" if hashed >> 32 < int(given["account_share"] * 2**32) else "shared"


def numerator(context: Sequence[int], token: int, key: bytes, width: int) -> int:
    """The number u of a token, times 2**53."""
    return 2 * (siphash_of_numbers(key[16:], [*context[-width:], token]) >> 12) + 1


def evidence(context: Sequence[int], token: int, key: bytes, width: int) -> float:
    return -math.log((2**53 - numerator(context, token, key, width)) / 2**53)
