"""The tables beside the log: accounts, releases and the truth."""

from __future__ import annotations

import csv
import json
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.csv as arrow_csv

from cautery.records.account import ACCOUNT_COLUMNS
from cautery.simulate.columns import Columns
from cautery.simulate.plan import SimulationPlan
from cautery.simulate.world import MODELS

TRUTH_COLUMNS = (
    "account_id",
    "attacker",
    "campaign_id",
    "operator_id",
    "class",
    "tier",
    "exchanges",
)


def instant(start: datetime, day: float) -> str:
    """Write a time as RFC 3339 in UTC, empty for not-a-number."""
    if np.isnan(day):
        return ""
    return (start + timedelta(seconds=round(day * 86_400))).strftime("%Y-%m-%dT%H:%M:%SZ")


def write_rows(path: Path, header: Sequence[str], rows: list[list[Any]]) -> None:
    """Write a CSV file with Unix line ends."""
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream, lineterminator="\n")
        writer.writerow(header)
        writer.writerows(rows)


def write_accounts(path: Path, accounts: Columns, identifiers: Any, start: datetime) -> None:
    """Write the account table in order of sign-up time and identifier."""
    days = {"created_at": "created_day", "closed_at": "closed_day"}
    header = [column.name for column in ACCOUNT_COLUMNS]
    columns: list[list[Any]] = []
    for name in header:
        if name == "account_id":
            columns.append(list(identifiers))
        elif name in days:
            columns.append([instant(start, day) for day in accounts[days[name]]])
        else:
            columns.append(list(accounts[name]))
    rows = sorted(map(list, zip(*columns, strict=True)), key=lambda row: (row[2], row[0]))
    write_rows(path, header, rows)


def write_truth_accounts(path: Path, accounts: Columns, identifiers: Any, exchanges: Any) -> None:
    """Write who is an attacker, of which campaign, operator and class, and how active."""
    rows = [
        [identifier, int(attacker), campaign, operator, kind, tier, int(made)]
        for identifier, attacker, campaign, operator, kind, tier, made in zip(
            identifiers,
            accounts["attacker"],
            accounts["campaign_id"],
            accounts["operator_id"],
            accounts["class"],
            accounts["tier"],
            exchanges,
            strict=True,
        )
    ]
    write_rows(path, TRUTH_COLUMNS, sorted(rows))


def write_releases(path: Path, start: datetime, release_day: float) -> None:
    """Write when each served model came out."""
    days = (-420.0, -260.0, -95.0, release_day)
    rows = [[model, instant(start, day)] for model, day in zip(MODELS, days, strict=True)]
    write_rows(path, ("model", "released_at"), rows)


class TruthWriter:
    """Streams ``truth/exchanges.csv``."""

    def __init__(self, path: Path) -> None:
        self._schema = pa.schema(
            [
                ("request_id", pa.string()),
                ("account_id", pa.string()),
                ("time_start", pa.string()),
                ("harvest", pa.int8()),
            ]
        )
        self._stream = path.open("wb")
        self._stream.write((",".join(self._schema.names) + "\n").encode())
        options = arrow_csv.WriteOptions(include_header=False, quoting_style="none")
        self._writer = arrow_csv.CSVWriter(self._stream, self._schema, write_options=options)

    def write(self, batch: Any, rows: Columns) -> None:
        """Add the rows of a batch."""
        times = batch.column("time_start").cast(pa.timestamp("us")).cast(pa.string())
        spaced = pa.compute.replace_substring(times, " ", "T")
        stamped = pa.compute.binary_join_element_wise(spaced, pa.scalar("Z"), "")
        harvest = pa.array(rows["harvest"].astype(np.int8))
        columns = [batch.column("request_id"), batch.column("account_id"), stamped, harvest]
        self._writer.write_batch(pa.RecordBatch.from_arrays(columns, schema=self._schema))

    def close(self) -> None:
        """Finish the file."""
        self._writer.close()
        self._stream.close()


def write_plan(path: Path, plan: SimulationPlan) -> None:
    """Write the plan that made the log."""
    path.write_text(json.dumps(plan.as_dict(), indent=2) + "\n", encoding="utf-8")


def parse_start(text: str) -> datetime:
    """Read the start of a log."""
    return datetime.fromisoformat(text).astimezone(UTC)
