"""The engines' keyed functions in plain whole numbers, one token at a time: slow and plain."""

from __future__ import annotations

import math
import struct
from collections.abc import Sequence

MASK_32 = 2**32 - 1
MASK_64 = 2**64 - 1


def philox(counter: Sequence[int], key: Sequence[int]) -> list[int]:
    """Philox4x32-10 of one counter."""
    zero, one, two, three = counter
    first, second = key
    for _ in range(10):
        left, right = zero * 0xD2511F53, two * 0xCD9E8D57
        zero, one = (right >> 32) ^ one ^ first, right & MASK_32
        two, three = (left >> 32) ^ three ^ second, left & MASK_32
        first, second = (first + 0x9E3779B9) & MASK_32, (second + 0xBB67AE85) & MASK_32
    return [zero, one, two, three]


def to_single(number: float) -> float:
    """Round to single precision."""
    return float(struct.unpack("f", struct.pack("f", number))[0])


def vllm_uniform(context: Sequence[int], token: int, key: int) -> float:
    """VLLM's philox4x32-10-v1, to single precision."""
    low, high = key & MASK_32, key >> 32
    state = [0x574D4358, len(context), 0, 0]
    words = [one & MASK_32 for one in context]
    while len(words) % 4:
        words.append(MASK_32 - len(words) % 4)
    for start in range(0, len(words), 4):
        block = [state[place] ^ words[start + place] for place in range(4)]
        state = philox(block, (low ^ start, high))
    number = token & MASK_32
    last = philox((number >> 2, *state[:3]), (low ^ state[3], high ^ 0x574D544B))
    return to_single(((last[number & 3] >> 8) + 1) / (2**24 + 1))


def murmur(words: Sequence[int]) -> int:
    """MurmurHash3, 32 bits, seed 0, of whole words."""
    state = 0
    for word in words:
        value = (word & MASK_32) * 0xCC9E2D51 & MASK_32
        value = (value << 15 | value >> 17) & MASK_32
        state ^= value * 0x1B873593 & MASK_32
        state = (state << 13 | state >> 19) & MASK_32
        state = (state * 5 + 0xE6546B64) & MASK_32
    state ^= 4 * len(words)
    state = (state ^ state >> 16) * 0x85EBCA6B & MASK_32
    state = (state ^ state >> 13) * 0xC2B2AE35 & MASK_32
    return state ^ state >> 16


def sglang_hash(context: Sequence[int], token: int, key: int) -> int:
    """SGLang's hash of key, context and token."""
    return murmur([key & MASK_32, key >> 32, murmur(context), token])


def signed(value: int, bits: int) -> int:
    """Cut to so many bits and read as a signed number."""
    value &= (1 << bits) - 1
    return value - (1 << bits) if value >> (bits - 1) else value


def jenkins(token: int) -> int:
    """SBW's hash of a token, signed 32 bits."""
    value = signed(token + 1, 32)
    value = signed(value - (value << 6), 32)
    value ^= value >> 17
    value = signed(value - (value << 9), 32)
    value = signed(value ^ (value << 4), 32)
    value = signed(value - (value << 3), 32)
    value = signed(value ^ (value << 10), 32)
    return value ^ (value >> 15)


def sbw_seed(context: Sequence[int], token: int, key: int, scheme: str) -> int:
    """SBW's seed: signed 64 bits."""
    if scheme == "lefthash":
        return signed(key * sum(context), 64)
    others = [*context[1:], token]
    return min(signed(key * jenkins(other) * jenkins(token), 64) for other in others)


def sbw_word(seed: int, token: int) -> int:
    """The 31 bits that are compared with gamma."""
    bits = seed & MASK_64
    words = philox((token // 4, 0, 0, 0), (bits & MASK_32, bits >> 32))
    return words[token % 4] & 0x7FFFFFFF


def evidence(uniform: float) -> float:
    """As the engines write it."""
    return -math.log1p(-uniform)
