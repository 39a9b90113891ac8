"""``cautery provenance fingerprints`` through the command line."""

from __future__ import annotations

import json
import random
from datetime import UTC, datetime
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from cautery.cli.main import run

BASE = ["--store", "store", "--ring", "ring.json", "--epoch", "e1"]


def answer(seed: int) -> str:
    """An answer of words out of a small vocabulary."""
    draw = random.Random(seed)
    return " ".join(f"word{draw.randrange(900)}" for _ in range(80))


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with a ring and an exchange table of twenty answers, one without text."""
    monkeypatch.chdir(tmp_path)
    Path("profile.json").write_text('{"schema": "cautery.profile/1", "scheme": "vllm-gumbel"}')
    assert run(["watermark", "keys", "init", "ring.json", "--new-master", "master"]) == 0
    words = "watermark keys epoch ring.json e1 --profile profile.json"
    assert run([*words.split(), "--since", "2020-01-01", "--until", "2100-01-01"]) == 0
    table = pa.table(
        {
            "request_id": [f"r{seed}" for seed in range(20)],
            "account_id": [f"a{seed % 3}" for seed in range(20)],
            "time_start": [datetime(2026, 11, 1, tzinfo=UTC)] * 20,
            "output_text": [answer(seed) if seed else None for seed in range(20)],
        }
    )
    pq.write_table(table, "exchanges.parquet")
    return tmp_path


def fingerprints(*words: str) -> int:
    """Run a verb of ``cautery provenance fingerprints``."""
    return run(["provenance", "fingerprints", *words])


def test_a_piece_is_found(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A piece of an answer names its request; a strange text names none. Twice adds nothing."""
    assert fingerprints("add", "exchanges.parquet", *BASE) == 0
    assert fingerprints("add", "exchanges.parquet", *BASE) == 0
    assert capsys.readouterr().err.splitlines()[-2:] == [
        "added 19 answers to store",
        "added 0 answers to store",
    ]
    Path("piece.txt").write_text(" ".join(answer(7).split()[20:60]))
    assert fingerprints("find", "piece.txt", *BASE, "--output-format", "json") == 0
    (match,) = (json.loads(line) for line in capsys.readouterr().out.splitlines())
    assert (match["request_id"], match["account_id"], match["exact"]) == ("r7", "a1", False)
    Path("strange.txt").write_text(answer(99))
    assert fingerprints("find", "strange.txt", *BASE) == 0
    assert "no answer" in capsys.readouterr().out


def test_a_destroyed_epoch_finds_nothing(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Once its epoch is destroyed the store cannot be searched by anybody."""
    assert fingerprints("add", "exchanges.parquet", *BASE) == 0
    assert run(["watermark", "keys", "state", "ring.json", "e1", "destroyed"]) == 0
    Path("piece.txt").write_text(answer(7))
    assert fingerprints("find", "piece.txt", *BASE) == 3
    assert "destroyed" in capsys.readouterr().err


def test_wrong_files(folder: Path) -> None:
    """A table without answers, no table, and no store leave with 3."""
    pq.write_table(pa.table({"account_id": ["a"]}), "other.parquet")
    assert fingerprints("add", "other.parquet", *BASE) == 3
    assert fingerprints("add", "profile.json", *BASE) == 3
    assert fingerprints("add", "nowhere", *BASE) == 3
    assert fingerprints("find", "profile.json", *BASE) == 3
