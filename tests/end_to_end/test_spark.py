"""Scans on Spark: the same accounts and the same case as on this machine, to the last byte."""

from __future__ import annotations

import json
import os
import random
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
from tests.end_to_end.command_line import cautery, scan, simulate, succeed
from tests.scan.engines.spark_server import SAIL_PROGRAM, need_sail

LAKE_PROGRAM = """
import os, sys
from pysail.spark import SparkConnectServer
from pyspark.sql import SparkSession
server = SparkConnectServer()
server.start(background=True)
address = f"sc://127.0.0.1:{server.listening_address[1]}"
session = SparkSession.builder.remote(address).getOrCreate()
source, kind, table = sys.argv[1:]
rows = session.read.parquet(source)
rows.limit(1000).write.format(kind).save(table)
rows.write.format(kind).mode("overwrite").save(table)
os._exit(0)
"""
"""Writes a table of a lake twice: first a part of the rows, then all of them over it."""
SIZE = ("--accounts", "600", "--volume", "0.15", "--days", "7", "--seed", "1")


def case_of(folder: Path) -> Any:
    """Read a case without what describes the files themselves."""
    case = json.loads((folder / "case.json").read_text(encoding="utf-8"))
    case["input"].pop("files")
    return case


def cut(log: Path, folder: Path, files: int) -> Path:
    """Write a log as a table of several files, its rows in another order."""
    folder.mkdir()
    table = pq.read_table(log)
    rows = list(range(table.num_rows))
    random.Random(5).shuffle(rows)
    for place in range(files):
        pq.write_table(table.take(rows[place::files]), folder / f"{place}.parquet")
    return folder


def spark_words(folder: Path, lake: Path | str, output: Path, engine: str) -> list[str | Path]:
    """What to say for a scan of a table on Spark."""
    tables: list[str | Path] = [
        "--accounts",
        folder / "accounts.csv",
        "--releases",
        folder / "releases.csv",
    ]
    scratch: list[str | Path] = ["--engine", engine, "--scratch", output.with_name("scratch")]
    return ["scan", lake, *tables, *scratch, "-o", output, "--no-progress"]


def check_equal(local: Path, spark: Path) -> None:
    """Accounts and campaigns byte for byte, the case but for its files."""
    for name in ("accounts.csv", "campaigns.csv"):
        assert (spark / name).read_bytes() == (local / name).read_bytes()
    assert case_of(spark) == case_of(local)
    assert list(spark.with_name("scratch").iterdir()) == []


@pytest.mark.parametrize("tier", ["loud", pytest.param("hydra", marks=pytest.mark.slow)])
def test_spark_is_local(tmp_path: Path, tier: str) -> None:
    """One file on this machine, and five of shuffled rows on a Spark server without Java."""
    need_sail()
    folder = simulate(tmp_path / "log", tier, *SIZE)
    scan(folder, tmp_path / "local")
    assert tier != "loud" or case_of(tmp_path / "local")["campaigns"]
    lake = cut(folder / "exchanges.parquet", tmp_path / "lake", 5)
    words = spark_words(folder, lake, tmp_path / "spark", "SAIL")
    done = cautery(*words, program=SAIL_PROGRAM)
    assert done.code == 0, done.messages[-2_000:]
    check_equal(tmp_path / "local", tmp_path / "spark")


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["delta", "iceberg"])
def test_a_table_of_a_lake_is_local(tmp_path: Path, kind: str) -> None:
    """A Delta and an Iceberg table, written over: files in its folder that do not count."""
    need_sail()
    folder = simulate(tmp_path / "log", "loud", *SIZE)
    scan(folder, tmp_path / "local")
    cut(folder / "exchanges.parquet", tmp_path / "lake", 2)
    done = subprocess.run(
        [sys.executable, "-c", LAKE_PROGRAM, tmp_path / "lake", kind, tmp_path / "table"],
        check=False,
        capture_output=True,
        encoding="utf-8",
        timeout=300,
    )
    assert done.returncode == 0, done.stderr[-2_000:]
    stored = sum(pq.ParquetFile(path).metadata.num_rows for path in data_files(tmp_path / "table"))
    assert stored > case_of(tmp_path / "local")["input"]["exchanges"]
    words = spark_words(folder, f"{kind}:{tmp_path / 'table'}", tmp_path / "spark", "SAIL")
    scanned = cautery(*words, program=SAIL_PROGRAM)
    assert scanned.code == 0, scanned.messages[-2_000:]
    check_equal(tmp_path / "local", tmp_path / "spark")


def data_files(table: Path) -> list[Path]:
    """Every Parquet file of exchanges in the folder of a table."""
    return [path for path in table.rglob("*.parquet") if "_delta_log" not in path.parts]


@pytest.mark.slow
@pytest.mark.parametrize("engine", ["local[2]"])
def test_spark_itself_is_local(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, engine: str
) -> None:
    """The same with Apache Spark in Java, on two threads."""
    pytest.importorskip("pyspark", reason="wants pip install 'pyspark<4.1'")
    if shutil.which("java") is None:
        pytest.skip("wants Java 17")
    # A session with a server, in a test before this one, tells every later process to want one.
    for name in [name for name in os.environ if name.startswith("SPARK_")]:
        monkeypatch.delenv(name)
    folder = simulate(tmp_path / "log", "loud", *SIZE)
    scan(folder, tmp_path / "local")
    lake = cut(folder / "exchanges.parquet", tmp_path / "lake", 2)
    succeed(*spark_words(folder, lake, tmp_path / "spark", engine))
    check_equal(tmp_path / "local", tmp_path / "spark")
