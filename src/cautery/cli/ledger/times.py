"""Dates and times on the command line."""

from __future__ import annotations

from datetime import UTC, datetime

from cautery.errors import UsageError


def read_moment(text: str) -> datetime:
    """Read a date or time; UTC if it names no zone.

    Raises:
        UsageError: It is none.
    """
    try:
        moment = datetime.fromisoformat(text)
        return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise UsageError(
            f"'{text}' is no date or time", hint="Write 2026-11-29 or 2026-11-29T12:00:00Z."
        ) from error
