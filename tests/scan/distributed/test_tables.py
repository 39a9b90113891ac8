"""What a table is, and where, told by what somebody wrote."""

from __future__ import annotations

from pathlib import Path

import pytest

from cautery.scan.distributed.tables import table_place


@pytest.mark.parametrize(
    ("log", "place"),
    [
        ("exchanges", ("", "exchanges")),
        ("prod.gateway.exchanges", ("", "prod.gateway.exchanges")),
        ("s3a://logs/exchanges", ("parquet", "s3a://logs/exchanges")),
        ("hdfs://head:9000/logs", ("parquet", "hdfs://head:9000/logs")),
        ("delta:s3a://logs/exchanges", ("delta", "s3a://logs/exchanges")),
        ("iceberg:/lake/exchanges", ("iceberg", "/lake/exchanges")),
        ("/lake/exchanges", ("parquet", "/lake/exchanges")),
    ],
)
def test_places(log: str, place: tuple[str, str]) -> None:
    """Names are looked up in the catalog, paths hold Parquet unless they say otherwise."""
    assert table_place(log) == place


def test_paths_of_this_machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A path is given whole, and what stands there decides over what it is called."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "exchanges").mkdir()
    (tmp_path / "lake" / "_delta_log").mkdir(parents=True)
    assert table_place("exchanges") == ("parquet", str(tmp_path / "exchanges"))
    assert table_place("log.parquet") == ("parquet", str(tmp_path / "log.parquet"))
    assert table_place("lake") == ("delta", str(tmp_path / "lake"))
