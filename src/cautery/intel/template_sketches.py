"""Sketches of prompt templates, so that two providers find one template in two spellings.

MinHash (Broder 1997) over runs of three words, cut into bands (locality-sensitive hashing, Indyk
and Motwani 1998; Leskovec, Rajaraman and Ullman, chapter 3), each band keyed with the epoch key.
What slots of a template stand for is not in it, as a template has none of it.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Sequence
from typing import Final

from cautery.intel.epoch_keys import EpochKey
from cautery.intel.keyed_values import keyed_digest

SHINGLE_WORDS: Final = 3
"""Words in a run; as in redaction, so that what it kept has at least one."""
BANDS: Final = 16
ROWS: Final = 3
"""Numbers of a band: 16 bands of 3 find nine in ten pairs of a Jaccard likeness of 0.6 by two
bands, and one in 140 of 0.2."""
LEAST_BANDS: Final = 2
"""Bands in common from which two templates are taken to be one."""
FEWEST_SHINGLES: Final = 6
"""Runs without which a template is too short to tell from a phrase that many write."""
BAND_DIGITS: Final = 16
_PRIME: Final = (1 << 61) - 1
_SLOT: Final = re.compile(r"\{\.\.\.\}|\.\.\.$")
_WORD: Final = re.compile(r"[^\W_]+")


def _factors() -> tuple[tuple[int, int], ...]:
    """Multipliers and summands of the hash functions: fixed, as members must have the same."""
    drawn = hashlib.shake_256(b"cautery template sketch 1").digest(16 * BANDS * ROWS)
    numbers = [
        int.from_bytes(drawn[start : start + 8], "big") % (_PRIME - 1) + 1
        for start in range(0, len(drawn), 8)
    ]
    return tuple(zip(numbers[::2], numbers[1::2], strict=True))


_FACTORS: Final = _factors()


def shingles_of(text: str) -> frozenset[str]:
    """Cut a template into runs of words; none reaches over a slot.

    Args:
        text: A redacted template, slots as ``{...}``.

    Returns:
        Runs of three words in lower case.

    Example:
        >>> sorted(shingles_of("Think it over: {...} Then answer in full."))
        ['answer in full', 'then answer in', 'think it over']
    """
    runs: set[str] = set()
    for piece in _SLOT.split(unicodedata.normalize("NFKC", text).casefold()):
        words = _WORD.findall(piece)
        runs.update(
            " ".join(words[start : start + SHINGLE_WORDS])
            for start in range(len(words) - SHINGLE_WORDS + 1)
        )
    return frozenset(runs)


def sketch_of(shingles: frozenset[str]) -> tuple[int, ...]:
    """Take the MinHash of runs of words.

    Args:
        shingles: At least one.

    Returns:
        ``BANDS * ROWS`` numbers; two sets agree in as many of them as their likeness, on average.
    """
    hashes = [
        int.from_bytes(hashlib.blake2b(each.encode(), digest_size=8).digest(), "big") % _PRIME
        for each in shingles
    ]
    return tuple(min((a * h + b) % _PRIME for h in hashes) for a, b in _FACTORS)


def template_bands(text: str, key: EpochKey) -> tuple[str, ...]:
    """Key the bands of a template's sketch.

    Args:
        text: A redacted template.
        key: The epoch's key.

    Returns:
        One digest a band, in order; none if the template is too short to be told from a phrase.
    """
    shingles = shingles_of(text)
    if len(shingles) < FEWEST_SHINGLES:
        return ()
    sketch = sketch_of(shingles)
    return tuple(
        keyed_digest(
            "template-band",
            b"".join(number.to_bytes(8, "big") for number in (band, *rows)),
            key,
        )[:BAND_DIGITS]
        for band, rows in enumerate(_bands(sketch))
    )


def _bands(sketch: Sequence[int]) -> list[Sequence[int]]:
    return [sketch[start : start + ROWS] for start in range(0, BANDS * ROWS, ROWS)]


def common_bands(one: Sequence[str], other: Sequence[str]) -> int:
    """Count the bands in which two keyed sketches agree."""
    return sum(first == second for first, second in zip(one, other, strict=False))


def template_value(text: str) -> str:
    """Give a template the one spelling by which it is keyed as a whole."""
    return "\n".join(sorted(shingles_of(text)))
