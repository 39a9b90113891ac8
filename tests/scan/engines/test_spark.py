"""Spark gives what the engine of this machine gives, expression by expression and pass by pass."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from tests.scan.engines.spark_server import sail_address
from tests.scan.engines.test_duckdb import by_account
from tests.scan.replay_worlds import signed
from tests.scan.small_logs import NOW, SmallLog, exchange, ingested
from tests.scan.worlds import ordinary, planted

from cautery.errors import MissingColumnError, NoInputError, UsageError
from cautery.ingest.options import IngestOptions
from cautery.ingest.table import ExchangeTable
from cautery.ports import Engine
from cautery.records.progress import SilentProgress
from cautery.scan.deciding import carried_exchanges
from cautery.scan.engine_options import EngineOptions
from cautery.scan.engines.spark import MEMBER, SparkEngine
from cautery.scan.facts import Facts
from cautery.scan.needs import SCAN_COLUMNS
from cautery.scan.reading import read_facts
from cautery.scan.run import present_columns
from cautery.scan.signals.signature_replay import CARRIED

pytestmark = pytest.mark.filterwarnings("ignore")

LONELY = tuple(
    exchange("lonely", second, input_text=f"nobody else asks for such a thing as this, {second}")
    for second in range(9)
)
LOG: SmallLog = signed(
    ordinary(12) + planted(6) + SmallLog(exchanges=LONELY), pool="planted", every=2
)


@pytest.fixture(scope="module", name="address")
def _address() -> Iterator[str]:
    with sail_address() as address:
        yield address


@pytest.fixture(scope="module", name="lake")
def _lake(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The log as a table of several files, rows turned around."""
    folder = tmp_path_factory.mktemp("lake")
    table = pq.read_table(ingested(folder / "log", LOG).parts[0])
    (folder / "table").mkdir()
    size = -(-table.num_rows // 3)
    for place in range(3):
        rows = table.slice(place * size, size)
        turned = rows.take(pa.array(range(rows.num_rows - 1, -1, -1)))
        pq.write_table(turned.drop_columns(["input_shingles"]), folder / f"table/{place}.parquet")
    return folder


def read(address: str, lake: Path, log: str, **chosen: Any) -> tuple[SparkEngine, ExchangeTable]:
    """Open the engine and read one table."""
    engine = MEMBER.open(EngineOptions(address=address, scratch=str(lake / "scratch")))
    options = IngestOptions(logs=(log,), columns=SCAN_COLUMNS, now=NOW, **chosen)
    return engine, engine.read_logs(options, lake, SilentProgress())


@pytest.fixture(scope="module", name="both")
def _both(address: str, lake: Path) -> Iterator[tuple[Facts, Facts]]:
    """Facts of this machine's engine and of Spark."""
    local = ingested(lake / "local", LOG, columns=SCAN_COLUMNS)
    engine, table = read(address, lake, str(lake / "table"))
    assert table.coverage == local.coverage
    assert table.notes == local.notes
    present = present_columns(local)
    facts = read_facts(local.parts, present, None, (), lake / "work")
    past = read_facts((), present, None, (), lake / "work", engine=engine)
    yield facts, past
    facts.close()
    past.close()
    assert list((lake / "scratch").iterdir()) == []


def test_it_is_an_engine_without_pyspark() -> None:
    """The shelf loads it whether Spark is there or not; elsewhere it wants a scratch folder."""
    engine: object = MEMBER
    assert isinstance(engine, Engine)
    with pytest.raises(UsageError, match="--scratch"):
        MEMBER.open(EngineOptions(address="spark://head:7077"))


def test_facts_are_equal(both: tuple[Facts, Facts]) -> None:
    """Accounts, totals and every column of every exchange are the same."""
    facts, past = both
    assert past.account_ids == facts.account_ids
    for name, values in facts.totals.items():
        assert past.totals[name].tolist() == values.tolist()
    tables = [one.exchanges.to_pyarrow().to_pylist() for one in both]
    rows = [
        sorted(table, key=lambda row: [str(value) for value in row.values()]) for table in tables
    ]
    assert rows[0] == rows[1]


def test_passes_are_equal(both: tuple[Facts, Facts]) -> None:
    """Tallies and repeated shingles are the same; Spark sends no pair that is not asked for."""
    facts, _past = both
    local, spark = (
        one.engine.over_log(one, ["input_hash"]).tally(by_account, ("exchanges",)) for one in both
    )
    assert spark.equals(local)
    needed = np.full(facts.account_count, 3)
    pairs = [
        {
            (account, token): count
            for account, token, count in zip(
                found.account.tolist(), found.token.tolist(), found.exchanges.tolist(), strict=True
            )
        }
        for found in (one.engine.repeated_shingles(one, needed, 3) for one in both)
    ]
    holders = np.unique(
        [token for (_a, token), n in pairs[0].items() if n >= 3], return_counts=True
    )
    shared = set(holders[0][holders[1] >= 3].tolist())
    asked = {pair: n for pair, n in pairs[0].items() if n >= 3 and pair[1] in shared}
    assert pairs[1] == asked
    assert 0 < len(asked) < len(pairs[0])
    tokens = np.array(sorted(shared)[:5], dtype=np.int64)
    carried = [
        [part.tolist() for part in carried_exchanges(one, tokens, np.arange(tokens.size) % 2, 2)]
        for one in both
    ]
    assert carried[0] == carried[1]
    assert carried[0][0]


def test_replays_are_equal(both: tuple[Facts, Facts]) -> None:
    """Both find the same signatures in other accounts than they were issued to."""
    pairs = [one.replays.pairs() for one in both]
    assert set(pairs[0].account.tolist()) == {
        number for number, name in enumerate(both[0].account_ids) if name.startswith("planted")
    }
    for name in ("account", "token", "exchanges", "names"):
        assert np.array_equal(getattr(pairs[0], name), getattr(pairs[1], name))
    carried = [one.answer(CARRIED).sort_by("account") for one in both]
    assert carried[0].to_pydict() == carried[1].to_pydict()


def test_tables_of_nobody(both: tuple[Facts, Facts]) -> None:
    """Nobody has no exchanges, and an empty table keeps its columns."""
    for one in both:
        nobody = np.zeros(0, dtype=np.int64)
        assert one.exchanges_of(nobody).to_pyarrow().num_rows == 0
        table = pa.table({"account": pa.array([], pa.int32()), "share": pa.array([], pa.float64())})
        found = one.engine.small_table("nobody", table)
        assert found.to_pyarrow().schema.names == ["account", "share"]


def test_a_table_that_is_not_there(address: str, lake: Path) -> None:
    """A name and a path without anything behind them are told in a sentence."""
    for log in ("no.such.table", str(lake / "nothing")):
        with pytest.raises(NoInputError, match="Spark finds no"):
            read(address, lake, log)


@pytest.mark.parametrize("column", ["time_start", "account_id"])
def test_a_table_without_what_linking_needs(address: str, lake: Path, column: str) -> None:
    """The sentence names the column."""
    table = pq.read_table(lake / "table/0.parquet").select(["time_start", "account_id"])
    path = lake / f"without-{column}.parquet"
    pq.write_table(table.drop_columns([column]), path)
    with pytest.raises(MissingColumnError, match=column):
        read(address, lake, str(path))


def test_logs_of_other_formats_are_refused(address: str, lake: Path) -> None:
    """Spark reads exchange tables only, and says what to do with the rest."""
    with pytest.raises(UsageError, match="cautery ingest"):
        read(address, lake, str(lake / "table"), format="litellm_spend_logs")
