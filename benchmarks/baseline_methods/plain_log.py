"""What every baseline gets to see of a labelled log: the columns, and never the truth."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Final

_COLUMNS: Final[tuple[str, ...]] = ("account_id", "time_start", "client_address", "input_text")


@dataclass(frozen=True, slots=True, kw_only=True)
class PlainLog:
    """A log in the canonical format, column by column, in the order of time."""

    accounts: list[str]
    """Account of each exchange."""
    times: list[float]
    """Start of each exchange, seconds since 1970."""
    addresses: list[str]
    """Client address of each exchange; empty where there is none."""
    texts: list[str]
    """Last user turn of each exchange; empty where there is none."""
    payments: dict[str, str]
    """Payment fingerprint by account, where billing knows one."""

    @property
    def names(self) -> list[str]:
        """Every account of the log, sorted."""
        return sorted(set(self.accounts))


def read_plain_log(folder: Path) -> PlainLog:
    """Read a labelled log that was written in a canonical format.

    Args:
        folder: What a simulation or one of the independent worlds wrote.

    Returns:
        The log without its truth.
    """
    rows = sorted(
        (row for path in sorted(folder.glob("exchanges*")) for row in _rows(path)),
        key=lambda row: (row[1], row[0]),
    )
    accounts, times, addresses, texts = map(list, zip(*rows, strict=True))
    return PlainLog(
        accounts=accounts,
        times=times,
        addresses=addresses,
        texts=texts,
        payments=_payments(folder / "accounts.csv"),
    )


def _rows(path: Path) -> Iterator[tuple[str, float, str, str]]:
    if path.suffix == ".parquet":
        import pyarrow.parquet as pq

        for batch in pq.ParquetFile(path).iter_batches(columns=list(_COLUMNS)):
            for row in batch.to_pylist():
                yield _row(row, row["time_start"].timestamp())
        return
    with gzip.open(path, "rt") if path.suffix == ".gz" else path.open() as stream:
        for line in stream:
            row = json.loads(line)
            yield _row(row, datetime.fromisoformat(row["time_start"]).timestamp())


def _row(row: dict[str, Any], moment: float) -> tuple[str, float, str, str]:
    address, text = row.get("client_address"), row.get("input_text")
    return str(row["account_id"]), moment, address or "", text or ""


def _payments(path: Path) -> dict[str, str]:
    import csv

    if not path.is_file():
        return {}
    with path.open(encoding="utf-8", newline="") as stream:
        return {
            row["account_id"]: row["payment_fingerprint"]
            for row in csv.DictReader(stream)
            if row["payment_fingerprint"]
        }
