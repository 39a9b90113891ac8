"""A scan may look at a period of a log."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.ingest.reading import exchanges, json_lines

from cautery.errors import UsageError
from cautery.ingest.options import IngestOptions
from cautery.ingest.period import Period, read_period
from cautery.ingest.read import read_logs
from cautery.records.progress import SilentProgress

MOMENTS = st.integers(0, 365 * 86_400 * 10**6).map(
    lambda passed: datetime(2026, 1, 1, tzinfo=UTC) + timedelta(microseconds=passed)
)
BOUNDS = st.none() | MOMENTS


def starts(moments: list[datetime]) -> pa.RecordBatch:
    column = pa.array(moments, pa.timestamp("us", tz="UTC"))
    return pa.RecordBatch.from_arrays([column], names=["time_start"])


@given(st.lists(MOMENTS), BOUNDS, BOUNDS)
def test_what_began_inside_stays(
    moments: list[datetime], since: datetime | None, until: datetime | None
) -> None:
    """The first bound belongs to the period and the second does not."""
    kept = Period(since=since, until=until).keep(starts(moments))
    assert kept.column("time_start").to_pylist() == [
        moment
        for moment in moments
        if (since is None or moment >= since) and (until is None or moment < until)
    ]


def test_two_periods_that_meet_share_nothing() -> None:
    """An exchange at the very bound is in the later one alone."""
    bound = datetime(2026, 3, 1, tzinfo=UTC)
    batch = starts([bound - timedelta(microseconds=1), bound])
    before, after = Period(until=bound).keep(batch), Period(since=bound).keep(batch)
    assert (before.num_rows, after.num_rows) == (1, 1)


def test_a_date_is_its_midnight_in_the_zone_given() -> None:
    """Without a zone of its own a bound is in that of ``--tz``; with one it keeps it."""
    berlin = ZoneInfo("Europe/Berlin")
    period = read_period("2026-07-01", "2026-07-02T12:00:00Z", berlin)
    assert period.since == datetime(2026, 6, 30, 22, tzinfo=UTC)
    assert period.until == datetime(2026, 7, 2, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("since", "until", "said"),
    [
        ("yesterday", None, "'yesterday' is not a time"),
        (None, "2026-13-01", "is not a time"),
        ("", None, "is not a time"),
        ("2026-07-02", "2026-07-02", "nothing lies between"),
        ("2026-07-03", "2026-07-02", "nothing lies between"),
        ("\x1b[31m" * 99, None, "is not a time"),
    ],
)
def test_wrong_bounds(since: str | None, until: str | None, said: str) -> None:
    """What cannot be meant is refused in one sentence."""
    with pytest.raises(UsageError, match=said):
        read_period(since, until, UTC)


def test_what_is_left_out_is_counted(tmp_path: Path) -> None:
    """The rest of the log is neither read nor rejected, and a note says how much it is."""
    log = tmp_path / "log.jsonl"
    log.write_bytes(json_lines(*exchanges(120)))
    options = IngestOptions(
        logs=(str(log),),
        period=read_period("2026-10-01T00:00:30Z", "2026-10-01T00:01:40Z", UTC),
        now=datetime(2026, 11, 25, tzinfo=UTC),
    )
    (tmp_path / "work").mkdir()
    table = read_logs(options, tmp_path / "work", SilentProgress())
    assert (table.rows, table.rejected, table.files[0].lines) == (70, 0, 120)
    assert "note: 50 exchanges outside the period left out." in table.notes
