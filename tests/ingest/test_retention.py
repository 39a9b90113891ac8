"""Retention: old logs leave a state for good, as wholes, by the time of the exchanges."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.ingest.daily_logs import Days, Heard, same
from tests.ingest.reading import NOW, lines_of

from cautery.errors import ConfigurationError, MalformedFileError
from cautery.ingest.incremental import read_new_logs
from cautery.ingest.options import IngestOptions
from cautery.ingest.retention import has_dropped
from cautery.ingest.state_documents import DROPPED_FILE
from cautery.ingest.table import ExchangeTable
from cautery.records.progress import SilentProgress


def of_day(day: int, *, hours: tuple[int, ...] = (8, 20)) -> bytes:
    """Make the log of a day of October."""
    return lines_of(
        [
            {
                "time_start": f"2026-10-{day:02d}T{hour:02d}:00:00Z",
                "account_id": f"acct-{day}",
                "input_text": f"please explain the number {day * hour} in a few short words",
            }
            for hour in hours
        ]
    )


@pytest.fixture
def days(tmp_path: Path) -> Days:
    """A folder with the logs of five days and a state beside it."""
    made = Days(tmp_path)
    for day in range(1, 6):
        (made.logs / f"{day}.jsonl").write_bytes(of_day(day))
    return made


def kept(days: Days, keep_days: int | None, heard: SilentProgress | None = None) -> ExchangeTable:
    """Read the whole folder into the state, and keep some days."""
    work = days.state.with_name(f"work-{len(list(days.state.parent.iterdir()))}")
    work.mkdir()
    options = IngestOptions(logs=(str(days.logs),), now=NOW)
    told = heard or SilentProgress()
    return read_new_logs(options, days.state, work, told, keep_days=keep_days)


def names_of(table: ExchangeTable) -> list[str]:
    """Name the logs of a table."""
    return [Path(file.name).name for file in table.files]


def test_what_is_kept_is_one_reading_of_the_rest(days: Days) -> None:
    """Two days before the newest exchange are kept, and the table is that of those logs alone."""
    heard = Heard()
    table = kept(days, 2, heard)
    assert heard.summary == "5 new logs, 0 known, 2 dropped, 6 exchanges"
    for day in (1, 2):
        (days.logs / f"{day}.jsonl").unlink()
    assert same(table, days.together())
    assert sorted(path.name for path in (days.state / "reads").iterdir()) == [
        "00003",
        "00004",
        "00005",
    ]


def test_a_dropped_log_is_known(days: Days) -> None:
    """A log that went is not read again, under its name or another, nor kept for want of days."""
    kept(days, 2)
    (days.logs / "1.jsonl").rename(days.logs / "renamed.jsonl")
    heard = Heard()
    assert kept(days, None, heard).rows == 6
    assert (heard.total, heard.summary) == (0, "0 new logs, 5 known, 6 exchanges")


def test_a_window_that_slides(days: Days) -> None:
    """Each day's scan holds the days before it, and none of what is older."""
    days.logs.joinpath("5.jsonl").rename(days.state.with_name("5.jsonl"))
    assert names_of(kept(days, 2)) == ["2.jsonl", "3.jsonl", "4.jsonl"]
    days.state.with_name("5.jsonl").rename(days.logs / "5.jsonl")
    assert names_of(kept(days, 2)) == ["3.jsonl", "4.jsonl", "5.jsonl"]


def test_the_edge_is_kept(days: Days) -> None:
    """An exchange exactly as old as the days that are kept stays, one of a second more goes."""
    newest = days.logs / "5.jsonl"
    newest.write_bytes(of_day(5, hours=(21,)))
    for path in days.logs.iterdir():
        if path != newest:
            path.unlink()
    (days.logs / "edge.jsonl").write_bytes(of_day(4, hours=(2, 21)))
    (days.logs / "over.jsonl").write_bytes(of_day(4, hours=(20,)).replace(b"20:00:00", b"20:59:59"))
    assert names_of(kept(days, 1)) == ["5.jsonl", "edge.jsonl"]


def test_a_log_without_exchanges_goes_with_none(days: Days) -> None:
    """A log in which nothing happened has no age, and its line that cannot be read is counted."""
    (days.logs / "0.jsonl").write_bytes(b"")
    assert "0.jsonl" in names_of(kept(days, 1))


def test_a_dropped_log_that_has_grown(days: Days) -> None:
    """Exchanges that were let go do not come back with those that were written since."""
    kept(days, 2)
    with (days.logs / "1.jsonl").open("ab") as stream:
        stream.write(of_day(1, hours=(23,)))
    with pytest.raises(MalformedFileError, match="has grown"):
        kept(days, 2)


def test_stopped_between_noting_and_removing(days: Days) -> None:
    """What was noted as dropped goes when the state is opened next, and is not read again."""
    kept(days, None)
    folder = days.state / "reads" / "00002"
    log = json.loads((folder / "reading.json").read_bytes())["log"]
    noted = {"schema": "cautery.dropped/1", "logs": [log]}
    (days.state / DROPPED_FILE).write_text(json.dumps(noted))
    assert kept(days, None).rows == 8
    assert not folder.exists()
    assert has_dropped(days.state)


@pytest.mark.parametrize(
    "content",
    [
        "{",
        "[]",
        '{"schema": "cautery.dropped/2", "logs": []}',
        '{"schema": "cautery.dropped/1", "logs": [{"path": 3}]}',
    ],
)
def test_a_damaged_list(days: Days, content: str) -> None:
    """A list of dropped logs that is damaged is refused, with what removing it would do."""
    kept(days, None)
    (days.state / DROPPED_FILE).write_text(content)
    with pytest.raises(ConfigurationError, match="damaged") as raised:
        kept(days, None)
    assert "read again" in raised.value.hint


@given(st.lists(st.integers(1, 28), min_size=1, max_size=6, unique=True), st.integers(1, 30))
def test_what_goes_is_told_by_the_exchanges(
    tmp_path_factory: pytest.TempPathFactory, some: list[int], keep_days: int
) -> None:
    """Whatever days there are, those stay that are at most so many days before the last."""
    made = Days(tmp_path_factory.mktemp("days"))
    for day in some:
        (made.logs / f"{day:02d}.jsonl").write_bytes(of_day(day, hours=(12,)))
    names = [f"{day:02d}.jsonl" for day in sorted(some) if day >= max(some) - keep_days]
    assert names_of(kept(made, keep_days)) == names
