"""The daily replay: each day sees what was known by its end, and no more."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from cautery.errors import NoInputError, UsageError
from cautery.ingest.table import ExchangeTable
from cautery.records.campaign import band_of
from cautery.records.case import CASE_SCHEMA, AccountSummary, Case, InputSummary, SignalUse, Tool
from cautery.records.progress import SilentProgress
from cautery.simulate.score_replay import as_known_at, replay, replay_days

EMPTY_CASE = Case(
    schema=CASE_SCHEMA,
    tool=Tool(name="fake", version="0", weights_version="0", calibration=""),
    input=InputSummary(
        files=(),
        exchanges=0,
        rejected=0,
        accounts=0,
        from_time="",
        to_time="",
        output_tokens=0,
        coverage=(),
        account_table_rows=0,
        release_table_rows=0,
    ),
    signals=SignalUse(used=(), missing=()),
    campaigns=(),
    permitted_groups=(),
    operators=(),
    near_misses=(),
    notes=(),
    accounts=(),
)


def day_time(day: int, hour: int) -> datetime:
    return datetime(2026, 3, day, hour, tzinfo=UTC)


def make_table(folder: Path) -> ExchangeTable:
    """Two parts, three days, rows out of order."""
    parts = []
    for number, times in enumerate(
        ([day_time(3, 1), day_time(1, 9)], [day_time(2, 23), day_time(1, 0), day_time(3, 23)])
    ):
        column = pa.array(times, pa.timestamp("us", tz="UTC"))
        path = folder / f"part-{number}.parquet"
        pq.write_table(pa.table({"time_start": column, "account_id": ["a"] * len(times)}), path)
        parts.append(path)
    return ExchangeTable(
        parts=tuple(parts),
        files=(),
        rows=5,
        rejected=0,
        rejected_path=None,
        coverage=(),
        switched_off=frozenset(),
        notes=(),
    )


class GrowingScan:
    """A scan whose chance for the one account rises with the exchanges it has seen."""

    def __init__(self) -> None:
        self.rows: list[int] = []
        self.latest: list[datetime] = []

    def __call__(self, table: ExchangeTable, accounts: Any, releases: Any) -> Case:
        assert (accounts, releases) == (None, None)
        times = [t for part in table.parts for t in pq.read_table(part)["time_start"].to_pylist()]
        self.rows.append(table.rows)
        self.latest.append(max(times))
        assert len(times) == table.rows
        chance = {2: 0.2, 3: 0.6, 5: 0.95}[table.rows]
        account = AccountSummary(
            account_id="a",
            campaign_id="",
            operator_id="",
            linked_probability=chance,
            distillation_probability=chance,
            permitted_use="",
            probability=chance,
            band=band_of(chance),
            exchanges=table.rows,
            output_tokens=0,
            first_seen="",
            last_seen="",
            top_reason="",
        )
        return replace(EMPTY_CASE, accounts=(account,))


def test_each_day_holds_everything_up_to_its_end(tmp_path: Path) -> None:
    """Rows grow day by day, and none lies after the day's end."""
    scan = GrowingScan()
    first, days = replay_days(
        make_table(tmp_path),
        None,
        None,
        scan_day=scan,
        work_folder=tmp_path,
        progress=SilentProgress(),
    )
    assert scan.rows == [2, 3, 5]
    assert [time.day for time in scan.latest] == [1, 2, 3]
    assert [day.listed for day in days] == [0, 0, 1]
    assert first["a"] == {"watch": day_time(3, 0), "likely": day_time(4, 0)}


def test_a_step_leaves_days_out_but_never_the_last(tmp_path: Path) -> None:
    """Every second day of three: the second and the last."""
    _, days = replay_days(
        make_table(tmp_path),
        None,
        None,
        scan_day=GrowingScan(),
        work_folder=tmp_path,
        progress=SilentProgress(),
        step_days=2,
    )
    assert [day.day for day in days] == ["2026-03-02", "2026-03-03"]


def test_the_account_table_knows_no_future() -> None:
    """Later sign-ups are gone, later closures are undone, earlier ones stay."""
    moments = pa.timestamp("us", tz="UTC")
    accounts = pa.table(
        {
            "account_id": ["early", "late", "closed", "closes"],
            "created_at": pa.array([day_time(1, 0), day_time(9, 0), None, None], moments),
            "status": ["active", "active", "closed", "closed"],
            "closed_at": pa.array([None, None, day_time(2, 0), day_time(8, 0)], moments),
        }
    )
    known = as_known_at(accounts, day_time(5, 0)).to_pylist()
    assert [row["account_id"] for row in known] == ["early", "closed", "closes"]
    assert [row["status"] for row in known] == ["active", "closed", "active"]
    assert [row["closed_at"] for row in known] == [None, day_time(2, 0), None]


def test_without_an_account_table_there_is_none() -> None:
    """Nothing stays nothing."""
    assert as_known_at(None, day_time(1, 0)) is None


def test_a_folder_without_a_log_is_named(tmp_path: Path) -> None:
    """The error says which folder to give."""
    with pytest.raises(NoInputError, match="cautery simulate"):
        replay(tmp_path, tmp_path / "out", SilentProgress())


def test_a_step_below_one_is_a_usage_error(tmp_path: Path) -> None:
    """Zero days is not a step."""
    with pytest.raises(UsageError, match="not a step"):
        replay(tmp_path, tmp_path / "out", SilentProgress(), step_days=0)
