"""What the leak audit looks at: one number or one value per account, from one column each."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Final

import duckdb
import numpy as np
import numpy.typing as npt

NUMBER_TYPES: Final = ("DOUBLE", "FLOAT", "BIGINT", "INTEGER", "SMALLINT", "BOOLEAN")
HOUR_COLUMNS: Final = "time_start"
ROW_SAMPLE: Final = 200_000
"""Exchanges looked at one by one."""
LEAST_SENDERS: Final = 50
"""Fewest accounts of each kind that a column of single exchanges is judged on."""
Feature = tuple[str, npt.NDArray[Any]]


@dataclass(frozen=True, slots=True, kw_only=True)
class TruthTable:
    """The true classes and the account table, in one order."""

    account_ids: npt.NDArray[Any]
    truth: list[dict[str, str]]
    accounts: dict[str, dict[str, str]]


def read_truth(folder: Path) -> TruthTable:
    """Read the truth and the account table of a simulated folder."""
    with (folder / "truth" / "accounts.csv").open(encoding="utf-8", newline="") as stream:
        truth = sorted(csv.DictReader(stream), key=lambda row: row["account_id"])
    with (folder / "accounts.csv").open(encoding="utf-8", newline="") as stream:
        accounts = {row["account_id"]: row for row in csv.DictReader(stream)}
    ids = np.array([row["account_id"] for row in truth], object)
    return TruthTable(account_ids=ids, truth=truth, accounts=accounts)


def seconds(text: str) -> float:
    """Turn a time into seconds, not-a-number when empty."""
    return datetime.fromisoformat(text).timestamp() if text else float("nan")


def account_features(table: TruthTable) -> Iterator[Feature]:
    """Yield every column of the account table, times as numbers."""
    rows = [table.accounts[name] for name in table.account_ids]
    for column in rows[0]:
        if column == "account_id":
            continue
        if column.endswith("_at"):
            yield column, np.array([seconds(row[column]) for row in rows], np.float64)
        else:
            yield column, np.array([row[column] for row in rows], object)


def accounts_seen(log: Path) -> npt.NDArray[Any]:
    """Return the accounts of a log."""
    query = f"select distinct account_id from read_parquet('{log}')"  # noqa: S608
    return np.array([row[0] for row in duckdb.sql(query).fetchall()], object)


def numbers_of(column: str) -> str:
    """Return the SQL aggregates of a number per account."""
    value = f'"{column}"::double'
    return (
        f"avg({value}), coalesce(stddev_pop({value}), 0), min({value}), max({value}), "
        f"count(distinct {value})::double, avg(({value} is null)::int)"
    )


NUMBER_NAMES: Final = ("mean", "deviation", "least", "most", "distinct", "null share")
WORD_NAMES: Final = ("distinct", "distinct a row", "entropy", "null share", "mean length")
TIME_NAMES: Final = (
    "exchanges", "days active", "exchanges an active day", "first", "last", "hour flatness",
    "mean hour", "weekend share", "median gap", "variation of gaps", "busiest hour",
)  # fmt: skip


def log_features(log: Path, order: npt.NDArray[Any]) -> Iterator[Feature]:
    """Yield numbers per account from each column of the log, and each account's usual value."""
    link = duckdb.connect()
    link.execute("set timezone = 'UTC'")
    link.execute("set preserve_insertion_order = false")
    source = f"read_parquet('{log}')"
    for name, kind, *_ in link.execute(f"describe select * from {source}").fetchall():  # noqa: S608
        if name == "account_id":
            continue
        if str(kind).startswith("TIMESTAMP"):
            if name == HOUR_COLUMNS:
                yield from spread(link, time_query(source), TIME_NAMES, name, order)
        elif kind in NUMBER_TYPES:
            query = f"select account_id, {numbers_of(name)} from {source} group by 1"  # noqa: S608
            yield from spread(link, query, NUMBER_NAMES, name, order)
        else:
            yield from spread(link, word_query(source, name), WORD_NAMES, name, order)
            modes = f'select account_id, mode("{name}") from {source} group by 1'  # noqa: S608
            found = dict(link.execute(modes).fetchall())
            yield f"{name} usual", np.array([found.get(key) for key in order], object)


def word_query(source: str, column: str) -> str:
    """Return the SQL of a text column's numbers per account."""
    return f"""
        with counted as (
            select account_id, "{column}" as value, count(*) as times from {source} group by 1, 2
        )
        select account_id,
            count(value)::double,
            count(value)::double / sum(times),
            coalesce(entropy_of(list(times) filter (value is not null)), 0),
            coalesce(sum(times) filter (value is null), 0)::double / sum(times),
            sum(times * length(value)) / nullif(sum(times) filter (value is not null), 0)
        from counted group by 1
    """.replace(  # noqa: S608
        "entropy_of(list(times) filter (value is not null))",
        "log2(sum(times) filter (value is not null)) - sum(times * log2(times)) "
        "filter (value is not null) / sum(times) filter (value is not null)",
    )


def time_query(source: str) -> str:
    """Return the SQL of the numbers per account that times give."""
    return f"""
        with rows as (
            select account_id, time_start as t, epoch(time_start) as s,
                hour(time_start) as h, epoch(time_start) / 86400 % 1 as phase,
                epoch(time_start) - lag(epoch(time_start)) over (
                    partition by account_id order by time_start) as gap
            from {source}
        )
        select account_id, count(*)::double, count(distinct t::date)::double,
            count(*)::double / count(distinct t::date), min(s), max(s),
            1 - sqrt(power(avg(cos(2 * pi() * phase)), 2) + power(avg(sin(2 * pi() * phase)), 2)),
            avg(phase), avg((dayofweek(t) in (0, 6))::int), median(gap),
            stddev_pop(gap) / nullif(avg(gap), 0), mode(h)::double
        from rows group by 1
    """  # noqa: S608


def spread(
    link: Any, query: str, names: tuple[str, ...], column: str, order: npt.NDArray[Any]
) -> Iterator[Feature]:
    """Run a query and yield each of its numbers in the order of the accounts."""
    found = {row[0]: row[1:] for row in link.execute(query).fetchall()}
    blank = (None,) * len(names)
    table = [found.get(key, blank) for key in order]
    for place, name in enumerate(names):
        yield f"{column} {name}", np.array([row[place] for row in table], np.float64)


def row_features(
    log: Path, attackers: npt.NDArray[Any]
) -> Iterator[tuple[str, npt.NDArray[Any], npt.NDArray[np.bool_]]]:
    """Yield the numbers of single exchanges with whether an attacker's account sent them.

    A column that few accounts of either kind have says more about chance than about attackers.
    """
    link = duckdb.connect()
    source = f"read_parquet('{log}')"
    kinds = link.execute(f"describe select * from {source}").fetchall()  # noqa: S608
    names = [row[0] for row in kinds if row[1] in NUMBER_TYPES]
    texts = [row[0] for row in kinds if row[1] == "VARCHAR" and row[0].endswith("_text")]
    columns = [f'"{name}"::double' for name in names]
    columns += [f'length("{name}")::double' for name in texts]
    query = f"select account_id, {', '.join(columns)} from {source}"  # noqa: S608
    one_in = f"greatest(1, (select count(*) from {source}) // {ROW_SAMPLE})"  # noqa: S608
    query += f" where hash(request_id) % {one_in} = 0"
    found = link.execute(query).fetchnumpy()
    columns_found = list(found.values())
    senders = np.array(columns_found[0], object)
    chosen = set(attackers.tolist())  # comparing texts pair by pair would take half of the audit
    mine = np.fromiter((sender in chosen for sender in senders), np.bool_, len(senders))
    wide = [*names, *(f"{text} length" for text in texts)]
    for name, masked in zip(wide, columns_found[1:], strict=True):
        values = np.ma.filled(np.ma.asarray(masked, np.float64), np.nan)
        known = ~np.isnan(values)
        both = (len(set(senders[known & mine])), len(set(senders[known & ~mine])))
        if min(both) >= LEAST_SENDERS:
            yield name, values, mine
