"""Hugging Face's schemes in plain whole numbers, one token at a time."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

MASK = 2**64 - 1
MULTIPLIER = 6364136223846793005


def words(seed: int) -> list[int]:
    """State of the Mersenne Twister after a seed of 32 bits."""
    state = [seed & 0xFFFFFFFF]
    for place in range(1, 624):
        before = state[-1]
        state.append((1812433253 * (before ^ (before >> 30)) + place) & 0xFFFFFFFF)
    return state


def drawn(seed: int, count: int) -> list[int]:
    """The first words that the Mersenne Twister gives."""
    state, made = words(seed), []
    for number in range(count):
        place = number % 624
        word = (state[place] & 0x80000000) | (state[(place + 1) % 624] & 0x7FFFFFFF)
        state[place] = state[(place + 397) % 624] ^ (word >> 1) ^ (0x9908B0DF if word & 1 else 0)
        out = state[place]
        out ^= out >> 11
        out ^= (out << 7) & 0x9D2C5680
        out ^= (out << 15) & 0xEFC60000
        made.append(out ^ (out >> 18))
    return made


def permutation(seed: int, size: int, count: int) -> list[int]:
    """First entries of torch.randperm: a shuffle, swap by swap."""
    entries = list(range(size))
    for step, word in enumerate(drawn(seed, min(count, size - 1))):
        other = step + word % (size - step)
        entries[step], entries[other] = entries[other], entries[step]
    return entries[:count]


def signed(value: int) -> int:
    value &= MASK
    return value - (MASK + 1) if value >> 63 else value


def self_hash_seed(key: int, window: Sequence[int], table: Sequence[int]) -> int:
    """Seed as manual_seed gets it; the window ends with the token, the table is a permutation."""
    own = table[window[-1]] + 1
    return min(signed(signed(key * (table[one] + 1)) * own) for one in window) % MASK


def synthid_hash(numbers: Sequence[int]) -> int:
    state = 1
    for number in numbers:
        state = ((state + number) * MULTIPLIER + 1) & MASK
    return state


def synthid_bits(
    numbers: Sequence[int], keys: Sequence[int], table: Sequence[int] | np.ndarray
) -> list[int]:
    """One bit a layer."""
    state = synthid_hash(numbers)
    return [int(table[signed((state + key) * MULTIPLIER + 1) % len(table)]) for key in keys]


def fresh_contexts(hashes: Sequence[int], history: int) -> list[bool]:
    """The engine's mask, with its list of zeros that new hashes push out."""
    seen, fresh = [0] * history, []
    for one in hashes:
        fresh.append(one not in seen)
        seen = [one, *seen][:history]
    return fresh
