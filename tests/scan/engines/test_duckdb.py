"""The engine of this machine: passes over parts and tables give what is asked for."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
from tests.scan.conftest import ReadLog
from tests.scan.worlds import ordinary, planted

from cautery.ports import Engine, OpenEngine
from cautery.scan.engine_options import EngineOptions
from cautery.scan.engines.duckdb import MEMBER, LocalEngine, connected

COUNTS = pa.schema([("account", pa.int32()), ("known", pa.bool_())])


def by_account(account: Any, _batch: Any) -> pa.RecordBatch:
    """Count exchanges by account."""
    key, exchanges = np.unique(account, return_counts=True)
    return pa.RecordBatch.from_pydict({"key": key, "exchanges": exchanges})


def known(account: Any, batch: Any, *, column: str) -> pa.RecordBatch:
    """Tell of every exchange whether it has a value."""
    return pa.RecordBatch.from_pydict(
        {"account": pa.array(account), "known": batch.column(column).is_valid()}
    )


def test_what_does_not_fit_goes_to_the_work_folder(tmp_path: Path) -> None:
    """Under a limit a sort that is larger is spilled beside the results, and is right."""
    options = EngineOptions(work_folder=tmp_path, memory_bytes=200 * 2**20)
    connection = connected(options, 1)
    setting = connection.raw_sql("SELECT current_setting('temp_directory')").fetchone()[0]
    assert Path(setting) == tmp_path / "spill"
    rows = "SELECT hash(i) AS h, repeat('x', 60) || i AS t FROM range(3000000) r(i)"
    connection.raw_sql(f"CREATE TEMP TABLE large AS {rows}")
    connection.raw_sql("CREATE TEMP TABLE sorted AS SELECT * FROM large ORDER BY h")
    assert list((tmp_path / "spill").iterdir())
    assert connection.raw_sql("SELECT count(*) FROM sorted").fetchone()[0] == 3_000_000


def test_it_is_an_engine(tmp_path: Path) -> None:
    """What the shelf opens keeps to the port, and closing it unused harms nobody."""
    engine: object = MEMBER
    assert isinstance(engine, Engine)
    opened: OpenEngine = MEMBER.open(EngineOptions(work_folder=tmp_path))
    assert isinstance(opened, LocalEngine)
    opened.close()


def test_tally_and_write(read_log: ReadLog) -> None:
    """A tally adds up over batches; what is written down is a table of all exchanges."""
    facts = read_log(ordinary(5) + planted(3))
    found = facts.engine.over_log(facts, ["input_hash", "invented"]).tally(
        by_account, ("exchanges",)
    )
    assert found["key"].to_pylist() == list(range(facts.account_count))
    assert found["exchanges"].to_pylist() == facts.totals["exchanges"].tolist()
    table = facts.engine.over(facts, facts.exchanges).write(
        partial(known, column="input_hash"), COUNTS, "known-rows"
    )
    rows = table.to_pyarrow()
    assert rows.num_rows == facts.totals["exchanges"].sum()
    assert rows.schema == COUNTS


def test_a_small_table_takes_the_place_of_another(read_log: ReadLog) -> None:
    """The second table of a name is the one that is read."""
    facts = read_log(ordinary(2))
    for values in ([1], [2, 3]):
        table = facts.engine.small_table("chosen", pa.table({"account": values}))
        assert sorted(table.to_pyarrow()["account"].to_pylist()) == values
