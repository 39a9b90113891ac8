"""Reads logs again for where the exchanges of a case are: times and requests, no texts."""

from __future__ import annotations

import io
from dataclasses import dataclass
from datetime import UTC
from pathlib import Path
from typing import TYPE_CHECKING, Final

from cautery.errors import InputError, UsageError
from cautery.report.csv_rows import write_rows
from cautery.report.pack_exchanges import EXCHANGE_COLUMNS, exchange_faults

if TYPE_CHECKING:
    from cautery.ingest.table import ExchangeTable
    from cautery.records.case import Case

MOST_EXCHANGES: Final = 4_000_000
"""Exchanges that one pack points to: some 400 MB of rows."""
_COLUMNS: Final = ("account_id", "time_start", "request_id")


@dataclass(frozen=True, slots=True, kw_only=True)
class LogReading:
    """How the logs were read when they were scanned."""

    logs: tuple[str, ...]
    """Files, folders and globs."""
    format: str = "auto"
    """Name of a log format."""
    mapping: Path | None = None
    """Mapping file."""
    account_field: str | None = None
    """Field that holds the account."""
    time_zone: str = "UTC"
    """Zone of times that name none."""


def exchanges_of(case: Case, campaign_id: str, reading: LogReading, work: Path) -> bytes:
    """Point to every exchange of the accounts of a case's groups.

    Args:
        case: The case.
        campaign_id: Only of this group; of all if empty.
        reading: The logs that were scanned.
        work: Folder for intermediate files.

    Returns:
        ``exchanges.csv``.

    Raises:
        UsageError: There are too many exchanges for one pack.
        InputError: A log is not one that was scanned, or says something else than the case.
    """
    groups = [
        group
        for group in (*case.campaigns, *case.permitted_groups)
        if campaign_id in {"", group.campaign_id}
    ]
    group_of = {m.account_id: group.campaign_id for group in groups for m in group.members}
    count = sum(member.exchanges for group in groups for member in group.members)
    if count > MOST_EXCHANGES:
        raise UsageError(
            f"the accounts have {count:,} exchanges, and a pack points to {MOST_EXCHANGES:,}",
            hint="Pack one campaign at a time, with --campaign ID, or leave --log out.",
        )
    table = _read(reading, work)
    _check_logs(case, table)
    rows = sorted((group_of[row[0]], *row) for row in _rows(table, set(group_of)))
    stream = io.StringIO()
    write_rows(stream, EXCHANGE_COLUMNS, rows)
    content = stream.getvalue().encode()
    if faults := exchange_faults(case, content, campaign_id):
        raise InputError(
            f"the logs do not say what the case says: {faults[0]}",
            hint="Give all logs, and --format, --mapping, --account and --tz as in the scan.",
        )
    return content


def _read(reading: LogReading, work: Path) -> ExchangeTable:
    from cautery.ingest.options import IngestOptions
    from cautery.ingest.read import read_logs
    from cautery.ingest.table import RejectedShareError
    from cautery.records.progress import SilentProgress

    options = IngestOptions(
        logs=reading.logs,
        format=reading.format,
        mapping=reading.mapping,
        drop_text=True,
        columns=frozenset(_COLUMNS),
        account_field=reading.account_field,
        time_zone=reading.time_zone,
    )
    try:
        return read_logs(options, work, SilentProgress())
    except RejectedShareError as error:
        # The scan read the same lines and left out the same; what counts is compared below.
        return error.table


def _check_logs(case: Case, table: ExchangeTable) -> None:
    known = {file.sha256 for file in case.input.files}
    for file in table.files:
        if file.sha256 not in known:
            raise InputError(
                "this is none of the logs that were scanned, or it has changed since",
                where=file.name,
            )


def _rows(table: ExchangeTable, accounts: set[str]) -> list[tuple[str, str, str]]:
    import pyarrow as pa
    import pyarrow.compute as pc
    import pyarrow.parquet as pq

    wanted = pa.array(sorted(accounts), pa.string())
    found: list[tuple[str, str, str]] = []
    for part in table.parts:
        with pq.ParquetFile(part) as opened:
            columns = [name for name in _COLUMNS if name in opened.schema_arrow.names]
            for batch in opened.iter_batches(columns=columns):
                kept = batch.filter(pc.is_in(batch["account_id"], value_set=wanted))
                requests = kept["request_id"].to_pylist() if "request_id" in columns else []
                moments = kept["time_start"].to_pylist()
                names = kept["account_id"].to_pylist()
                found += [
                    (name, _written(moment), request or "")
                    for name, moment, request in zip(
                        names, moments, requests or [""] * len(names), strict=True
                    )
                ]
    return found


def _written(moment: object) -> str:
    from datetime import datetime

    if not isinstance(moment, datetime):
        return ""
    return f"{moment.astimezone(UTC).isoformat(timespec='microseconds')[:-6]}Z"
