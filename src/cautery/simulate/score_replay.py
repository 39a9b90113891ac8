"""Replay a log day by day: when would the scan have told somebody?

Day k is scanned as if it were today: everything up to its end is in the log, and the account
table knows no later sign-up and no later closure.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from cautery.errors import NoInputError, OutputError, UsageError
from cautery.records.campaign import Band
from cautery.simulate.score_latency import REPLAY_COLUMNS, REPLAY_FILE
from cautery.simulate.score_tables import ALARM_BANDS

if TYPE_CHECKING:
    from cautery.ingest.table import ExchangeTable
    from cautery.records.case import Case
    from cautery.records.progress import Progress

REPLAY_SCHEMA: Final = "cautery.replay/1"
"""Name and version of ``replay.json``."""

_LEVELS: Final[tuple[Band, ...]] = tuple(reversed(ALARM_BANDS))

ScanDay = Callable[["ExchangeTable", Any, Any], "Case"]
"""Scans one day's log: exchanges, account table or None, release table or None."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplayDay:
    """What the scan of one day knew and said."""

    day: str
    """ISO date, UTC; the scan holds everything up to its end."""
    exchanges: int
    accounts: int
    listed: int
    """Accounts at ``likely`` or above."""
    campaigns: int
    """Listed campaigns at ``likely`` or above."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Replay:
    """All days of a replay."""

    schema: str
    days: tuple[ReplayDay, ...]


def replay(
    folder: Path, output_folder: Path, progress: Progress, *, seed: int = 0, step_days: int = 1
) -> Replay:
    """Scan a simulation's log day by day and write when each account was first listed.

    Args:
        folder: What ``cautery simulate -o`` wrote: ``exchanges.*`` and perhaps the two tables.
        output_folder: Receives ``replay.csv`` and ``replay.json``.
        progress: Hears of each day.
        seed: Seed of the scans.
        step_days: Scan every so many days, and always the last one.

    Returns:
        What each day's scan said.

    Raises:
        InputError: The folder holds no log, or one that cannot be read.
        OutputError: The results cannot be written.
        UsageError: ``step_days`` is below 1.
    """
    from cautery.ingest.account_table import read_account_table
    from cautery.ingest.options import IngestOptions
    from cautery.ingest.read import read_logs
    from cautery.ingest.release_table import read_release_table
    from cautery.records.progress import SilentProgress
    from cautery.scan.run import ScanOptions
    from cautery.scan.run import scan as scan_table

    if step_days < 1:
        raise UsageError(f"{step_days} days is not a step", where="--step", hint="Give 1 or more.")
    logs = _logs_in(folder)
    work_folder = _make_folder(output_folder / "replay-parts")
    whole_folder = _make_folder(work_folder / "whole")
    table = read_logs(IngestOptions(logs=logs), whole_folder, progress)
    accounts, releases = folder / "accounts.csv", folder / "releases.csv"

    def scan_day(day_table: ExchangeTable, account_table: Any, release_table: Any) -> Case:
        options = ScanOptions(seed=seed)
        return scan_table(day_table, account_table, release_table, options, SilentProgress())

    first, days = replay_days(
        table,
        read_account_table(accounts) if accounts.is_file() else None,
        read_release_table(releases) if releases.is_file() else None,
        scan_day=scan_day,
        work_folder=work_folder,
        progress=progress,
        step_days=step_days,
    )
    result = Replay(schema=REPLAY_SCHEMA, days=days)
    _write(output_folder, first, result)
    _remove(work_folder)
    return result


def replay_days(
    table: ExchangeTable,
    accounts: Any,
    releases: Any,
    *,
    scan_day: ScanDay,
    work_folder: Path,
    progress: Progress,
    step_days: int = 1,
) -> tuple[dict[str, dict[Band, datetime]], tuple[ReplayDay, ...]]:
    """Scan a table day by day.

    Args:
        table: The whole log.
        accounts: The account table, or None.
        releases: The release table, or None.
        scan_day: Scans one day's log.
        work_folder: Receives the log, cut into days.
        progress: Hears of each day.
        step_days: Scan every so many days, and always the last one.

    Returns:
        For each account and level the end of the first day that listed it there; and the days.
    """
    slices = _cut_into_days(table, work_folder)
    dates = sorted(slices)
    chosen = {*dates[step_days - 1 :: step_days], *dates[-1:]}
    first: dict[str, dict[Band, datetime]] = {}
    days: list[ReplayDay] = []
    parts: list[Path] = []
    rows = 0
    progress.start("replaying", len(chosen), "days")
    for day in dates:
        parts.append(slices[day][0])
        rows += slices[day][1]
        if day not in chosen:
            continue
        end = datetime(day.year, day.month, day.day, tzinfo=UTC) + timedelta(days=1)
        day_table = replace(table, parts=tuple(parts), rows=rows)
        case = scan_day(day_table, as_known_at(accounts, end), _released_by(releases, end))
        _note_first(first, case, end)
        days.append(_summary(day, rows, case))
        progress.advance(1)
    progress.finish(f"{len(days)} days")
    return first, tuple(days)


def as_known_at(accounts: Any, moment: datetime) -> Any:
    """Take from an account table what was not yet known at a time.

    Args:
        accounts: The account table, or None.
        moment: The time.

    Returns:
        The table without later sign-ups, later closures undone; None if there was none.
    """
    if accounts is None:
        return None
    import pyarrow as pa
    import pyarrow.compute as pc

    limit = pa.scalar(moment, pa.timestamp("us", tz="UTC"))
    if "created_at" in accounts.column_names:
        later = pc.fill_null(pc.greater_equal(accounts["created_at"], limit), False)
        accounts = accounts.filter(pc.invert(later))
    if "closed_at" not in accounts.column_names:
        return accounts
    later = pc.fill_null(pc.greater_equal(accounts["closed_at"], limit), False)
    for name, before in (("closed_at", None), ("status", "active")):
        if name in accounts.column_names:
            column = accounts[name]
            kept = pc.if_else(later, pa.scalar(before, column.type), column)
            accounts = accounts.set_column(accounts.column_names.index(name), name, kept)
    return accounts


def _released_by(releases: Any, moment: datetime) -> Any:
    if releases is None:
        return None
    import pyarrow as pa
    import pyarrow.compute as pc

    limit = pa.scalar(moment, pa.timestamp("us", tz="UTC"))
    return releases.filter(pc.less(releases["released_at"], limit))


def _cut_into_days(table: ExchangeTable, folder: Path) -> dict[date, tuple[Path, int]]:
    """Write one Parquet file a day, reading each part once, batch by batch."""
    import pyarrow as pa
    import pyarrow.compute as pc
    import pyarrow.parquet as pq

    writers: dict[date, Any] = {}
    counts: dict[date, int] = {}
    paths: dict[date, Path] = {}
    try:
        for part in table.parts:
            for batch in pq.ParquetFile(part).iter_batches():
                days = pc.cast(pc.floor_temporal(batch["time_start"], unit="day"), pa.date32())
                for day in pc.unique(days).to_pylist():
                    piece = batch.filter(pc.equal(days, pa.scalar(day, pa.date32())))
                    if day not in writers:
                        paths[day] = folder / f"{day.isoformat()}.parquet"
                        writers[day] = pq.ParquetWriter(paths[day], batch.schema)
                    writers[day].write_batch(piece)
                    counts[day] = counts.get(day, 0) + piece.num_rows
    finally:
        for writer in writers.values():
            writer.close()
    return {day: (paths[day], counts[day]) for day in paths}


def _note_first(first: dict[str, dict[Band, datetime]], case: Case, end: datetime) -> None:
    for account in case.accounts:
        if account.band:
            levels = _LEVELS[: _LEVELS.index(account.band) + 1]
            for level in levels:
                first.setdefault(account.account_id, {}).setdefault(level, end)


def _summary(day: date, rows: int, case: Case) -> ReplayDay:
    alarm: Sequence[Band] = ("very likely", "likely")
    return ReplayDay(
        day=day.isoformat(),
        exchanges=rows,
        accounts=len(case.accounts),
        listed=sum(1 for account in case.accounts if account.band in alarm),
        campaigns=sum(1 for campaign in case.campaigns if campaign.band in alarm),
    )


def _logs_in(folder: Path) -> tuple[str, ...]:
    logs = tuple(str(path) for path in sorted(folder.glob("exchanges*")))
    if not logs:
        raise NoInputError(
            "there is no exchanges file of a simulation",
            where=str(folder),
            hint="Give the folder that `cautery simulate -o DIR` writes.",
        )
    return logs


def _make_folder(folder: Path) -> Path:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise OutputError(f"cannot make the folder ({error.strerror})", where=str(folder)) from None
    return folder


def _remove(folder: Path) -> None:
    import shutil

    shutil.rmtree(folder, ignore_errors=True)


def _write(folder: Path, first: dict[str, dict[Band, datetime]], result: Replay) -> None:
    try:
        with (folder / REPLAY_FILE).open("w", encoding="utf-8", newline="") as stream:
            writer = csv.writer(stream, lineterminator="\n")
            writer.writerow(REPLAY_COLUMNS)
            writer.writerows(_replay_rows(first))
        text = json.dumps(asdict(result), indent=2, sort_keys=True)
        (folder / "replay.json").write_text(text + "\n", encoding="utf-8")
    except OSError as error:
        raise OutputError(f"cannot write ({error.strerror})", where=str(folder)) from None


def _replay_rows(first: dict[str, dict[Band, datetime]]) -> Iterator[list[str]]:
    from cautery.report.sanitise import csv_text

    for account_id, levels in sorted(first.items()):
        times = (levels[level].isoformat() if level in levels else "" for level in _LEVELS)
        yield [csv_text(account_id), *times]
