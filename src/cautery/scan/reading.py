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

from cautery.ingest.keys import STYLE_COLUMNS
from cautery.scan.engine_options import EngineOptions
from cautery.scan.engines.duckdb import LocalEngine
from cautery.scan.facts import AccountNumbers, Facts, Scratch, by_number, whole_seconds
from cautery.scan.kept_sums import KeptSums
from cautery.scan.questions import Question

if TYPE_CHECKING:
    from collections.abc import Sequence

    from cautery.ports import OpenEngine
    from cautery.scan.stored_rows import StoredRows

Integers = NDArray[np.int64]

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


def read_facts(
    parts: Sequence[Path],
    present: frozenset[str],
    accounts: pa.Table | None,
    releases: tuple[tuple[str, int], ...],
    work_folder: Path | None,
    *,
    memory_bytes: int | None = None,
    engine: OpenEngine | None = None,
    kept_folder: Path | None = None,
) -> Facts:
    """Read the parts of an exchange table into facts.

    Args:
        parts: Parquet files with the canonical, source and sketch columns.
        present: Exchange columns that hold something and are not switched off.
        accounts: The account table, if there is one.
        releases: Served models with their release times in microseconds.
        work_folder: Folder for what does not fit into memory; None for the engine's choice.
        memory_bytes: Memory that the scan may take; None for the engine's choice.
        engine: Engine that holds the rows; this machine's own if None.
        kept_folder: Where sums of these parts are kept from scan to scan; only with this machine's
            engine, and None to keep nothing.

    Returns:
        The facts; they hold the engine open.
    """
    opened = engine or LocalEngine(
        EngineOptions(work_folder=work_folder, memory_bytes=memory_bytes)
    )
    scratch = Scratch(work_folder)
    stored = opened.stored(parts, scratch)
    most_held = rows_held(memory_bytes)
    kept = _kept(kept_folder, opened, stored, present, most_held)
    keys, account_ids, numbered = _numbered(opened, stored.rows, kept)
    rows = stored.rows.join(numbered, "account_key")
    held = stored.count <= most_held
    exchanges = opened.named("exchange_facts", _exchange_facts(rows, present), held=held)
    columns = _aligned(accounts, account_ids)
    by_key = np.argsort(keys)
    numbers = AccountNumbers(keys=keys[by_key], number=by_key.astype(np.int64))
    return Facts(
        engine=opened,
        exchanges=exchanges,
        rows=rows,
        parts=stored.parts,
        numbers=numbers,
        account_ids=account_ids,
        totals=_totals(exchanges, rows, numbers, kept),
        account_columns=columns,
        releases=releases,
        present=present
        | {f"accounts.{name}" for name in columns}
        | ({"organisation"} if "org_id" in present or "org_id" in columns else frozenset())
        | ({"releases"} if releases else frozenset()),
        scratch=scratch,
        kept=kept,
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


def _kept(
    folder: Path | None,
    engine: OpenEngine,
    stored: StoredRows,
    present: frozenset[str],
    most_held: int,
) -> KeptSums | None:
    """Open the sums that are kept of these parts, if they are to be kept."""
    if folder is None or not stored.parts:
        return None

    def view(parts: Any) -> tuple[Any, Any]:
        rows = parts.mutate(account=parts.account_key)
        return rows, _exchange_facts(rows, present)

    return KeptSums(
        folder,
        engine,
        parts=stored.parts,
        schema=stored.rows.schema(),
        view=view,
        rows_held=most_held,
    )


def _numbered(
    engine: OpenEngine, raw: Any, kept: KeptSums | None
) -> tuple[Integers, tuple[str, ...], Any]:
    """Number the accounts in the order of their ids: keys and ids in that order, and the table."""
    # Two ids of one key are somebody's own making; they count as one account.
    named = Question(of="rows", least={"account_id": _.account_id.min()})
    if kept is None:
        found = named.over(raw.mutate(account=raw.account_key)).to_pyarrow()
    else:
        found = kept.answer(named)
    keys, ids = found["account"].to_numpy(), found["account_id"].to_pylist()
    order = sorted(range(len(ids)), key=ids.__getitem__)
    numbers = pa.table(
        {
            "account_key": pa.array(keys[order], pa.int64()),
            "account": pa.array(np.arange(len(ids), dtype=np.int32)),
        }
    )
    table = engine.small_table("account_numbers", numbers)
    return keys[order], tuple(ids[place] for place in order), table


def _totals(
    exchanges: Any, rows: Any, numbers: AccountNumbers, kept: KeptSums | None
) -> dict[str, Integers]:
    """Add up what each account did, over all parts, or over the new ones and what is kept."""
    found = _counted(exchanges) if kept is None else by_number(_TOTALS, rows, numbers, kept)
    totals: dict[str, Integers] = {}
    for name in ("exchanges", "output_tokens", "active_days", "first_us", "last_us"):
        totals[name] = np.zeros(numbers.keys.size, dtype=np.int64)
        if name in found.column_names:
            totals[name][found["account"].to_numpy()] = found[name].to_numpy()
    if kept is not None:
        words = by_number(_ACTIVE, rows, numbers, kept)
        days = np.bitwise_count(words["days"].to_numpy())
        np.add.at(totals["active_days"], words["account"].to_numpy(), days)
        return totals
    # What is impossible counts here as the log says it, and as nothing among the facts.
    below = (
        rows.filter(_.output_tokens < 0)
        .group_by("account")
        .aggregate(output_tokens=_.output_tokens.sum().cast("int64"))
        .to_pyarrow()
    )
    totals["output_tokens"][below["account"].to_numpy()] += below["output_tokens"].to_numpy()
    return totals


def _counted(exchanges: Any) -> Any:
    # By day first: counting the different days of each account directly takes far longer.
    daily = exchanges.group_by(["account", "day"]).aggregate(
        exchanges=_.count(),
        output_tokens=_.output_tokens.fill_null(0).sum().cast("int64"),
        first=_.second.min(),
        last=_.second.max(),
    )
    return (
        daily.group_by("account")
        .aggregate(
            exchanges=_.exchanges.sum().cast("int64"),
            output_tokens=_.output_tokens.sum().cast("int64"),
            active_days=_.count(),
            first_us=_["first"].min() * 1_000_000,
            last_us=_["last"].max() * 1_000_000,
        )
        .to_pyarrow()
    )


def _day(time: Any) -> Any:
    return whole_seconds(time) // 86_400


DAYS_A_WORD: Final = 62
"""Days whose bits fit into one positive whole number."""
_TOTALS: Final = Question(
    of="rows",
    sums={
        "exchanges": _.count(),
        "output_tokens": _.output_tokens.fill_null(0).sum().cast("int64"),
    },
    least={"first_us": whole_seconds(_.time_start).min() * 1_000_000},
    most={"last_us": whole_seconds(_.time_start).max() * 1_000_000},
)
_ACTIVE: Final = Question(
    of="rows",
    by=("word",),
    made={"word": (_day(_.time_start) // DAYS_A_WORD).cast("int64")},
    bits={"days": lambda rows: _bit_of_day(rows).bit_or()},
)
"""The days on which accounts were active: numbers of days do not add up, the days themselves do."""


def _bit_of_day(rows: Any) -> Any:
    place = _day(rows.time_start) - rows.word * DAYS_A_WORD
    return ibis.literal(1, "int64") << place.cast("int64")
