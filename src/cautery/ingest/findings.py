"""What a reader finds out about a file besides its rows: counts, not data, so that it stays small.

Reasons are fixed phrases of the readers, never text from the log: their number is bounded.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import Final

NOT_JSON: Final = "not JSON"
NOT_AN_OBJECT: Final = "not a JSON object"
TOO_LONG: Final = "line too long"
TOO_DEEP: Final = "nested too deep"
TIME_MISSING: Final = "time missing"
TIME_UNREADABLE: Final = "time not readable"
TIME_IMPOSSIBLE: Final = "time impossible"
ACCOUNT_MISSING: Final = "account missing"


class RecordRejected(Exception):  # noqa: N818 - control flow inside the readers, never leaves them
    """A record cannot be an exchange; the reader hands it to ``reject`` and goes on."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(slots=True, kw_only=True)
class Findings:
    """Counts that a reader keeps while it reads one file."""

    accepted: int = 0
    """Records that became rows."""
    rejected: Counter[str] = field(default_factory=Counter)
    """Rejected records by reason."""
    skipped: Counter[str] = field(default_factory=Counter)
    """Records that are no exchanges at all, such as spans of a database, by kind."""
    unreadable: Counter[str] = field(default_factory=Counter)
    """Values of optional columns that had to be read as missing, by column."""
    repaired: int = 0
    """Lines that were not strict JSON and could be read after a repair."""
    without_zone: Counter[str] = field(default_factory=Counter)
    """Times without a zone, by field."""
    hidden_keys: int = 0
    """Raw credentials that were replaced by a one-way digest."""
    notes: list[str] = field(default_factory=list)
    """Sentences about this file."""
    columns_seen: tuple[str, ...] = ()
    """Field names of the first record without an account."""
    possible_times: int = 0
    """Times of records that fell into the years of logs."""
    impossible_times: int = 0
    """Times that did not."""
    first_impossible: tuple[str, float] | None = None
    """Field and number of the first of them."""

    @property
    def records(self) -> int:
        """Records met so far: accepted, rejected and skipped ones."""
        return self.accepted + self.rejected.total() + self.skipped.total()

    def add(self, other: Findings) -> None:
        """Add the counts of another file.

        Args:
            other: What its reader found.
        """
        self.accepted += other.accepted
        self.repaired += other.repaired
        self.hidden_keys += other.hidden_keys
        self.rejected.update(other.rejected)
        self.skipped.update(other.skipped)
        self.unreadable.update(other.unreadable)
        self.without_zone.update(other.without_zone)
        self.notes.extend(note for note in other.notes if note not in self.notes)
