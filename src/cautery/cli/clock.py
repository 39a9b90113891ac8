"""The clock of verbs whose work depends on the day, in one place that a test can set."""

from __future__ import annotations

from datetime import UTC, datetime


def now() -> datetime:
    """Tell the time.

    Returns:
        UTC.
    """
    return datetime.now(UTC)
