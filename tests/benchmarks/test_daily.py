"""The benchmark of the scan of day N cuts a log into its days and lays its figures out."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
from benchmarks.daily import cut_by_day, table_lines


def test_every_row_is_in_the_file_of_its_day(tmp_path: Path) -> None:
    """Days come in order, and no row is lost at midnight."""
    begin = datetime(2026, 8, 3, tzinfo=UTC)
    hours = [47, 0, 23, 24, 71]
    times = pa.array([begin + timedelta(hours=hour) for hour in hours], pa.timestamp("us", "UTC"))
    pq.write_table(pa.table({"time_start": times, "hour": hours}), tmp_path / "log.parquet")
    days = cut_by_day(tmp_path / "log.parquet", tmp_path / "days")
    assert [path.name for path in days] == [f"2026-08-0{day}.parquet" for day in (3, 4, 5)]
    assert [pq.read_table(path)["hour"].to_pylist() for path in days] == [[0, 23], [47, 24], [71]]


def test_days_without_other_scans_leave_cells_empty() -> None:
    """A day that was scanned one way only has one figure."""
    row = {"day": 2, "of_day": 1_000, "exchanges": 2_500, "with_state": 8.5}
    line = table_lines([row | {"state_bytes": 6_075_562, "sums_bytes": 2_197_195}])[-1]
    assert line == "| 2 | 1,000 | 2,500 | 8.5 |  |  | 6 | 2 |"
