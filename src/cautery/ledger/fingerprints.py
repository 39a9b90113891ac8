"""Keyed fingerprints of a text: enough to find a piece of it again, too little to read it.

Winnowing (Schleimer, Wilkerson and Aiken, SIGMOD 2003): of the hashes of all runs of
``RUN_WORDS`` words the smallest in each window of ``WINDOW_RUNS`` is kept, so that any run of
``RUN_WORDS + WINDOW_RUNS - 1`` words shared by two texts shares a fingerprint. What is kept is a
keyed cryptographic hash (BLAKE2b, RFC 7693) of the run: without the epoch's key nobody can guess
words and look them up, and once the key is destroyed nobody ever can.
"""

from __future__ import annotations

import hashlib
import hmac
import re
import unicodedata
from functools import lru_cache
from typing import Final

import numpy as np
from numpy.typing import NDArray

from cautery.records.key import Secret

RUN_WORDS: Final = 5
"""Words of a run. Five are rarely shared by unrelated texts (docs/explanation/fingerprints.md has
the measured rates), and at one word in ten changed six runs in ten survive."""
WINDOW_RUNS: Final = 4
"""Runs in a window: two of five are kept, and eight words in a row are always found."""
MAX_CHARACTERS: Final = 4_000_000
"""Longest text that is fingerprinted whole: some million tokens; the rest is left out."""

# A word, or a single character of the scripts that put no space between words.
_UNIT: Final = re.compile(
    r"[\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0002ffff]"
    r"|[^\W_\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0002ffff]+"
)
_DIGEST_BYTES: Final = 8
_MULTIPLIER: Final = np.uint64(0x9E3779B97F4A7C15)
_SHIFT: Final = np.uint64(29)


def words_of(text: str) -> list[str]:
    """Split a text into words, without case, accents' encoding, spaces and punctuation.

    Args:
        text: Any text.

    Returns:
        Its words; characters of Chinese and Japanese count as words.

    Example:
        >>> words_of("Don't panic: 42 (\u6c34\u706b)")
        ['don', 't', 'panic', '42', '\u6c34', '\u706b']
    """
    plain = unicodedata.normalize("NFKC", text[:MAX_CHARACTERS]).casefold()
    return _UNIT.findall(plain)


def fingerprints(text: str, key: Secret) -> NDArray[np.int64]:
    """Compute the fingerprints of a text.

    Args:
        text: The text.
        key: The epoch's fingerprint key, at least 16 bytes.

    Returns:
        Its fingerprints, ascending, each once; none for fewer than ``RUN_WORDS`` words.
    """
    words = words_of(text)
    if len(words) < RUN_WORDS:
        return np.empty(0, dtype=np.int64)
    secret = key.reveal()[:64]
    kept = _winnowed(_run_hashes(words, secret))
    found = {
        hashlib.blake2b(
            "\x1f".join(words[at : at + RUN_WORDS]).encode("utf-8", "surrogatepass"),
            key=secret,
            digest_size=_DIGEST_BYTES,
            person=b"cautery-run",
        ).digest()
        for at in kept.tolist()
    }
    return np.sort(np.frombuffer(b"".join(found), dtype="<i8").astype(np.int64))


def commitment(text: str, key: Secret) -> bytes:
    """Commit to the exact bytes of a text.

    Args:
        text: The text.
        key: The epoch's fingerprint key.

    Returns:
        HMAC-SHA-256 of the text, 32 bytes: proves that a text is the one that was given out, to
        whoever holds the key, and tells nothing to anybody else.
    """
    content = text.encode("utf-8", errors="surrogatepass")
    return hmac.digest(key.reveal(), b"cautery-text\x00" + content, "sha256")


def _run_hashes(words: list[str], secret: bytes) -> NDArray[np.uint64]:
    """Hash every run of words, fast: these only choose which runs are kept."""
    hashes = np.fromiter(
        (_word_hash(word, secret) for word in words), dtype=np.uint64, count=len(words)
    )
    runs = hashes[: len(words) - RUN_WORDS + 1].copy()
    for place in range(1, RUN_WORDS):
        runs = runs * _MULTIPLIER + hashes[place : place + len(runs)]
    return (runs ^ (runs >> _SHIFT)) * _MULTIPLIER


@lru_cache(maxsize=1 << 16)
def _word_hash(word: str, secret: bytes) -> int:
    digest = hashlib.blake2b(word.encode("utf-8", "surrogatepass"), key=secret, digest_size=8)
    return int.from_bytes(digest.digest(), "little")


def _winnowed(hashes: NDArray[np.uint64]) -> NDArray[np.intp]:
    """Places of the smallest hash of each window; the last of equal ones, each place once."""
    width = min(WINDOW_RUNS, len(hashes))
    windows = np.lib.stride_tricks.sliding_window_view(hashes, width)
    last = width - 1 - np.argmin(windows[:, ::-1], axis=1)
    return np.unique(np.arange(len(windows)) + last)
