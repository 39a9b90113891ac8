"""Facts are the same whether keys were stored or made, and held in memory or read again."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
from tests.scan.conftest import ReadLog, ScanLog
from tests.scan.grouping import fed_links
from tests.scan.scanning import attacked, rendered
from tests.scan.small_logs import SmallLog, account_table, exchange, ingested
from tests.scan.worlds import DAY, ordinary, planted

from cautery.ingest import keys
from cautery.ingest.schema import PART_SCHEMA, SCAN_SCHEMA
from cautery.records.exchange import KEY_COLUMNS
from cautery.scan import reading
from cautery.scan.engines import duckdb
from cautery.scan.facts import Facts
from cautery.scan.needs import SCAN_COLUMNS
from cautery.scan.reading import read_facts
from cautery.scan.run import ScanOptions, present_columns

KEYS = [column.name for column in KEY_COLUMNS]
EVERYTHING = frozenset(SCAN_SCHEMA.names)


def told(facts: Facts) -> dict[str, Any]:
    """Tell all that facts say, in an order of their own."""
    rows = facts.exchanges.to_pyarrow().to_pylist()
    links = {
        name: (
            pairs.account.tolist(),
            pairs.token.tolist(),
            pairs.exchanges.tolist(),
            list(pairs.names),
        )
        for name, pairs in fed_links(facts).items()
    }
    return {
        "ids": facts.account_ids,
        "present": facts.present,
        "totals": {name: values.tolist() for name, values in facts.totals.items()},
        "columns": {name: values.to_pylist() for name, values in facts.account_columns.items()},
        "customers": facts.customers.tolist(),
        "rows": sorted(json.dumps(row, sort_keys=True) for row in rows),
        "links": links,
    }


def shown() -> SmallLog:
    """Make a log whose accounts share a little of everything."""
    columns = {"system_text": "Be kind and brief and answer in rhyme", "org_id": "acme"}
    return (
        ordinary(12)
        + planted(6, accounts_per_address=2)
        + SmallLog(exchanges=(exchange("plain"), exchange("acme", DAY, **columns)))
    )


def test_keys_stored_or_made(read_log: ReadLog) -> None:
    """Parts without keys, with some of them and with all of them give equal facts."""
    log = shown()
    plain = told(read_log(log))
    for columns in (EVERYTHING, SCAN_COLUMNS, EVERYTHING - {"style_key", "account_key"}):
        assert told(read_log(log, columns=columns)) == plain


def test_parts_of_both_kinds(tmp_path: Path) -> None:
    """Parts with keys and parts without them may stand in one table."""
    log = shown()
    halves = [
        ingested(
            tmp_path / f"half-{place}",
            SmallLog(exchanges=log.exchanges[place::2]),
            columns=columns,
        )
        for place, columns in enumerate((EVERYTHING, None))
    ]
    whole = ingested(tmp_path / "whole", log)
    accounts = account_table(tmp_path, log)
    present = present_columns(whole)
    parts = [part for half in halves for part in half.parts]
    both = read_facts(parts, present, accounts, (), tmp_path / "work")
    alone = read_facts(whole.parts, present, accounts, (), None)
    assert told(both) == told(alone)
    both.close()
    alone.close()


def test_made_keys_are_stored_beside_the_scan(tmp_path: Path) -> None:
    """Parts that lack keys stay as they are and are copied with them; the copies go."""
    table = ingested(tmp_path / "log", shown())
    before = [part.read_bytes() for part in table.parts]
    facts = read_facts(table.parts, present_columns(table), None, (), tmp_path / "work")
    copies = [pq.read_table(part) for part in facts.parts]
    assert {path.parent for path in facts.parts} == {facts.scratch.folder}
    assert [copy.schema.names for copy in copies] == [[*PART_SCHEMA.names, *KEYS]]
    assert copies[0].select(PART_SCHEMA.names).equals(pq.read_table(table.parts[0]))
    facts.close()
    assert [part.read_bytes() for part in table.parts] == before
    assert list((tmp_path / "work").glob("cautery-scan-*")) == []


def test_parts_with_keys_are_not_copied(tmp_path: Path) -> None:
    """What was stored for a scan is read where it stands."""
    table = ingested(tmp_path / "log", shown(), columns=SCAN_COLUMNS)
    facts = read_facts(table.parts, present_columns(table), None, (), None)
    assert facts.parts == table.parts
    assert list(facts.scratch.folder.iterdir()) == []
    facts.close()


@pytest.mark.parametrize("rows", [0, 97])
def test_long_logs_are_read_again(
    read_log: ReadLog, monkeypatch: pytest.MonkeyPatch, rows: int
) -> None:
    """Facts of more exchanges than are held say the same as those that are."""
    log = shown()
    held = told(read_log(log))
    monkeypatch.setattr(reading, "ROWS_IN_MEMORY", rows)
    assert told(read_log(log)) == held
    assert told(read_log(log, columns=SCAN_COLUMNS)) == held


def test_memory_holds_no_long_log(read_log: ReadLog, monkeypatch: pytest.MonkeyPatch) -> None:
    """The facts of a short log are a table of the engine, and those of a long one are none."""
    counts = []
    for rows in (len(shown().exchanges), len(shown().exchanges) - 1):
        monkeypatch.setattr(reading, "ROWS_IN_MEMORY", rows)
        facts = read_log(shown())
        query = "SELECT count(*) FROM duckdb_tables() WHERE table_name = 'exchange_facts'"
        counts.append(facts.engine.connection.raw_sql(query).fetchone()[0])
    assert counts == [1, 0]


def test_the_memory_of_a_scan_bounds_what_is_held(
    scan_log: ScanLog, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What the caller gives the scan decides whether facts are held, and nothing else does."""
    asked: list[int | None] = []

    def noted(memory_bytes: int | None) -> int:
        asked.append(memory_bytes)
        return 0

    monkeypatch.setattr(reading, "rows_held", noted)
    for memory_bytes in (None, 2_000_000_000):
        scan_log(attacked(20, 8), options=ScanOptions(memory_bytes=memory_bytes))
    assert asked == [None, 2_000_000_000]


def test_less_memory_holds_fewer_exchanges() -> None:
    """What may be held grows with the memory up to a bound, and knows the machine without one."""
    assert reading.rows_held(10**9) < reading.rows_held(2 * 10**9)
    assert reading.rows_held(10**12) == reading.ROWS_IN_MEMORY
    assert 0 < reading.rows_held(None) <= reading.ROWS_IN_MEMORY


def test_a_case_of_a_long_log(scan_log: ScanLog, monkeypatch: pytest.MonkeyPatch) -> None:
    """A scan that reads its facts again comes to the same case, to the last byte."""
    log = attacked(50, 16)
    held = rendered(scan_log(log))
    monkeypatch.setattr(reading, "ROWS_IN_MEMORY", 0)
    assert rendered(scan_log(log)) == held


def shared_keys(*groups: str) -> Callable[[str], int]:
    """Give the accounts of a group one key, as somebody might make for accounts of his own."""
    return lambda account: next(
        (place for place, names in enumerate(groups) if account in names), 100 + ord(account)
    )


def test_two_ids_of_one_key(read_log: ReadLog, monkeypatch: pytest.MonkeyPatch) -> None:
    """Accounts whose ids somebody made to share a key count as one, the first by its id."""
    monkeypatch.setattr(keys, "account_key", shared_keys("bd"))
    rows = (
        exchange("d", DAY, output_tokens=5, client_address="203.0.113.1"),
        exchange("a", output_tokens=1, client_address="203.0.113.1"),
        exchange("b", output_tokens=7, client_address="203.0.113.2"),
        exchange("c", client_address="203.0.113.3"),
    )
    table = tuple({"account_id": name, "email_domain": f"{name}.example"} for name in "abcd")
    facts = read_log(SmallLog(exchanges=rows, accounts=table))
    assert facts.account_ids == ("a", "b", "c")
    assert facts.totals["exchanges"].tolist() == [1, 2, 1]
    assert facts.totals["output_tokens"].tolist() == [1, 12, 0]
    assert facts.totals["active_days"].tolist() == [1, 2, 1]
    assert facts.account_texts("email_domain").tolist() == ["a.example", "b.example", "c.example"]
    pairs = fed_links(facts)["address"]
    assert sorted(pairs.account.tolist()) == [0, 1, 1, 2]
    assert facts.exchanges.count().to_pyarrow().as_py() == 4


@pytest.mark.parametrize("most", [0, 1_000])
def test_totals_by_hand(read_log: ReadLog, monkeypatch: pytest.MonkeyPatch, most: int) -> None:
    """Totals count days and tokens as the log says them, impossible ones too, held or not."""
    monkeypatch.setattr(reading, "ROWS_IN_MEMORY", most)
    rows = (
        exchange("a", 5, output_tokens=-7),
        exchange("a", DAY + 1, output_tokens=10),
        exchange("a", DAY + 2, output_tokens=None),
        exchange("b", 3 * DAY, output_tokens=-1),
    )
    facts = read_log(SmallLog(exchanges=rows))
    start = int(facts.totals["first_us"][0]) - 5_000_000
    assert facts.totals["exchanges"].tolist() == [3, 1]
    assert facts.totals["output_tokens"].tolist() == [3, -1]
    assert facts.totals["active_days"].tolist() == [2, 1]
    assert (facts.totals["last_us"] - start).tolist() == [(DAY + 2) * 10**6, 3 * DAY * 10**6]


def test_keys_in_any_order(read_log: ReadLog, monkeypatch: pytest.MonkeyPatch) -> None:
    """Accounts are numbered by their ids, however their keys lie."""
    monkeypatch.setattr(keys, "account_key", lambda account: -ord(account))
    rows = tuple(exchange(name) for name in "cabbca")
    facts = read_log(SmallLog(exchanges=(*rows, exchange("c", 9))))
    assert facts.account_ids == ("a", "b", "c")
    assert facts.totals["exchanges"].tolist() == [2, 2, 3]
    assert facts.numbers.of(facts.numbers.keys).tolist() == [2, 1, 0]


def test_a_bound_on_memory_changes_nothing(
    scan_log: ScanLog, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The engine gets its part of the bound, and the case is the same."""
    limits: list[str] = []
    connect = duckdb.connected

    def watched(*args: Any, **kwargs: Any) -> Any:
        connection = connect(*args, **kwargs)
        row = connection.raw_sql("SELECT current_setting('memory_limit')").fetchone()
        limits.append(row[0])
        return connection

    monkeypatch.setattr(duckdb, "connected", watched)
    log = ordinary(40) + planted(12)
    free = scan_log(log)
    bound = scan_log(log, options=ScanOptions(memory_bytes=2_000 * 2**20))
    assert limits[1] == "1000.0 MiB" != limits[0]
    assert rendered(bound) == rendered(free)
