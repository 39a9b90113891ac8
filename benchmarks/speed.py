"""Measure speed and memory, each beside a plain read of the same file in the same run.

    python benchmarks/speed.py scan --exchanges 1000000
    python benchmarks/scan_growth.py --sizes 1000000 4000000 16000000
    python benchmarks/speed.py lines --exchanges 500000
    python benchmarks/speed.py read
    python benchmarks/speed.py start

Look at ratios, not at seconds: machines differ, and so do their neighbours.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))  # so that it runs as a file too

from benchmarks.alternate_world import make_alternate_world
from benchmarks.labelled_logs import (
    LogRequest,
    Run,
    call_cautery,
    call_program,
    make_log,
    scan_log,
)
from benchmarks.world_files import write_world
from benchmarks.world_formats import LOG_WRITERS

PYARROW_READ = """
import sys
import pyarrow.parquet as pq
rows = 0
for path in sys.argv[1:]:
    for batch in pq.ParquetFile(path).iter_batches():
        rows += batch.num_rows
"""
"""Decodes every column of every row and keeps nothing."""

MSGSPEC_DECODE = """
import sys
import msgspec
decoder = msgspec.json.Decoder()
for path in sys.argv[1:]:
    with open(path, "rb") as lines:
        for line in lines:
            decoder.decode(line)
"""
"""Decodes every line to plain objects, one after another, and keeps nothing."""

DUCKDB_READ = """
import sys
import duckdb
names = [row[0] for row in duckdb.execute("describe select * from read_parquet(?)",
                                          [sys.argv[1:]]).fetchall()]
columns = ", ".join(f'max("{name}")' for name in names)
duckdb.execute(f"select {columns} from read_parquet(?)", [sys.argv[1:]]).fetchall()
"""
"""Reads every column of every row for one maximum each."""


_TABLE_HEAD = "| program | seconds | CPU seconds | peak memory, GB | ratio of time | ratio of CPU |"


def measure_scan(exchanges: int, accounts: int) -> list[str]:
    """Scan a log with text and compare with plain reads of the same Parquet.

    Args:
        exchanges: Least number of exchanges.
        accounts: Accounts of the simulated log that is repeated until there are enough.

    Returns:
        Lines to print.
    """
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name) / "log"
        rows = make_long_log(folder, exchanges, accounts)
        paths = [str(path) for path in sorted(folder.glob("exchanges*"))]
        scan = scan_log(folder, Path(name) / "out")
        arrow = call_program([sys.executable, "-c", PYARROW_READ, *paths])
        duck = call_program([sys.executable, "-c", DUCKDB_READ, *paths])
        size = sum(Path(path).stat().st_size for path in paths)
    if scan.code:
        return [f"cautery scan left with {scan.code}: {scan.messages[-1_000:]}"]
    return [
        f"{rows:,} exchanges with text, {size / 1e6:,.0f} MB of Parquet",
        "",
        _TABLE_HEAD,
        "| --- | --- | --- | --- | --- | --- |",
        *(
            _line(label, run, arrow)
            for label, run in (
                ("cautery scan", scan),
                ("pyarrow, decode all columns", arrow),
                ("duckdb, one maximum a column", duck),
            )
        ),
    ]


def make_long_log(folder: Path, exchanges: int, accounts: int) -> int:
    """Simulate a February log and repeat it until it is long enough.

    Args:
        folder: Where it goes; it must not exist.
        exchanges: Least number of exchanges.
        accounts: Accounts of the simulated log.

    Returns:
        Exchanges that there are.
    """
    make_log(LogRequest(world="simulate", tier="february", seed=1, accounts=accounts), folder)
    return repeat_log(folder, exchanges)


def _line(label: str, run: Run, base: Run) -> str:
    times = f"{run.seconds:.1f} | {run.cpu_seconds:.1f} | {run.peak_bytes / 1e9:.2f}"
    ratios = f"{run.seconds / base.seconds:.1f} | {run.cpu_seconds / base.cpu_seconds:.1f}"
    return f"| {label} | {times} | {ratios} |"


def repeat_log(folder: Path, least: int) -> int:
    """Repeat a Parquet log until it is long enough, with other accounts, addresses and words.

    Args:
        folder: A simulated log in ``canonical-parquet``; its file is replaced.
        least: Exchanges that there must be at least.

    Returns:
        Exchanges that there are.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    paths = sorted(folder.glob("exchanges*"))
    table = pa.concat_tables([pq.read_table(path) for path in paths])
    copies = -(-least // int(table.num_rows))
    for path in paths:
        path.unlink()
    with pq.ParquetWriter(folder / "exchanges.parquet", table.schema) as writer:
        for copy in range(copies):
            writer.write_table(_changed(table, copy) if copy else table, row_group_size=100_000)
    return int(table.num_rows) * copies


def _changed(table: Any, copy: int) -> Any:
    import pyarrow as pa
    import pyarrow.compute as pc

    for name in ("account_id", "request_id", "org_id", "conversation_id", "key_id"):
        if name in table.column_names:
            column = pc.binary_join_element_wise(table[name], f"{copy}", "-")
            table = table.set_column(table.column_names.index(name), name, column)
    for name in ("input_text", "output_text"):
        # Most words that end in e are changed, so that copies share few word sequences.
        column = pc.replace_substring(table[name], "e ", f"e{chr(96 + copy % 26)} ")
        table = table.set_column(table.column_names.index(name), name, column)
    address = table["client_address"]
    octet = pa.scalar(f".{(copy * 37) % 250}.")
    moved = pc.replace_substring_regex(address, r"\.\d+\.", octet.as_py(), max_replacements=1)
    return table.set_column(table.column_names.index("client_address"), "client_address", moved)


def measure_lines(exchanges: int, accounts: int) -> list[str]:
    """Read LiteLLM's spend logs as JSON Lines, beside plain decoding of the same lines.

    Args:
        exchanges: Least number of exchanges; the log is repeated until there are enough.
        accounts: Accounts of the simulated log.

    Returns:
        Lines to print. Peak memory is that of the largest process.
    """
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name) / "log"
        request = LogRequest(
            world="simulate",
            tier="february",
            seed=1,
            accounts=accounts,
            log_format="litellm-spend-logs",
        )
        make_log(request, folder)
        path = Path(name) / "spend_logs.jsonl"
        rows = _repeat_lines(sorted(folder.glob("exchanges*")), path, exchanges)
        plain = call_program([sys.executable, "-c", MSGSPEC_DECODE, str(path)])
        words = ["ingest", str(path), "-o", str(Path(name) / "table.parquet"), "--no-progress"]
        runs = {
            "msgspec, decode every line": plain,
            "cautery ingest --processes 1": call_cautery([*words, "--processes", "1"]),
            "cautery ingest": call_cautery(words),
        }
        size = path.stat().st_size
    failed = [f"{label} left with {run.code}" for label, run in runs.items() if run.code]
    return failed or [
        f"{rows:,} exchanges with text, {size / 1e6:,.0f} MB of JSON Lines",
        "",
        _TABLE_HEAD + " exchanges a second |",
        "| --- " * 7 + "|",
        *(f"{_line(label, run, plain)} {rows / run.seconds:,.0f} |" for label, run in runs.items()),
    ]


def _repeat_lines(sources: Sequence[Path], target: Path, least: int) -> int:
    lines = 0
    with target.open("wb") as written:
        while lines < least:
            for source in sources:
                with source.open("rb") as read:
                    for line in read:
                        written.write(line)
                        lines += 1
    return lines


def measure_readers() -> list[str]:
    """Read the same exchanges from every log format, sketches and start included.

    Returns:
        Lines to print.
    """
    world = make_alternate_world("february", 1)
    lines = ["| format | lines | seconds | CPU seconds | lines a CPU second | MB a CPU second |"]
    lines.append("| --- " * 6 + "|")
    for log_format in LOG_WRITERS:
        with tempfile.TemporaryDirectory() as name:
            path = write_world(world, Path(name), log_format)
            plain = _size_unpacked(path)
            words = ["ingest", str(path), "-o", str(Path(name) / "table.parquet")]
            run = call_cautery([*words, "--no-progress"])
        if run.code:
            lines.append(f"| {log_format} | exit {run.code}: {run.messages[-200:].strip()} |")
            continue
        times = f"{run.seconds:.1f} | {run.cpu_seconds:.1f}"
        speed = f"{len(world.exchanges) / run.cpu_seconds:,.0f}"
        rate = f"{plain / 1e6 / run.cpu_seconds:.0f}"
        lines.append(f"| {log_format} | {len(world.exchanges):,} | {times} | {speed} | {rate} |")
    return lines


def _size_unpacked(path: Path) -> int:
    import gzip

    size = 0
    with gzip.open(path) as stream:
        while block := stream.read(1 << 20):
            size += len(block)
    return size


def measure_start() -> list[str]:
    """Time ``cautery --version`` and ``--help`` beside an empty program.

    Returns:
        Lines to print: medians of nine calls.
    """
    commands = {
        "python -c pass": [sys.executable, "-c", "pass"],
        "cautery --version": [sys.executable, "-m", "cautery.cli", "--version"],
        "cautery --help": [sys.executable, "-m", "cautery.cli", "--help"],
    }
    return [
        f"{label}: {statistics.median(call_program(command).seconds for _ in range(9)):.3f} s"
        for label, command in commands.items()
    ]


def main(arguments: Sequence[str] | None = None) -> None:
    """Print one measurement."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", 1)[0])
    parser.add_argument("what", choices=("scan", "lines", "read", "start"))
    parser.add_argument("--exchanges", type=int, default=1_000_000)
    parser.add_argument("--accounts", type=int, default=6_000)
    given = parser.parse_args(arguments)
    measures = {
        "scan": lambda: measure_scan(given.exchanges, given.accounts),
        "lines": lambda: measure_lines(given.exchanges, given.accounts),
        "read": measure_readers,
        "start": measure_start,
    }
    print("\n".join(measures[given.what]()))


if __name__ == "__main__":
    main()
