"""Tests of reading times."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.ingest.reading import NOW

from cautery.errors import ConfigurationError, TimeUnitError
from cautery.ingest.findings import Findings, RecordRejected
from cautery.ingest.options import ReadOptions
from cautery.ingest.times import TimeReader

EIGHT = 1790841600_000_000
"""2026-10-01 08:00 UTC in microseconds."""


def clock(**changes: object) -> TimeReader:
    return TimeReader(ReadOptions(now=NOW, **changes))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "value",
    [
        "2026-10-01T08:00:00Z",
        "2026-10-01T10:00:00+02:00",
        "2026-10-01 08:00:00+00",
        "2026-10-01T08:00:00.000000000Z",
        "2026-10-01 08:00:00 UTC",
        " 2026-10-01T08:00:00Z ",
        "01/Oct/2026:10:00:00 +0200",
        "Thu, 01 Oct 2026 08:00:00 +0000",
        datetime(2026, 10, 1, 10, tzinfo=timezone(timedelta(hours=2))),
        1790841600,
        1790841600.0,
        "1790841600",
        "1790841600.000",
        1790841600_000,
        1790841600_000_000,
        1790841600_000_000_000,
        "1790841600000000000",
    ],
    ids=repr,
)
def test_spellings(value: object) -> None:
    """Every usual spelling and unit of a time is the same moment."""
    assert clock().read(value, "ts") == EIGHT


@given(
    moment=st.datetimes(
        datetime.fromisoformat("2015-01-01"),
        datetime.fromisoformat("2026-11-24"),
        timezones=st.just(UTC),
    )
)
def test_units_are_told_apart(moment: datetime) -> None:
    """Any possible time is read from any unit, and from its text, to the unit's precision."""
    microseconds = (moment - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(microseconds=1)
    reader = clock()
    assert reader.read(microseconds, "ts") == microseconds
    assert reader.read(microseconds * 1000, "ts") == microseconds
    assert reader.read(microseconds // 1000, "ts") == microseconds // 1000 * 1000
    assert reader.read(microseconds // 10**6, "ts") == microseconds // 10**6 * 10**6
    assert reader.read(moment.isoformat(), "ts") == microseconds


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        (None, "time missing"),
        ("", "time missing"),
        ("yesterday", "time not readable"),
        ("9" * 500, "time not readable"),
        ([1], "time not readable"),
        (True, "time not readable"),
        (float("nan"), "time not readable"),
        (float("inf"), "time not readable"),
        (1000, "time impossible"),
        ("2014-12-31T00:00:00Z", "time impossible"),
        ("2026-11-26T00:00:00Z", "time impossible"),
        ("9999-12-31T23:59:59Z", "time impossible"),
    ],
    ids=repr,
)
def test_rejected(value: object, reason: str) -> None:
    """What is no possible time rejects its record with a fixed phrase."""
    with pytest.raises(RecordRejected, match=reason):
        clock().read(value, "ts")


def test_clock_may_be_a_day_ahead() -> None:
    """A gateway's clock may be up to a day ahead of ours."""
    assert clock().read("2026-11-24T23:00:00Z", "ts")


def test_optional_times_are_counted() -> None:
    """An optional time that cannot be read is missing and counted."""
    findings = Findings()
    reader = clock(findings=findings)
    assert reader.read_optional(None, "time_end") is None
    assert reader.read_optional("soon", "time_end") is None
    assert reader.read_optional(1790841600, "time_end") == EIGHT
    assert findings.unreadable == {"time_end": 1}


def test_zone_of_the_format_needs_no_warning() -> None:
    """A zone that the format promises is used without a warning; the caller's one with."""
    findings = Findings()
    reader = clock(findings=findings, time_zone="America/New_York")
    assert reader.read("2026-10-01 08:00:00", "ts", zone=UTC) == EIGHT
    assert not findings.without_zone
    assert reader.read("2026-10-01 04:00:00", "ts") == EIGHT
    assert findings.without_zone == {"ts": 1}


def test_unknown_zone() -> None:
    """A zone that does not exist is an error of the call."""
    for name in ("Mars/Olympus", "../../etc/passwd", ""):
        with pytest.raises(ConfigurationError, match="no time zone"):
            clock(time_zone=name)


def test_all_impossible_is_an_error_of_the_file() -> None:
    """If no time of a file is possible, its end says so; one good time is enough for silence."""
    reader = clock()
    for _ in range(3):
        with pytest.raises(RecordRejected):
            reader.read(5, "ts")
    with pytest.raises(TimeUnitError, match=r"'ts' = 5 reads as year 1970 in seconds\. No unit"):
        reader.check()
    reader.read(1790841600, "ts")
    reader.check()


def test_a_thousand_impossible_times_end_the_reading() -> None:
    """A file of a wrong unit ends after a thousand records, not after a day."""
    reader = clock(time_unit="ms")
    for _ in range(999):
        with pytest.raises(RecordRejected):
            reader.read(1790841600, "ts")
    with pytest.raises(TimeUnitError, match="Use --time-unit s"):
        reader.read(1790841600, "ts")
