"""Facts: what the log says, as one narrow exchange table and arrays by account; no judgement.

Feature expressions are written in Ibis, so that an engine past one machine can run the same ones.
Accounts are numbered in the order of their ids and every number that leaves the engine is an
integer, so that neither row order nor threads can change a result.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import ibis
import numpy as np
import pyarrow as pa
from ibis import _
from numpy.typing import NDArray
from pyarrow import parquet

from cautery.scan.customers import number_customers
from cautery.scan.incidences import Incidences, make_incidences

if TYPE_CHECKING:
    from collections.abc import Sequence

Integers = NDArray[np.int64]

NO_TIME: Final = np.iinfo(np.int64).min
"""Stands for a time that the account table does not carry."""
FEW_ROWS: Final = 300_000
"""Exchanges under which a second thread saves less time than its buffers take memory."""
MICROSECONDS_A_DAY: Final = 86_400_000_000

_TEXT_STYLE_COLUMNS: Final = ("user_agent", "header_order")
"""Columns of the style that hold any text, which must not imitate another column's value."""
_STYLE_COLUMNS: Final = (
    "temperature",
    "top_p",
    "max_tokens",
    "n",
    "stream",
    "logprobs",
    "user_agent",
    "header_order",
)


@dataclass(frozen=True, kw_only=True)
class Facts:
    """Everything that links and signals may read."""

    connection: Any
    """Ibis backend that holds the exchange facts."""
    exchanges: Any
    """Ibis table, one row an exchange: account, second, style, hashes, flags, counts."""
    rows: Any
    """Ibis table of the parts as ingested, with ``account`` joined on."""
    account_ids: tuple[str, ...]
    """Ids of all accounts in the log, sorted; the position is the account's number."""
    totals: dict[str, Integers]
    """By account: exchanges, output_tokens, active_days, first_us, last_us (since 1970)."""
    account_columns: dict[str, pa.Array]
    """Account table, aligned to ``account_ids``; only columns that hold something."""
    releases: tuple[tuple[str, int], ...]
    """Served model and release time in microseconds since 1970."""
    present: frozenset[str]
    """Columns of exchanges (plain) and accounts (``accounts.`` in front) that may be used."""

    @property
    def account_count(self) -> int:
        """Number of accounts in the log."""
        return len(self.account_ids)

    def missing(self, needs: Sequence[str]) -> tuple[str, ...]:
        """Columns of ``needs`` that the log lacks."""
        return tuple(column for column in needs if column not in self.present)

    @cached_property
    def organisations(self) -> NDArray[np.object_]:
        """Declared organisation of each account, empty if none."""
        declared = np.full(self.account_count, "", dtype=object)
        if "org_id" in self.present:
            found = (
                self.rows.filter(_.org_id.notnull() & (_.org_id != ""))
                .group_by("account")
                .aggregate(org=_.org_id.min())
                .to_pyarrow()
            )
            declared[found["account"].to_numpy()] = found["org"].to_pylist()
        if "org_id" in self.account_columns:
            for index, name in enumerate(self.account_columns["org_id"].to_pylist()):
                if name:
                    declared[index] = name
        return declared

    @cached_property
    def customers(self) -> Integers:
        """Number of the customer of each account: who openly belongs together is one."""
        return number_customers(
            self.organisations,
            self.account_texts("email_domain"),
            self.account_texts("payment_fingerprint"),
        )

    def account_texts(self, column: str) -> NDArray[np.object_]:
        """A text column of the account table by account, empty where there is none."""
        if column not in self.account_columns:
            return np.full(self.account_count, "", dtype=object)
        values = self.account_columns[column].to_pylist()
        return np.array([value or "" for value in values], dtype=object)

    def account_times(self, column: str) -> Integers:
        """A time column of the account table in microseconds, ``NO_TIME`` where there is none."""
        if column not in self.account_columns:
            return np.full(self.account_count, NO_TIME, dtype=np.int64)
        times = self.account_columns[column].cast(pa.int64()).fill_null(NO_TIME)
        return np.asarray(times.to_numpy(zero_copy_only=False), dtype=np.int64)

    def incidences(self, table: Any) -> Incidences:
        """Collect account-token pairs of an Ibis table ``account, token, exchanges``."""
        found = table.filter(_.token.notnull()).to_pyarrow()
        return make_incidences(
            found["account"].to_numpy().astype(np.int64),
            found["token"],
            found["exchanges"].to_numpy().astype(np.int64),
        )

    def share_by_account(self, condition: Any) -> tuple[Integers, Integers]:
        """Count, by account, the exchanges where a condition is known and where it holds."""
        counted = (
            self.exchanges.group_by("account")
            .aggregate(known=condition.notnull().sum(), held=condition.fill_null(False).sum())
            .to_pyarrow()
        )
        known = np.zeros(self.account_count, dtype=np.int64)
        held = np.zeros(self.account_count, dtype=np.int64)
        known[counted["account"].to_numpy()] = counted["known"].to_numpy()
        held[counted["account"].to_numpy()] = counted["held"].to_numpy()
        return known, held


def whole_seconds(time: Any) -> Any:
    """Ibis expression: seconds since 1970, rounded down (engines return fractions)."""
    return time.epoch_seconds().floor().cast("int64")


def _style(rows: Any, present: frozenset[str]) -> Any:
    """One text for the request parameters and client that code, not people, decides."""
    parts = [
        rows[column].cast("string").replace("\\", "\\\\").replace("|", "\\|").fill_null("-")
        if column in _TEXT_STYLE_COLUMNS
        else rows[column].cast("string").fill_null("-")
        for column in _STYLE_COLUMNS
        if column in present
    ]
    if not parts:
        return ibis.null("string")
    text = parts[0]
    for part in parts[1:]:
        text = text + "|" + part
    return text


def _single_turn(rows: Any, present: frozenset[str]) -> Any:
    """True if the request carries no earlier turn; null if the log does not say."""
    if "message_count" not in present:
        return ibis.null("boolean")
    systems = rows.system_hash.notnull().cast("int32") if "system_hash" in present else 0
    return (rows.message_count - systems) <= 1


def _exchange_facts(rows: Any, present: frozenset[str]) -> Any:
    """SELECT the narrow columns that signals read again and again."""
    return rows.select(
        account=rows.account,
        second=whole_seconds(rows.time_start),
        day=(whole_seconds(rows.time_start) // 86_400).cast("int32"),
        model=rows.request_model if "request_model" in present else ibis.null("string"),
        style=_style(rows, present),
        single_turn=_single_turn(rows, present),
        input_hash=rows.input_hash if "input_text" in present else ibis.null("int64"),
        system_hash=rows.system_hash if "system_hash" in present else ibis.null("int64"),
        shingles=rows.input_shingles if "input_text" in present else ibis.null("array<int32>"),
        flags=rows.intent_flags if "input_text" in present else ibis.null("int32"),
        output_tokens=rows.output_tokens.clip(lower=0).cast("int64"),
        reasoning_tokens=rows.reasoning_tokens.clip(lower=0).cast("int64"),
        tools=rows.tool_count,
    )


def _aligned(accounts: pa.Table | None, account_ids: tuple[str, ...]) -> dict[str, pa.Array]:
    """Account table in the order of ``account_ids``, without empty columns."""
    if accounts is None:
        return {}
    position = {name: row for row, name in enumerate(accounts["account_id"].to_pylist())}
    rows = pa.array([position.get(name) for name in account_ids], pa.int64())
    aligned = {
        name: accounts[name].combine_chunks().take(rows)
        for name in accounts.column_names
        if name != "account_id"
    }
    return {name: column for name, column in aligned.items() if column.null_count < len(column)}


def read_facts(
    parts: Sequence[Path],
    present: frozenset[str],
    accounts: pa.Table | None,
    releases: tuple[tuple[str, int], ...],
    work_folder: Path | None,
) -> Facts:
    """Read the parts of an exchange table into facts.

    Args:
        parts: Parquet files with the canonical, source and sketch columns.
        present: Exchange columns that hold something and are not switched off.
        accounts: The account table, if there is one.
        releases: Served models with their release times in microseconds.
        work_folder: Folder for what does not fit into memory; None for the engine's choice.

    Returns:
        The facts; they hold the engine's connection open.
    """
    connection = ibis.duckdb.connect(
        **({"temp_directory": str(work_folder / "spill")} if work_folder else {})
    )
    connection.raw_sql("SET TimeZone = 'UTC'")
    # Freed memory goes back to the system soon: a scan is not alone on its machine.
    connection.raw_sql("SET allocator_flush_threshold = '8MB'")
    if sum(parquet.read_metadata(part).num_rows for part in parts) < FEW_ROWS:
        connection.raw_sql("SET threads = 1")
    connection.raw_sql("SET preserve_insertion_order = false")
    raw = connection.read_parquet([str(part) for part in parts], table_name="parts")
    ids = raw.select("account_id").distinct().order_by("account_id").to_pyarrow()["account_id"]
    account_ids = tuple(sorted(ids.to_pylist()))
    numbers = pa.table(
        {
            "account_id": pa.array(account_ids, pa.string()),
            "account": pa.array(np.arange(len(account_ids), dtype=np.int32)),
        }
    )
    numbered = connection.create_table("account_numbers", ibis.memtable(numbers))
    rows = raw.join(numbered, "account_id")
    exchanges = connection.create_table("exchange_facts", _exchange_facts(rows, present))
    columns = _aligned(accounts, account_ids)
    return Facts(
        connection=connection,
        exchanges=exchanges,
        rows=rows,
        account_ids=account_ids,
        totals=_totals(rows, len(account_ids)),
        account_columns=columns,
        releases=releases,
        present=present
        | {f"accounts.{name}" for name in columns}
        | ({"organisation"} if "org_id" in present or "org_id" in columns else frozenset())
        | ({"releases"} if releases else frozenset()),
    )


def _totals(rows: Any, count: int) -> dict[str, Integers]:
    found = (
        rows.group_by("account")
        .aggregate(
            exchanges=_.count(),
            output_tokens=_.output_tokens.fill_null(0).sum().cast("int64"),
            active_days=(whole_seconds(_.time_start) // 86_400).nunique(),
            first_us=whole_seconds(_.time_start.min()) * 1_000_000,
            last_us=whole_seconds(_.time_start.max()) * 1_000_000,
        )
        .to_pyarrow()
    )
    totals: dict[str, Integers] = {}
    for name in ("exchanges", "output_tokens", "active_days", "first_us", "last_us"):
        totals[name] = np.zeros(count, dtype=np.int64)
        totals[name][found["account"].to_numpy()] = found[name].to_numpy()
    return totals
