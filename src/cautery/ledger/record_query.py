"""What to ask a ledger for."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from cautery.ledger.commitments import LedgerRecord

INDEXED_FIELDS: Final = ("account_id", "campaign_id", "decision_id", "request_id")
"""Members of a record by which it is found."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordQuery:
    """Which records are wanted: those that fit everything that is given."""

    kind: str = ""
    """What they are; empty for any kind."""
    account_id: str = ""
    """The account that they are about."""
    campaign_id: str = ""
    """The campaign that they are about."""
    decision_id: str = ""
    """The decision that they are."""
    request_id: str = ""
    """The request that they are about."""
    since: datetime | None = None
    """Written at this time or later."""
    until: datetime | None = None
    """Written before this time."""
    newest_first: bool = False
    """Whether to begin at the end."""

    def wants(self, found: LedgerRecord) -> bool:
        """Say whether a record is wanted."""
        return (
            (not self.kind or found.kind == self.kind)
            and all(found.record.get(name) == value for name, value in self.fields())
            and (self.since is None or found.written_at >= self.since)
            and (self.until is None or found.written_at < self.until)
        )

    def fields(self) -> list[tuple[str, str]]:
        """Give the identifiers that are asked for."""
        named = [(name, getattr(self, name)) for name in INDEXED_FIELDS]
        return [(name, value) for name, value in named if value]
