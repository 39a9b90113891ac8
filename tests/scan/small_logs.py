"""Small logs for the tests of the scan: rows in memory, written and read as real logs are."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from cautery.ingest.account_table import read_account_table
from cautery.ingest.options import IngestOptions
from cautery.ingest.read import read_logs
from cautery.ingest.release_table import read_release_table
from cautery.ingest.table import ExchangeTable
from cautery.records.progress import SilentProgress
from cautery.scan.facts import Facts
from cautery.scan.reading import read_facts
from cautery.scan.run import present_columns

Row = dict[str, Any]

BEGIN = datetime(2026, 10, 1, tzinfo=UTC)
"""First second of the small logs, a midnight."""
NOW = datetime(2026, 11, 24, tzinfo=UTC)
"""The clock of these tests."""
HOSTILE = (
    "\x1b[2J\x1b[31mred\x1b[0m",
    "\u202egnp.exe\u2066",
    "=cmd|' /C calc'!A0",
    "<script>alert(1)</script>",
    "a\nb\rc\td\x00e",
    "'; DROP TABLE parts; --",
    "\U000e0041\u200b\ufeff tags",
    "x" * 3_000,
)
"""Texts that a client may put into any field that it writes."""


@dataclass(frozen=True, kw_only=True)
class SmallLog:
    """Exchanges, account table and release table of one invented log."""

    exchanges: tuple[Row, ...] = ()
    accounts: tuple[Row, ...] = ()
    releases: tuple[Row, ...] = ()

    def __add__(self, other: SmallLog) -> SmallLog:
        return SmallLog(
            exchanges=self.exchanges + other.exchanges,
            accounts=self.accounts + other.accounts,
            releases=self.releases + other.releases,
        )

    def without(self, *columns: str) -> SmallLog:
        """Drop columns of the exchanges, or of the account table if ``accounts.`` is in front."""
        of_accounts = {name.removeprefix("accounts.") for name in columns if "." in name}
        return replace(
            self,
            exchanges=tuple(_dropped(row, set(columns)) for row in self.exchanges),
            accounts=tuple(_dropped(row, of_accounts) for row in self.accounts),
        )

    def reversed(self) -> SmallLog:
        """Turn all rows round: what is read must not depend on their order."""
        return SmallLog(
            exchanges=self.exchanges[::-1],
            accounts=self.accounts[::-1],
            releases=self.releases[::-1],
        )


def _dropped(row: Row, columns: set[str]) -> Row:
    return {name: value for name, value in row.items() if name not in columns}


def moment(second: float) -> str:
    """Write the time that stands so many seconds after ``BEGIN``."""
    return (BEGIN + timedelta(seconds=second)).isoformat()


def exchange(account: str, second: float = 0, **columns: Any) -> Row:
    """Make one exchange of one account, with only the columns that are given."""
    return {"time_start": moment(second), "account_id": account, **columns}


def exchanges_of(column: str, values: Mapping[str, Iterable[Any]]) -> SmallLog:
    """Make one exchange for each value that each account shows in one column."""
    return SmallLog(
        exchanges=tuple(
            exchange(account, second, **{column: value})
            for account, shown in values.items()
            for second, value in enumerate(shown)
        )
    )


def accounts_of(column: str, values: Mapping[str, Any]) -> SmallLog:
    """Make one exchange and one row of the account table for each account."""
    return SmallLog(
        exchanges=tuple(exchange(account) for account in values),
        accounts=tuple({"account_id": name, column: value} for name, value in values.items()),
    )


def ingested(folder: Path, log: SmallLog, **chosen: Any) -> ExchangeTable:
    """Write a log as JSON Lines into an empty folder and read it into Parquet parts.

    Args:
        folder: Does not exist yet.
        log: Exchanges.
        chosen: What else to choose of ``IngestOptions``, such as ``drop_text``.

    Returns:
        The table of the exchanges.
    """
    parts = folder / "parts"
    parts.mkdir(parents=True)
    path = _written(folder / "log.jsonl", log.exchanges)
    options = IngestOptions(logs=(str(path),), format="canonical", now=NOW, **chosen)
    return read_logs(options, parts, SilentProgress())


def facts_of(folder: Path, log: SmallLog, **chosen: Any) -> Facts:
    """Read a log into facts; the caller ends their connection."""
    table = ingested(folder, log, **chosen)
    return read_facts(
        table.parts,
        present_columns(table),
        account_table(folder, log),
        releases_of(folder, log),
        None,
    )


def account_table(folder: Path, log: SmallLog) -> Any:
    """Read the account table of a log, None if it has none."""
    if not log.accounts:
        return None
    return read_account_table(_written(folder / "accounts.jsonl", log.accounts))


def releases_of(folder: Path, log: SmallLog) -> tuple[tuple[str, int], ...]:
    """Read the releases of a log: served model and microseconds since 1970."""
    if not log.releases:
        return ()
    table = read_release_table(_written(folder / "releases.jsonl", log.releases))
    times = [int(time.timestamp() * 1_000_000) for time in table["released_at"].to_pylist()]
    return tuple(sorted(zip(table["model"].to_pylist(), times, strict=True)))


def _written(path: Path, rows: Iterable[Row]) -> Path:
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return path
