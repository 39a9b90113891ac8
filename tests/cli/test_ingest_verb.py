"""Tests of ``cautery ingest``."""

from __future__ import annotations

import json
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from tests.ingest.reading import golden_input

from cautery.cli.main import run


def lines(count: int) -> str:
    records = (
        {
            "time_start": f"2026-10-01T00:00:{index % 60:02d}Z",
            "account_id": f"a{index}",
            "input_text": f"text number {index} of the log",
        }
        for index in range(count)
    )
    return "".join(json.dumps(record) + "\n" for record in records)


@pytest.fixture
def log(tmp_path: Path) -> Path:
    path = tmp_path / "log.jsonl"
    path.write_text(lines(200))
    return path


def test_writes_one_table_and_a_report(
    log: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The table is one Parquet file; the coverage report is on standard error."""
    output = tmp_path / "new" / "exchanges.parquet"
    assert run(["ingest", str(log), "-o", str(output)]) == 0
    assert pq.read_table(output).num_rows == 200
    captured = capsys.readouterr()
    assert captured.out == ""
    assert "read 200 exchanges, rejected 0" in captured.err
    assert "account_id         100.0 %" in captured.err
    assert "seed                   -   not in this log" in captured.err
    assert f"wrote {output}" in captured.err
    assert [path.name for path in output.parent.iterdir()] == ["exchanges.parquet"]


def test_the_table_is_read_back_as_canonical(log: Path, tmp_path: Path) -> None:
    """A written table without text, ingested again, is the same table."""
    first, second = tmp_path / "1.parquet", tmp_path / "2.parquet"
    assert run(["ingest", str(log), "-o", str(first), "--drop-text"]) == 0
    assert "input_text" not in pq.read_schema(first).names
    assert run(["ingest", str(first), "-o", str(second), "--drop-text"]) == 0
    assert first.read_bytes() == second.read_bytes()


def test_too_many_rejected(log: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Past --max-bad the exit is 4, the good lines are written and the bad ones beside them."""
    log.write_text(lines(95) + "nonsense\n" * 5)
    output = tmp_path / "x.parquet"
    assert run(["ingest", str(log), "-o", str(output)]) == 4
    assert pq.read_table(output).num_rows == 95
    rejected = (tmp_path / "x.rejected.jsonl").read_text().splitlines()
    assert [json.loads(line)["line"] for line in rejected] == [96, 97, 98, 99, 100]
    assert "5 of 100 lines rejected" in capsys.readouterr().err
    assert run(["ingest", str(log), "-o", str(output), "--max-bad", "5%"]) == 0
    log.write_text(lines(95))
    assert run(["ingest", str(log), "-o", str(output)]) == 0
    assert not (tmp_path / "x.rejected.jsonl").exists()


@pytest.mark.parametrize(
    "fault",
    [
        (["nowhere.jsonl"], 3, "no file matches 'nowhere.jsonl'"),
        (["{log}", "--format", "canonicle"], 2, "Did you mean 'canonical'?"),
        (["{log}", "--format", "mapped"], 3, "needs a mapping file"),
        (["{log}", "--tz", "Mars"], 3, "no time zone 'Mars'"),
        (["{log}", "--max-bad", "lots"], 2, "'lots' is not a share"),
        (["{log}", "--trusted-proxy", "x"], 3, "neither an address nor a network"),
        ([], 2, "no log given"),
    ],
    ids=["no-file", "format", "mapping", "zone", "share", "proxy", "no-log"],
)
def test_faults(
    log: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    fault: tuple[list[str], int, str],
) -> None:
    """Every fault has its exit code and one line that says what to do; nothing is written."""
    arguments, code, text = fault
    words = [word.replace("{log}", str(log)) for word in arguments]
    output = tmp_path / "out" / "x.parquet"
    assert run(["ingest", *words, "-o", str(output), "--no-progress"]) == code
    err = capsys.readouterr().err
    assert err.startswith("error: ")
    assert text in err
    assert "Traceback" not in err
    assert not output.exists()
    assert not output.parent.exists() or not list(output.parent.iterdir())


def test_hostile_text_is_inert(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Escape sequences in a file name or in the log do not reach the terminal."""
    log = tmp_path / "\x1b[31mred.jsonl"
    log.write_bytes(golden_input("canonical") + b'{"a": "\x1b[2J"}\n')
    run(["ingest", str(log), "-o", str(tmp_path / "x.parquet"), "--no-progress"])
    assert "\x1b" not in capsys.readouterr().err
