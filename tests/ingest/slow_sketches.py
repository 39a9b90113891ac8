"""Sketches in plain Python, one text and one word at a time: what the fast paths must equal."""

from __future__ import annotations

import re
from dataclasses import dataclass

from cautery.ingest.word_hashes import BYTE_VALUES

WORD = re.compile(rb"[0-9A-Za-z\x80-\xff]+")
BASE = 0x9E3779B97F4A7C15
FACTORS = (0xD6E8FEB86659FD93, 0xA0761D6478BD642F, 0xE7037ED1A0B428DB, 0x8EBC6AF09C88C6E3)
HEAD_4, TAIL_4 = 0x1F83D9ABFB41BD6B, 0x5BE0CD19137E2179
HEAD_8, TAIL_8 = 0x9B05688C2B3E6C1F, 0x3C6EF372FE94F82B
MASK = 2**64 - 1
VALUES = [int(value) for value in BYTE_VALUES]


@dataclass(frozen=True, slots=True, kw_only=True)
class SlowSketch:
    """The sketch of one text."""

    words: list[int]
    """Hash of each word."""
    total: int
    """Hash of the words in their order."""
    shingles: list[int]
    """Distinct hashes, ascending as unsigned numbers, shown as signed ones."""


def slow_mix(value: int) -> int:
    """Scramble one number as splitmix64 does."""
    value ^= value >> 30
    value = value * 0xBF58476D1CE4E5B9 & MASK
    value ^= value >> 27
    value = value * 0x94D049BB133111EB & MASK
    return value ^ value >> 31


def slow_word_hash(word: bytes) -> int:
    """Hash one word as a polynomial in its bytes, the first at exponent zero."""
    return slow_mix(sum(VALUES[byte] * BASE**place for place, byte in enumerate(word)) & MASK)


def slow_text_hash(text: bytes) -> int:
    """Hash one whole text: the same polynomial, scrambled with the length."""
    total = 0
    for byte in reversed(text):
        total = total * BASE + VALUES[byte] & MASK
    return slow_mix(total + slow_mix(len(text)) & MASK)


def slow_sketch(text: bytes) -> SlowSketch:
    """Sketch one folded text."""
    words = [slow_word_hash(word) for word in WORD.findall(text)]
    placed = [slow_mix(word + slow_mix(place) & MASK) for place, word in enumerate(words)]
    return SlowSketch(words=words, total=sum(placed) & MASK, shingles=_shingles(words))


def _shingles(words: list[int]) -> list[int]:
    runs = (_combined(words[start : start + 4]) for start in range(len(words) - 3))
    kept = sorted(hashed for hashed in runs if hashed < 2**64 // 6)[:40]
    if len(words) >= 4:
        kept += [
            slow_mix(_combined(words[:4]) ^ HEAD_4),
            slow_mix(_combined(words[-4:]) ^ TAIL_4),
        ]
    if len(words) >= 8:
        kept += [
            slow_mix(_combined(words[:8]) ^ HEAD_8),
            slow_mix(_combined(words[-8:]) ^ TAIL_8),
        ]
    short = sorted({hashed & 0xFFFFFFFF for hashed in kept})
    return [value - 2**32 if value >= 2**31 else value for value in short]


def _combined(words: list[int]) -> int:
    total = 0
    for step, word in enumerate(words):
        total = slow_mix(total * FACTORS[step % 4] + word & MASK)
    return total
