"""Keeps what could not be read, with file, line and reason, in ``rejected.jsonl``."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

import msgspec

if TYPE_CHECKING:
    from pathlib import Path

SHOWN_CHARACTERS: Final = 200
"""How much of a rejected line is kept: enough to recognise it."""
SHOWN_BYTES: Final = 4 * SHOWN_CHARACTERS
"""A character takes four bytes at most, so cutting the bytes first bounds the decoding."""
REJECTED_FILE_NAME: Final = "rejected.jsonl"


@dataclass(slots=True, kw_only=True)
class RejectCounts:
    """How many records were rejected, and why; reasons are fixed phrases, so this stays small."""

    count: int = 0
    reasons: Counter[str] = field(default_factory=Counter)
    first: dict[str, str] = field(default_factory=dict)
    """``file:line`` of the first record of each reason."""

    def merge(self, other: RejectCounts) -> None:
        """Add what was rejected of other logs.

        Args:
            other: Their counts.
        """
        self.count += other.count
        self.reasons.update(other.reasons)
        self.first = {**other.first, **self.first}

    def document(self) -> dict[str, Any]:
        """Give the counts as objects that JSON can hold."""
        return {"count": self.count, "reasons": dict(self.reasons), "first": self.first}

    @classmethod
    def of(cls, document: Any) -> RejectCounts:
        """Read what ``document`` gave."""
        return cls(
            count=int(document["count"]),
            reasons=Counter(document["reasons"]),
            first=dict(document["first"]),
        )


class RejectLog:
    """Writes one object per rejected record; makes no file if there is none.

    Args:
        path: The file to write.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._file: Any = None
        self.counts = RejectCounts()

    def add(self, file: str, line: int, reason: str, raw: bytes) -> None:
        """Keep one record.

        Args:
            file: Name of the log.
            line: Line, or row for Parquet.
            reason: Why it could not be read.
            raw: The record as it stands there.
        """
        self.counts.count += 1
        self.counts.reasons[reason] += 1
        self.counts.first.setdefault(reason, f"{file}:{line}")
        if self._file is None:
            self._file = self._path.open("wb")
        self._file.write(rejected_line(file, line, reason, raw))

    def close(self) -> Path | None:
        """Close the file.

        Returns:
            Its path; None if nothing was rejected.
        """
        if self._file is None:
            return None
        self._file.close()
        return self._path


def rejected_line(file: str, line: int | None, reason: str, raw: bytes) -> bytes:
    """Write one rejected record as a line of ``rejected.jsonl``.

    Args:
        file: Name of the log.
        line: Line, or row for Parquet; None where rows have no order.
        reason: Why it could not be read.
        raw: The record as it stands there.

    Returns:
        JSON and the end of the line.
    """
    text = raw[:SHOWN_BYTES].decode("utf-8", "replace")[:SHOWN_CHARACTERS]
    record = {"file": file, "line": line, "reason": reason, "text": text.rstrip("\r\n")}
    return msgspec.json.encode(record) + b"\n"


def rejected_sentence(log: RejectCounts, records: int, max_bad_share: float) -> str:
    """Say how many records were rejected, why, and where they are kept.

    Args:
        log: What was rejected.
        records: All records, read and rejected.
        max_bad_share: The caller's limit.

    Returns:
        A warning, as ux.md section 6 words it.
    """
    share = log.count / records if records else 0.0
    parts = []
    for place, (reason, count) in enumerate(
        sorted(log.reasons.items(), key=lambda item: (-item[1], item[0]))
    ):
        first = f" (first: {log.first[reason]})" if place == 0 else ""
        parts.append(f"{count:,} '{reason}'{first}")
    return (
        f"warning: {log.count:,} of {records:,} lines rejected ({100 * share:.1f} %): "
        f"{', '.join(parts)}. Kept in {REJECTED_FILE_NAME}. "
        f"Limit {100 * max_bad_share:g} % (--max-bad)."
    )
