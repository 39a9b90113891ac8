"""One identity document verifies one organisation in ninety days; who used one twice."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final, Literal

from cautery.errors import ConfigurationError

COLUMNS: Final = ("document_id", "org_id", "verified_at")
MAX_ROWS: Final = 2_000_000
DocumentState = Literal["", "single", "reused"]
"""Unknown; verified by a document that counts; only by documents that verified another one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentUse:
    """An organisation was verified by a document."""

    document_id: str
    """Keyed digest of the document, never its number."""
    org_id: str
    """The organisation."""
    verified_at: datetime
    """When; UTC."""


class DocumentRegister:
    """Since when each organisation is verified, and which only by somebody else's document.

    A use counts unless the same document has, within ``days`` before, verified another
    organisation by a use that counts. Uses at the same time go by the name of the organisation.

    Args:
        uses: All uses, in any order.
        days: For how long one document verifies one organisation.

    Example:
        >>> day = datetime(2026, 11, 1, tzinfo=UTC)
        >>> use = DocumentUse(document_id="d", org_id="first", verified_at=day)
        >>> again = DocumentUse(document_id="d", org_id="second", verified_at=day + timedelta(89))
        >>> register = DocumentRegister([use, again], days=90)
        >>> [register.state(name, day + timedelta(days=200)) for name in ("first", "second")]
        ['single', 'reused']
    """

    def __init__(self, uses: Iterable[DocumentUse], days: int) -> None:
        self._counted: dict[str, datetime] = {}
        self._refused: dict[str, datetime] = {}
        holders: dict[str, DocumentUse] = {}
        window = timedelta(days=days)
        for use in sorted(uses, key=lambda use: (use.verified_at, use.org_id, use.document_id)):
            holder = holders.get(use.document_id)
            other = holder is not None and holder.org_id != use.org_id
            if holder is not None and other and use.verified_at - holder.verified_at < window:
                self._refused.setdefault(use.org_id, use.verified_at)
            else:
                holders[use.document_id] = use
                self._counted.setdefault(use.org_id, use.verified_at)

    def state(self, org_id: str, at: datetime) -> DocumentState:
        """Say what the register knows of an organisation.

        Args:
            org_id: The organisation, empty if unknown.
            at: As of when; UTC.

        Returns:
            Its state.
        """
        counted = self._counted.get(org_id)
        if counted is not None and counted <= at:
            return "single"
        refused = self._refused.get(org_id)
        return "reused" if refused is not None and refused <= at else ""


def read_documents(text: str, name: str) -> list[DocumentUse]:
    """Read the register.

    Args:
        text: CSV with ``document_id,org_id,verified_at``; times as in ISO 8601, UTC if bare.
        name: Name of the file, for messages.

    Returns:
        The uses, in the order of the file.

    Raises:
        ConfigurationError: A column or a value is missing or wrong; names the line.
    """
    rows = csv.DictReader(text.splitlines())
    missing = [column for column in COLUMNS if column not in (rows.fieldnames or ())]
    if missing:
        raise ConfigurationError(f"the register has no column '{missing[0]}'", where=f"{name}:1")
    uses: list[DocumentUse] = []
    try:
        for row in rows:
            if len(uses) == MAX_ROWS:
                raise ConfigurationError(f"more than {MAX_ROWS:,} rows", where=name)
            uses.append(_read_use(row, f"{name}:{rows.line_num}"))
    except csv.Error as error:
        raise ConfigurationError(f"not CSV: {error}", where=f"{name}:{rows.line_num}") from error
    return uses


def _read_use(row: Mapping[str, str | None], where: str) -> DocumentUse:
    document, organisation, moment = ((row[column] or "").strip() for column in COLUMNS)
    if not (document and organisation):
        raise ConfigurationError("a row needs document_id and org_id", where=where)
    try:
        at = datetime.fromisoformat(moment)
        at = at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise ConfigurationError(f"verified_at is no time: '{moment[:40]}'", where=where) from error
    return DocumentUse(document_id=document, org_id=organisation, verified_at=at)
