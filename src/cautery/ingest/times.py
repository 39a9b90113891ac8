"""Reads the times of one log: any usual spelling, unit and zone, to microseconds since 1970.

A number has no unit written on it. The four usual units differ by a thousand each, so a time
between 2015 and tomorrow can be read in one of them only: that is how ``auto`` tells them apart.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, tzinfo
from typing import Any, Final
from zoneinfo import ZoneInfo

from cautery.errors import ConfigurationError, TimeUnitError
from cautery.ingest.coerce import as_float
from cautery.ingest.findings import (
    TIME_IMPOSSIBLE,
    TIME_MISSING,
    TIME_UNREADABLE,
    RecordRejected,
)
from cautery.ingest.mapping import TimeUnit
from cautery.ingest.options import ReadOptions

EARLIEST: Final = datetime(2015, 1, 1, tzinfo=UTC)
"""No served language model is older; a time before this is a wrong unit or a broken clock."""
LATEST_AHEAD: Final = timedelta(days=1)
"""How far a gateway's clock may be ahead of ours."""
FIRST_LOOK_RECORDS: Final = 1000
"""If none of so many times is possible, the unit is wrong and not the lines."""

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND: Final = timedelta(microseconds=1)
_PER_UNIT: Final[dict[str, float]] = {"s": 1e6, "ms": 1e3, "us": 1.0, "ns": 1e-3}
_UNIT_WORDS: Final[dict[str, str]] = {
    "s": "seconds",
    "ms": "milliseconds",
    "us": "microseconds",
    "ns": "nanoseconds",
}
_NUMBER: Final = re.compile(r"\s*-?\d{9,20}(?:\.\d{1,12})?\s*\Z")
_SECONDS_A_YEAR: Final = 31_556_952
_OTHER_SPELLINGS: Final = ("%d/%b/%Y:%H:%M:%S %z", "%a, %d %b %Y %H:%M:%S %z")
_LONGEST_TIME_CHARACTERS: Final = 64


class TimeReader:
    """Reads the times of one file and keeps count of what is odd about them.

    Args:
        options: Zone, unit and clock.
        earliest: Times before it are impossible.

    Raises:
        ConfigurationError: There is no such time zone.

    Example:
        >>> clock = TimeReader(ReadOptions(now=datetime(2026, 11, 24, tzinfo=UTC)))
        >>> clock.read(1759276800000, "ts") == clock.read("2025-10-01T00:00:00Z", "ts")
        True
    """

    def __init__(self, options: ReadOptions, *, earliest: datetime = EARLIEST) -> None:
        self._unit: TimeUnit = options.time_unit
        self._zone = zone_of(options.time_zone)
        self._findings = options.findings
        self._file = options.file_name
        self.earliest = (earliest - _EPOCH) // _MICROSECOND
        self.latest = (options.now.astimezone(UTC) + LATEST_AHEAD - _EPOCH) // _MICROSECOND
        self._is_block = options.block_first_line is not None

    def read(self, value: Any, field: str, *, zone: tzinfo | None = None) -> int:
        """Read a time that a record must have.

        Args:
            value: Number, numeric text, ISO 8601 text or datetime.
            field: Name of the field, for messages.
            zone: Zone that the format itself promises for times that name none.

        Returns:
            Microseconds since 1970, UTC.

        Raises:
            RecordRejected: It is missing, not a time, or impossible.
            TimeUnitError: None of the first times of the file is possible.
        """
        if value is None or value == "":
            raise RecordRejected(TIME_MISSING)
        microseconds = self._microseconds(value, field, zone)
        if microseconds is None:
            raise RecordRejected(TIME_UNREADABLE)
        if not self.earliest <= microseconds <= self.latest:
            number = as_float(value)
            self.count_impossible(field, microseconds / 1e6 if number is None else number)
            raise RecordRejected(TIME_IMPOSSIBLE)
        self._findings.possible_times += 1
        return microseconds

    def read_optional(self, value: Any, field: str, *, zone: tzinfo | None = None) -> int | None:
        """Read a time that a record may lack; None if it is missing, unreadable or impossible."""
        if value is None or value == "":
            return None
        microseconds = self._microseconds(value, field, zone)
        if microseconds is None or not self.earliest <= microseconds <= self.latest:
            self._findings.unreadable[field] += 1
            return None
        return microseconds

    def peek(self, value: Any, zone: tzinfo) -> int | None:
        """Read a time without judging or counting it.

        Args:
            value: As for ``read``.
            zone: Zone of times that name none.

        Returns:
            Microseconds since 1970, UTC; None if it is no time.
        """
        return self._microseconds(value, "", zone)

    def check(self) -> None:
        """Complain, at the end of the file, if no time in it was possible.

        A block of lines is not the end of a file: whoever cut it checks the whole.

        Raises:
            TimeUnitError: There were times, and none was possible.
        """
        first = self._findings.first_impossible
        if first is not None and not self._findings.possible_times and not self._is_block:
            raise self._error(*first)

    def _microseconds(self, value: Any, field: str, zone: tzinfo | None) -> int | None:
        if isinstance(value, str):
            # A date such as 2026-10-01 is no number, and most times begin with one.
            is_date = value[4:5] == "-" and value[7:8] == "-"
            if is_date or not _NUMBER.match(value):
                return self._from_text(value, field, zone)
            value = int(value) if value.strip().isdigit() else as_float(value)
        if isinstance(value, datetime):
            return self._from_datetime(value, field, zone)
        if isinstance(value, bool) or not isinstance(value, int | float):
            return None
        return self._from_number(value)

    def _from_text(self, text: str, field: str, zone: tzinfo | None) -> int | None:
        try:
            return self._from_datetime(datetime.fromisoformat(text), field, zone)
        except ValueError:
            pass
        if len(text) > _LONGEST_TIME_CHARACTERS:
            return None
        plain = text.strip().removesuffix("UTC").removesuffix("GMT").rstrip()
        if plain != text:
            default = UTC if plain != text.strip() else zone
            try:
                return self._from_datetime(datetime.fromisoformat(plain), field, default)
            except ValueError:
                pass
        for spelling in _OTHER_SPELLINGS:
            try:
                return self._from_datetime(
                    datetime.strptime(text, spelling),  # noqa: DTZ007 - both spellings have %z
                    field,
                    zone,
                )
            except ValueError:
                continue
        return None

    def _from_datetime(self, moment: datetime, field: str, zone: tzinfo | None) -> int | None:
        if moment.tzinfo is None:
            if zone is None:
                self._findings.without_zone[field] += 1
            moment = moment.replace(tzinfo=zone or self._zone)
        try:
            return (moment - _EPOCH) // _MICROSECOND
        except OverflowError:
            return None

    def _from_number(self, number: float) -> int | None:
        if number != number or abs(number) > 1e25:  # noqa: PLR0124 - the test for NaN
            return None
        if self._unit != "auto":
            return _scaled(number, self._unit)
        for unit in _PER_UNIT:
            microseconds = _scaled(number, unit)
            if self.earliest <= microseconds <= self.latest:
                return microseconds
        return _scaled(number, "s")

    def count_possible(self, count: int) -> None:
        """Count times that the caller found possible itself, by whole columns."""
        self._findings.possible_times += count

    def count_impossible(self, field: str, number: float) -> None:
        """Count one impossible time.

        Args:
            field: Name of the field.
            number: The time as it stands in the log, for the message.

        Raises:
            TimeUnitError: None of the first times of the file is possible.
        """
        self._findings.impossible_times += 1
        findings = self._findings
        findings.first_impossible = findings.first_impossible or (field, number)
        if not findings.possible_times and findings.impossible_times >= FIRST_LOOK_RECORDS:
            raise self._error(*findings.first_impossible)

    def _error(self, field: str, number: float) -> TimeUnitError:
        unit = "s" if self._unit == "auto" else self._unit
        year = 1970 + int(_scaled(number, unit) / 1e6 / _SECONDS_A_YEAR)
        fits = [name for name in _PER_UNIT if self.earliest <= _scaled(number, name) <= self.latest]
        return TimeUnitError(
            f"'{field}' = {number:.15g} reads as year {year} in {_UNIT_WORDS[unit]}",
            where=self._file,
            hint=f"Use --time-unit {fits[0]}."
            if fits
            else "No unit makes it a time between 2015 and tomorrow. Name another field for the "
            "time in a mapping file (--mapping).",
        )


def _scaled(number: float, unit: str) -> int:
    """Microseconds of a number in a unit; whole numbers keep every digit."""
    if isinstance(number, int):
        return number // 1000 if unit == "ns" else number * int(_PER_UNIT[unit])
    return round(number * _PER_UNIT[unit])


def zone_of(name: str) -> tzinfo:
    """Find a time zone.

    Args:
        name: Its name in the IANA database, or UTC.

    Returns:
        The zone.

    Raises:
        ConfigurationError: There is none of that name.
    """
    try:
        return UTC if name.upper() == "UTC" else ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        raise ConfigurationError(
            f"there is no time zone '{name}'", hint="Use a name such as Europe/Berlin or UTC."
        ) from None
