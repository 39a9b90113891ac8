"""Reads the parts of an exchange table into facts."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import ibis
import numpy as np
import pyarrow as pa
from ibis import _
from numpy.typing import NDArray
from pyarrow import parquet

from cautery.ingest.keys import STYLE_COLUMNS, add_keys
from cautery.ingest.schema import make_schema
from cautery.records.exchange import KEY_COLUMNS
from cautery.scan.facts import AccountNumbers, Facts, Scratch, whole_seconds

if TYPE_CHECKING:
    from collections.abc import Sequence

Integers = NDArray[np.int64]

FEW_ROWS: Final = 300_000
"""Exchanges under which a second thread saves less time than its buffers take memory."""
ROWS_IN_MEMORY: Final = 20_000_000
"""Exchanges whose facts are held, at most; of more, every question reads the columns that it
needs. Holding them takes a third of the processor time of a scan of 4 million exchanges away."""
EXCHANGE_BYTES: Final = 150
"""Memory that the facts of one exchange take while they are held; 140 were measured."""
HELD_SHARE: Final = 0.4
"""Part of the memory of a scan that held facts may take."""
MACHINE_SHARE: Final = 0.25
"""Part of the machine's memory that a scan takes for its own if nobody says how much."""


def _single_turn(rows: Any, present: frozenset[str]) -> Any:
    """True if the request carries no earlier turn; null if the log does not say."""
    if "message_count" not in present:
        return ibis.null("boolean")
    systems = rows.system_hash.notnull().cast("int32") if "system_hash" in present else 0
    return (rows.message_count - systems) <= 1


def _held(rows: Any, present: frozenset[str], column: str) -> bool:
    """Whether a column may be read; parts of an older state may lack one that is there now."""
    return column in present and column in rows.columns


def _exchange_facts(rows: Any, present: frozenset[str]) -> Any:
    """SELECT the narrow columns that signals read again and again."""
    return rows.select(
        account=rows.account,
        second=whole_seconds(rows.time_start),
        day=(whole_seconds(rows.time_start) // 86_400).cast("int32"),
        model=rows.request_model if "request_model" in present else ibis.null("string"),
        style=rows.style_key if present & set(STYLE_COLUMNS) else ibis.null("int64"),
        single_turn=_single_turn(rows, present),
        input_hash=rows.input_hash if "input_text" in present else ibis.null("int64"),
        system_hash=rows.system_hash if "system_hash" in present else ibis.null("int64"),
        shingles=rows.input_shingles if "input_text" in present else ibis.null("array<int32>"),
        flags=rows.intent_flags if "input_text" in present else ibis.null("int32"),
        output_tokens=rows.output_tokens.clip(lower=0).cast("int64"),
        reasoning_tokens=rows.reasoning_tokens.clip(lower=0).cast("int64"),
        tools=rows.tool_count,
        images=rows.image_count if _held(rows, present, "image_count") else ibis.null("int32"),
        greedy=rows.temperature == 0
        if _held(rows, present, "temperature")
        else ibis.null("boolean"),
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


ENGINE_SHARE: Final = 0.5
"""Part of the memory of a scan that the engine may take before it spills to disk; the rest is for
the sketches of accounts, links and groups, which do not grow with the exchanges."""


def read_facts(
    parts: Sequence[Path],
    present: frozenset[str],
    accounts: pa.Table | None,
    releases: tuple[tuple[str, int], ...],
    work_folder: Path | None,
    *,
    memory_bytes: int | None = None,
) -> Facts:
    """Read the parts of an exchange table into facts.

    Args:
        parts: Parquet files with the canonical, source and sketch columns.
        present: Exchange columns that hold something and are not switched off.
        accounts: The account table, if there is one.
        releases: Served models with their release times in microseconds.
        work_folder: Folder for what does not fit into memory; None for the engine's choice.
        memory_bytes: Memory that the scan may take; None for the engine's choice.

    Returns:
        The facts; they hold the engine's connection open.
    """
    row_count = sum(parquet.read_metadata(part).num_rows for part in parts)
    connection = _connection(
        work_folder, threads=1 if row_count < FEW_ROWS else None, memory_bytes=memory_bytes
    )
    scratch = Scratch(work_folder)
    parts = _keyed(parts, scratch)
    raw = connection.read_parquet([str(part) for part in parts], table_name="parts")
    keys, account_ids, numbered = _numbered(connection, raw)
    rows = raw.join(numbered, "account_key")
    narrow = _exchange_facts(rows, present)
    exchanges = (
        connection.create_table("exchange_facts", narrow)
        if row_count <= rows_held(memory_bytes)
        else connection.create_view("exchange_facts", narrow)
    )
    columns = _aligned(accounts, account_ids)
    by_key = np.argsort(keys)
    return Facts(
        connection=connection,
        exchanges=exchanges,
        rows=rows,
        parts=parts,
        numbers=AccountNumbers(keys=keys[by_key], number=by_key.astype(np.int64)),
        account_ids=account_ids,
        totals=_totals(rows, len(account_ids)),
        account_columns=columns,
        releases=releases,
        present=present
        | {f"accounts.{name}" for name in columns}
        | ({"organisation"} if "org_id" in present or "org_id" in columns else frozenset())
        | ({"releases"} if releases else frozenset()),
        scratch=scratch,
    )


def rows_held(memory_bytes: int | None) -> int:
    """Exchanges whose facts may be held in memory.

    Args:
        memory_bytes: Memory that the scan may take; None for a part of the machine's.

    Returns:
        The largest number of exchanges.

    Example:
        >>> rows_held(4_000_000_000)
        10666666
    """
    if memory_bytes is None:
        memory_bytes = int(MACHINE_SHARE * _machine_bytes())
    return min(ROWS_IN_MEMORY, int(HELD_SHARE * memory_bytes / EXCHANGE_BYTES))


def _machine_bytes() -> int:
    """Memory of the machine, or 8 GB where the system does not tell."""
    try:
        return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    except (AttributeError, OSError, ValueError):  # pragma: no cover - not on Linux or macOS
        return 8_000_000_000


def _numbered(connection: Any, raw: Any) -> tuple[Integers, tuple[str, ...], Any]:
    """Number the accounts in the order of their ids: keys and ids in that order, and the table."""
    # Two ids of one key are somebody's own making; they count as one account.
    found = raw.group_by("account_key").aggregate(account_id=_.account_id.min()).to_pyarrow()
    keys, ids = found["account_key"].to_numpy(), found["account_id"].to_pylist()
    order = sorted(range(len(ids)), key=ids.__getitem__)
    numbers = pa.table(
        {
            "account_key": pa.array(keys[order], pa.int64()),
            "account": pa.array(np.arange(len(ids), dtype=np.int32)),
        }
    )
    table = connection.create_table("account_numbers", ibis.memtable(numbers))
    return keys[order], tuple(ids[place] for place in order), table


def _connection(
    work_folder: Path | None, threads: int | None, memory_bytes: int | None = None
) -> Any:
    spill = {"temp_directory": str(work_folder / "spill")} if work_folder else {}
    connection = ibis.duckdb.connect(**spill)
    connection.raw_sql("SET TimeZone = 'UTC'")
    # Freed memory goes back to the system soon: a scan is not alone on its machine.
    connection.raw_sql("SET allocator_flush_threshold = '8MB'")
    if memory_bytes is not None:
        connection.raw_sql(f"SET memory_limit = '{int(ENGINE_SHARE * memory_bytes)}B'")
    if threads is not None:
        connection.raw_sql(f"SET threads = {threads}")
    connection.raw_sql("SET preserve_insertion_order = false")
    return connection


def _keyed(parts: Sequence[Path], scratch: Scratch) -> tuple[Path, ...]:
    """Give every part its keys; those that were made for a scan have them."""
    names = {column.name for column in KEY_COLUMNS}
    if all(names <= set(parquet.read_schema(part).names) for part in parts):
        return tuple(parts)
    written = []
    for part in parts:
        target = scratch.new_path("part", ".parquet")
        file = parquet.ParquetFile(part, pre_buffer=False)
        kept = [field for field in file.schema_arrow if field.name not in names]
        schema = pa.schema([*kept, *make_schema(KEY_COLUMNS)])
        with parquet.ParquetWriter(target, schema, compression="zstd") as writer:
            for batch in file.iter_batches(columns=[field.name for field in kept]):
                writer.write_batch(add_keys(batch))
        written.append(target)
    return tuple(written)


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
