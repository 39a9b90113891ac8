"""Tests of reading only what is new: the table is that of one reading of all logs together."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import pytest
from tests.ingest.daily_logs import Days, Heard, same
from tests.ingest.reading import NOW, exchanges, lines_of, rows_of

from cautery.errors import (
    ConfigurationError,
    MalformedFileError,
    OutputError,
    TooManyRejectedError,
    UsageError,
)
from cautery.ingest.incremental import read_new_logs
from cautery.ingest.options import IngestOptions
from cautery.ingest.period import Period
from cautery.ingest.table import RejectedShareError
from cautery.records.exchange import FULL_TEXT_ROWS, KEPT_TEXT_HASH
from cautery.records.progress import SilentProgress


@pytest.fixture
def days(tmp_path: Path) -> Days:
    """A folder for daily logs, empty."""
    return Days(tmp_path)


def test_day_after_day_is_all_together(days: Days) -> None:
    """Rows, files, coverage, notes and rejected lines are those of one reading of all logs."""
    odd = lines_of(
        [
            {"time_start": "2026-10-02 08:00:00", "account_id": "acct-3", "temperature": "warm"},
            {"time_start": "2026-10-02T09:00:00Z", "account_id": "sk-abcdefghijklmnopqrstuvwx"},
        ]
    )
    for day in (3, 1, 2):  # logs may come late
        days.write(day, 40 + day, more=odd + b"nonsense\n" * day)
        table = days.read(max_bad_share=0.5)
    assert table.rejected == 6
    assert len(table.notes) == 4
    assert same(table, days.together(max_bad_share=0.5))


def test_the_load_balancer_of_all_logs_is_told(days: Days) -> None:
    """Addresses are judged over all logs, whatever the single ones look like."""
    for day in range(3):
        records = exchanges(300 if day else 10, 1000 * day)
        if day:
            records = [{**record, "client_address": "10.0.0.3"} for record in records]
        (days.logs / f"{day}.jsonl").write_bytes(lines_of(records))
        table = days.read()
    assert table.switched_off
    assert same(table, days.together())


def test_standard_input_is_refused(days: Days) -> None:
    """What has no name cannot be known again; no state is made."""
    with pytest.raises(UsageError, match="standard input"):
        days.read("-", days.write(1))
    assert not days.state.exists()


@pytest.mark.parametrize("bound", ["since", "until"])
def test_a_period_is_refused(days: Days, bound: str) -> None:
    """A state holds whole logs; no state is made."""
    days.write(1)
    with pytest.raises(UsageError, match="--since and --until"):
        days.read(period=Period(**{bound: NOW}))
    assert not days.state.exists()


def test_a_state_at_a_link_that_goes_round(days: Days) -> None:
    """It is named, like any other place that holds no state."""
    days.write(1)
    days.state.symlink_to(days.state)
    with pytest.raises(OutputError, match="cannot keep the state: Too many levels"):
        days.read()


@pytest.mark.parametrize("content", [None, b"[map"])
def test_a_wrong_mapping_makes_no_state(days: Days, content: bytes | None) -> None:
    """A mapping that cannot be read is the error, as without a state."""
    days.write(1)
    mapping = days.logs / "map.toml"
    if content is not None:
        mapping.write_bytes(content)
    with pytest.raises(ConfigurationError, match=r"TOML|mapping file"):
        days.read(mapping=mapping)
    assert not days.state.exists()


def test_rejected_lines_are_judged_over_all_logs(days: Days) -> None:
    """One bad log is too much by itself and little among good ones; its rows are there anyway."""
    days.write(1, 90, more=b"nonsense\n" * 10)
    with pytest.raises(TooManyRejectedError, match=r"10 of 100 lines .* limit 1 %") as caught:
        days.read()
    assert isinstance(caught.value, RejectedShareError)
    assert caught.value.table.rows == 90
    days.write(2, 900, more=b"nonsense\n")
    table = days.read(max_bad_share=0.02)
    assert (table.rows, table.rejected) == (990, 11)
    assert table.rejected_path is not None
    bad = [json.loads(line) for line in table.rejected_path.read_bytes().splitlines()]
    assert [line["line"] for line in bad] == [*range(91, 101), 901]
    with pytest.raises(TooManyRejectedError, match="11 of 1,001 lines"):
        days.read()


def test_a_long_log_is_long_over_all_days(days: Days) -> None:
    """Once the state is long, prompts of new logs are sampled as those of one long log are."""
    days.write(1)
    assert rows_of(days.read(sample_text=True))["input_text"].null_count == 0
    path = days.state / "reads" / "00001" / "reading.json"
    document = json.loads(path.read_bytes())
    document["reading"]["coverage"]["rows"] = FULL_TEXT_ROWS
    path.write_text(json.dumps(document), encoding="utf-8")
    days.write(2, 200)
    rows = rows_of(days.read(sample_text=True)).slice(40).to_pylist()
    assert len(rows) == 200
    kept = [row["input_hash"] < KEPT_TEXT_HASH for row in rows]
    assert [row["input_text"] is not None for row in rows] == kept
    assert 0 < sum(kept) < 100


class Stopped(Exception):  # noqa: N818 - stands for a person at the keyboard
    """Somebody stops the scan."""


@pytest.mark.parametrize("after", [0, 1, 2])
def test_a_stopped_reading_goes_on(days: Days, after: int) -> None:
    """Logs that were read whole are not read again, the broken one is, and nothing is lost."""
    logs = [days.write(day) for day in range(3)]
    limit = sum(log.stat().st_size for log in logs[:after])

    class Stopping(Heard):
        def advance(self, amount: int) -> None:
            super().advance(amount)
            if self.bytes > limit:
                raise Stopped

    with pytest.raises(Stopped):
        days.read(heard=Stopping())
    heard = Heard()
    table = days.read(heard=heard)
    assert heard.total == sum(log.stat().st_size for log in logs[after:])
    assert same(table, days.together())
    assert sorted(path.name for path in (days.state / "reads").iterdir()) == [
        "00001",
        "00002",
        "00003",
    ]


def test_a_damaged_log_costs_only_itself(days: Days) -> None:
    """A log that is cut off is an error, and those before it are kept."""
    days.write(1)
    broken = days.logs / "day-2.jsonl.gz"
    whole = gzip.compress(lines_of(exchanges(2000)), mtime=0)
    broken.write_bytes(whole[: len(whole) // 2])
    with pytest.raises(MalformedFileError, match="cut off"):
        days.read()
    broken.write_bytes(whole)
    heard = Heard()
    table = days.read(heard=heard)
    assert heard.total == len(whole)
    assert same(table, days.together())


def test_a_disk_without_room_for_rejected_lines(days: Days, tmp_path: Path) -> None:
    """What cannot be written is an error of the output, not a traceback."""
    log = days.write(1, more=b"nonsense\n")
    options = IngestOptions(logs=(str(log),), now=NOW)
    with pytest.raises(OutputError, match="cannot keep the state"):
        read_new_logs(options, days.state, tmp_path / "nowhere", SilentProgress())
