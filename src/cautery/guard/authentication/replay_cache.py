"""Remembers proofs that were used, in bounded memory, for as long as they could be used again."""

from __future__ import annotations

import hashlib
import threading
from collections import Counter
from dataclasses import dataclass, field
from typing import Final

_DIGEST_BYTES: Final = 16
"""A second proof of the same digest is made once in 2 ** 64 tries; its maker is who is refused."""
_SHARE: Final = 8


@dataclass(slots=True)
class _Span:
    """Proofs that were first seen within one span of time."""

    number: int
    seen: set[bytes] = field(default_factory=set)
    by_owner: Counter[str] = field(default_factory=Counter)


class ReplayCache:
    """Proofs of the last spans of time.

    A proof that is as old as the window is refused by its ``iat``, so what is forgotten with its
    span cannot come back. When the memory is full, new proofs are refused rather than old ones
    forgotten; and one owner may fill an eighth of it, so that nobody can lock the others out.

    Args:
        window_seconds: How long a proof could be used: its longest age and the skew of clocks.
        most_proofs: How many are remembered, about 100 bytes each.

    Example:
        >>> cache = ReplayCache(window_seconds=90, most_proofs=1_000)
        >>> cache.first_use("thumbprint", "jti-1", 0.0), cache.first_use("thumbprint", "jti-1", 5.0)
        (True, False)
    """

    def __init__(self, window_seconds: float, most_proofs: int = 1_000_000) -> None:
        self._window_seconds = window_seconds
        self._most_proofs = most_proofs
        self._most_of_one = max(1, most_proofs // _SHARE)
        self._old, self._new = _Span(number=-1), _Span(number=0)
        self._lock = threading.Lock()  # of two copies at the same moment, one is the second

    def first_use(self, owner: str, proof_id: str, now: float) -> bool:
        """Note a proof.

        Args:
            owner: Thumbprint of the key that signed it.
            proof_id: Its ``jti``.
            now: Seconds of the clock that proofs are dated by.

        Returns:
            Whether it was not seen before, and could be remembered.
        """
        digest = hashlib.blake2b(
            f"{len(owner)}:{owner}{proof_id}".encode(), digest_size=_DIGEST_BYTES
        ).digest()
        with self._lock:
            self._turn(int(now // self._window_seconds))
            if digest in self._new.seen or digest in self._old.seen:
                return False
            held = self._new.by_owner[owner] + self._old.by_owner[owner]
            if len(self) >= self._most_proofs or held >= self._most_of_one:
                return False
            self._new.seen.add(digest)
            self._new.by_owner[owner] += 1
        return True

    def __len__(self) -> int:
        return len(self._new.seen) + len(self._old.seen)

    def _turn(self, number: int) -> None:
        """Begin a new span; a clock that goes backwards forgets nothing."""
        if number <= self._new.number:
            return
        self._old = self._new if number == self._new.number + 1 else _Span(number=number - 1)
        self._new = _Span(number=number)
