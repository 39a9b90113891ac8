"""Tests of how a log is known again: by name and time or by content, and never counted twice."""

from __future__ import annotations

import gzip
import os
from pathlib import Path

import pytest
from tests.ingest.daily_logs import Days, Heard, same
from tests.ingest.reading import exchanges, lines_of

from cautery.errors import MalformedFileError


@pytest.fixture
def days(tmp_path: Path) -> Days:
    """A folder for daily logs, empty."""
    return Days(tmp_path)


def test_only_new_logs_are_read(days: Days) -> None:
    """Bytes of known logs are not read again, and the summary says how many there were."""
    first = days.write(1)
    days.read()
    heard = Heard()
    second = days.write(2, 7)
    table = days.read(heard=heard)
    assert heard.bytes == heard.total == second.stat().st_size
    assert heard.summary == "1 new logs, 1 known, 47 exchanges"
    assert [file.name for file in table.files] == [str(first), str(second)]
    heard = Heard()
    assert same(days.read(heard=heard), table)
    assert (heard.total, heard.bytes) == (0, 0)


def test_only_the_new_log_need_be_named(days: Days) -> None:
    """Logs that are not named stay in the table."""
    days.read(days.write(1))
    assert same(days.read(days.write(2)), days.together())


def test_a_renamed_log_is_known(days: Days) -> None:
    """A log that was moved is known by its content, and keeps the name it was read under."""
    log = days.write(1)
    days.read()
    log.rename(days.logs / "day-1-old.jsonl")
    heard = Heard()
    table = days.read(heard=heard)
    assert (heard.total, table.rows) == (0, 40)
    assert [file.name for file in table.files] == [str(log)]


def test_a_touched_log_is_known(days: Days) -> None:
    """A time of change alone makes no new log."""
    log = days.write(1)
    days.read()
    os.utime(log, ns=(1, 1))
    assert days.read().rows == 40


def test_the_same_content_counts_once(days: Days) -> None:
    """Two new names of one content are one log, in this scan and in the next."""
    log = days.write(1)
    (days.logs / "day-1-copy.jsonl").write_bytes(log.read_bytes())
    for _ in range(2):
        table = days.read()
        assert (table.rows, len(table.files)) == (40, 1)
    days.write(2)
    table = days.read()
    assert (table.rows, len(table.files)) == (80, 2)


def test_a_grown_log_is_an_error(days: Days) -> None:
    """New rows of a log that was read cannot be told from the old ones; nothing is read."""
    log = days.write(1)
    days.read()
    log.write_bytes(log.read_bytes() + lines_of(exchanges(5)))
    days.write(2)
    with pytest.raises(MalformedFileError, match="has grown") as caught:
        days.read()
    assert caught.value.where == str(log)
    assert "finished ones" in caught.value.hint
    log.unlink()
    assert days.read().rows == 80


def test_a_log_that_grows_while_it_is_read(days: Days) -> None:
    """What was appended in the middle is read, and the log is known for what was read of it."""
    log = days.write(1)

    class Appending(Heard):
        def advance(self, amount: int) -> None:
            if not self.bytes:
                with log.open("ab") as file:
                    file.write(lines_of(exchanges(10, 5000)))
            super().advance(amount)

    assert days.read(heard=Appending()).rows == 50
    assert days.read().rows == 50
    with log.open("ab") as file:
        file.write(lines_of(exchanges(1, 6000)))
    with pytest.raises(MalformedFileError, match="has grown"):
        days.read()


@pytest.mark.parametrize("count", [10, 40, 90])
def test_a_new_log_under_an_old_name_is_read(days: Days, count: int) -> None:
    """After rotation the old content is known under its new name and the new one is read."""
    log = days.write(1)
    days.read()
    log.rename(days.logs / "day-1.old.jsonl")
    log.write_bytes(lines_of(exchanges(count, 7000)))
    table = days.read()
    assert table.rows == 40 + count
    assert [file.name for file in table.files] == [str(log), str(log)]


def test_a_replaced_log_is_read(days: Days) -> None:
    """The same without the old one: what was read of it stays."""
    log = days.write(1)
    days.read()
    log.write_bytes(lines_of(exchanges(90, 7000)))
    assert days.read().rows == 130


@pytest.mark.parametrize("head", [b"", b"time_start,account_id\n"])
def test_a_log_without_exchanges_may_grow(days: Days, head: bytes) -> None:
    """From an empty log, or one of which nothing could be read, no row is counted twice."""
    log = days.logs / "day-1.jsonl"
    log.write_bytes(head)
    assert days.read(max_bad_share=1.0).rows == 0
    log.write_bytes(head + lines_of(exchanges(3)))
    assert days.read(max_bad_share=1.0).rows == 3


def test_packed_logs(days: Days) -> None:
    """Packed logs are known by their packed bytes."""
    for day in range(2):
        data = gzip.compress(lines_of(exchanges(20, 100 * day)), mtime=day)
        (days.logs / f"{day}.jsonl.gz").write_bytes(data)
        table = days.read()
    assert same(table, days.together())
    assert same(days.read(), table)


def test_the_state_is_no_log(days: Days) -> None:
    """A state inside the folder of logs does not read its own parts and rejected lines."""
    days.state = days.logs / "state"
    days.write(1, more=b"nonsense\n")
    first = days.read(max_bad_share=0.5)
    assert any(days.state.rglob("*.parquet"))
    assert same(days.read(max_bad_share=0.5), first)
    assert [file.name for file in first.files] == [str(days.logs / "day-1.jsonl")]


def test_a_log_that_is_gone_stays(days: Days) -> None:
    """Logs may be deleted once they are read."""
    log = days.write(1, more=b"nonsense\n")
    days.write(2)
    together = days.together(max_bad_share=0.5)
    days.read(max_bad_share=0.5)
    log.unlink()
    assert same(days.read(max_bad_share=0.5), together)
