"""The period of a log that is looked at."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from cautery.errors import UsageError


@dataclass(frozen=True, slots=True, kw_only=True)
class Period:
    """From a moment on, up to another and without it; None for no bound."""

    since: datetime | None = None
    until: datetime | None = None

    @property
    def bounded(self) -> bool:
        """Whether there is any bound."""
        return self.since is not None or self.until is not None

    def keep(self, batch: Any) -> Any:
        """Leave out the exchanges that began outside.

        Args:
            batch: A batch with ``time_start``.

        Returns:
            The batch, or the part of it that lies inside.
        """
        times = batch.column("time_start").cast(pa.int64())
        inside = None
        if self.since is not None:
            inside = pc.greater_equal(times, _microseconds(self.since))
        if self.until is not None:
            before = pc.less(times, _microseconds(self.until))
            inside = before if inside is None else pc.and_(inside, before)
        return batch if inside is None else batch.filter(inside)


def _microseconds(moment: datetime) -> int:
    passed = moment - datetime(1970, 1, 1, tzinfo=UTC)
    return (passed.days * 86_400 + passed.seconds) * 1_000_000 + passed.microseconds


def read_period(since: str | None, until: str | None, zone: tzinfo) -> Period:
    """Read a period as people write it.

    Args:
        since: A date, which means its midnight, or a time, in the forms of ISO 8601.
        until: The same; the period ends before it.
        zone: Zone of what names none.

    Returns:
        The period.

    Raises:
        UsageError: A bound cannot be read, or nothing lies between the two.

    Example:
        >>> read_period("2026-11-02", None, UTC).since.isoformat()
        '2026-11-02T00:00:00+00:00'
    """
    begin, end = _moment(since, "--since", zone), _moment(until, "--until", zone)
    if begin is not None and end is not None and begin >= end:
        raise UsageError(
            f"nothing lies between {since} and {until}",
            where="--until",
            hint="The period ends before --until; for one day give the next day.",
        )
    return Period(since=begin, until=end)


def _moment(text: str | None, option: str, zone: tzinfo) -> datetime | None:
    if text is None:
        return None
    try:
        moment = datetime.fromisoformat(text.strip())
        return moment if moment.tzinfo is not None else moment.replace(tzinfo=zone)
    except (ValueError, OverflowError):
        raise UsageError(
            f"'{text[:40]}' is not a time",
            where=option,
            hint="Write 2026-11-25 or 2026-11-25T08:00:00Z.",
        ) from None
