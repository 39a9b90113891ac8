"""Reads tables where they are: each machine sketches its own rows, and the findings add up."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from ibis import _

from cautery.errors import MissingColumnError, NoInputError, TimeUnitError, UsageError
from cautery.ingest.assembling import described, judged
from cautery.ingest.canonical_parquet import check_columns, wanted_columns
from cautery.ingest.coverage import BALANCER_SHARE, CoverageCounter
from cautery.ingest.findings import ACCOUNT_MISSING, TIME_IMPOSSIBLE
from cautery.ingest.options import IngestOptions, ReadOptions
from cautery.ingest.quality import balancer_sentence
from cautery.ingest.reading import Reading
from cautery.ingest.rejects import REJECTED_FILE_NAME
from cautery.ingest.table_batches import (
    FOUND,
    TablePlan,
    add_found,
    read_batches,
    table_schema,
)
from cautery.records.case import InputFile
from cautery.records.exchange import FULL_TEXT_ROWS
from cautery.registry import LOG_FORMATS
from cautery.scan.distributed.tables import open_table

if TYPE_CHECKING:
    from cautery.ingest.table import ExchangeTable
    from cautery.records.progress import Progress
    from cautery.scan.distributed.shared_folder import SharedFolder

COMPILED_ROWS: Final = 1_000_000
"""Rows from which loading compiled code takes less time than it saves."""
COLUMNS_HINT: Final = "Make a view with the names of the exchange table, or give --account FIELD."
"""What to do where a column has another name."""
SURELY_LONG: Final = 2 * FULL_TEXT_ROWS
"""Rows from which a scan shows a sample of the prompts whatever is rejected, so that no more need
be stored."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadTables:
    """What a reading leaves behind."""

    reading: Reading
    paths: tuple[str, ...]
    """Where the rows are, with the keys."""
    rejected: Path | None


def read_tables(
    session: Any,
    options: IngestOptions,
    shared: SharedFolder,
    work_folder: Path,
    progress: Progress,
) -> ReadTables:
    """Read tables into Parquet with sketches and keys, on the machines of the engine.

    Args:
        session: A Spark session.
        options: Which tables, and how to read their columns.
        shared: Where the rows go.
        work_folder: Where ``rejected.jsonl`` goes, on this machine.
        progress: Told of the rows.

    Returns:
        What was found, and where the rows are.

    Raises:
        UsageError: An option only fits logs of this machine.
        NoInputError: There is no such table, or no row in any.
        MissingColumnError: A table has no times, or nothing to tell accounts by.
        TimeUnitError: No time of a table is possible.
    """
    _check_options(options)
    now = options.now or datetime.now(UTC)
    opened = [(log, open_table(session, log)) for log in sorted(set(options.logs))]
    for log, frame in opened:
        check_columns(frame.columns, _read_options(options, log, now), "table", COLUMNS_HINT)
    counts = [frame.count() for _log, frame in opened]
    if not sum(counts):
        raise NoInputError("no table holds a row", where=", ".join(log for log, _f in opened))
    progress.start("reading", sum(counts), "rows")
    reading, paths, kept = Reading(time_zone=options.time_zone), [], []
    for (log, frame), count in zip(opened, counts, strict=True):
        plan = TablePlan(
            options=_read_options(options, log, now),
            columns=options.columns or frozenset(),
            period=options.period,
            sample_text=sum(counts) > SURELY_LONG and not options.period.bounded,
            compiled=sum(counts) >= COMPILED_ROWS,
        )
        path = shared.new_path("exchanges")
        one, lines = _read_table(session, frame, plan, path)
        reading.add(one)
        paths.append(path)
        kept.extend(lines)
        progress.advance(count)
    progress.finish(f"{reading.counter.rows:,} exchanges")
    rejected = _keep(kept, work_folder / REJECTED_FILE_NAME)
    return ReadTables(reading=reading, paths=tuple(paths), rejected=rejected)


def assembled_tables(found: ReadTables, rows: Any, max_bad_share: float) -> ExchangeTable:
    """Say what is known of the tables, as ``cautery.ingest.assembling`` does of logs.

    Args:
        found: From ``read_tables``.
        rows: Ibis table of all rows.
        max_bad_share: The caller's limit of rejected rows.

    Returns:
        The exchange table, without parts: the engine holds the rows.

    Raises:
        RejectedShareError: More bad rows than allowed; carries the table of the good ones.
    """
    balancer = _balancer(rows, found.reading.counter)
    table = described(found.reading, (), found.rejected, max_bad_share, balancer)
    return judged(table, found.reading, max_bad_share)


def _check_options(options: IngestOptions) -> None:
    hint = "Use --engine duckdb, or read the logs into a table: cautery ingest."
    if options.mapping is not None or options.format not in ("auto", "canonical"):
        raise UsageError(
            "Spark reads exchange tables only, not logs of other formats",
            where="--mapping" if options.mapping is not None else "--format",
            hint=hint,
        )
    if "-" in options.logs:
        raise UsageError("Spark does not read standard input", where="-", hint=hint)


def _read_options(options: IngestOptions, log: str, now: datetime) -> ReadOptions:
    return ReadOptions(
        file_name=log,
        time_zone=options.time_zone,
        time_unit=options.time_unit,
        now=now,
        account_field=options.account_field,
        client_address_field=options.client_address_field,
        trusted_proxies=options.trusted_proxies,
    )


def _read_table(session: Any, frame: Any, plan: TablePlan, path: str) -> tuple[Reading, list[str]]:
    from pyspark.sql.pandas.types import from_arrow_schema

    chosen = wanted_columns(frame.columns, plan.options)
    source = frame.select([f"`{name}`" for name in chosen])
    schema = from_arrow_schema(table_schema(plan.columns))
    kernel: Callable[[Any], Any] = partial(read_batches, plan=plan)
    source.mapInArrow(kernel, schema).write.parquet(path)
    told = session.read.parquet(path).where(f"{FOUND} IS NOT NULL").select(FOUND).toArrow()
    reading = Reading(counter=CoverageCounter(), time_zone=plan.options.time_zone)
    lines = add_found(reading, told[FOUND].to_pylist())
    reading.time_zone = plan.options.time_zone
    name = plan.options.file_name
    _check_found(reading, name)
    lines_met = reading.findings.records
    reading.files.append(
        InputFile(name=name, sha256="", bytes=0, lines=lines_met, format="canonical")
    )
    hint = getattr(LOG_FORMATS.load("canonical"), "prompt_hint", "")
    reading.hints["canonical"] = hint
    return reading, lines


def _check_found(reading: Reading, name: str) -> None:
    found = reading.findings
    if found.accepted or not found.rejected:
        return
    if found.rejected[ACCOUNT_MISSING]:
        raise MissingColumnError(
            f"no account, key or address in {found.rejected[ACCOUNT_MISSING]:,} of "
            f"{found.records:,} rows. Linking needs an account",
            where=name,
            hint="Use --account FIELD.",
        )
    if found.rejected[TIME_IMPOSSIBLE]:
        raise TimeUnitError(
            "no value of 'time_start' lies between 2015 and tomorrow",
            where=name,
            hint="Use --time-unit.",
        )


def _balancer(rows: Any, counter: CoverageCounter) -> str | None:
    candidate = counter.commonest_address()
    if candidate is None:
        return None
    same = _.client_address == candidate
    told = rows.aggregate(
        held=_.client_address.count(), on_it=same.sum().cast("int64")
    ).to_pyarrow()
    held, on_it = told["held"][0].as_py(), told["on_it"][0].as_py() or 0
    if on_it < BALANCER_SHARE * held:
        return None
    accounts = rows.filter(same).aggregate(accounts=_.account_id.nunique()).to_pyarrow()
    return balancer_sentence(candidate, held, on_it, accounts["accounts"][0].as_py())


def _keep(lines: list[str], path: Path) -> Path | None:
    if not lines:
        return None
    path.write_text("".join(lines), encoding="utf-8")
    return path
