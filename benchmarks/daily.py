"""Measure what the scan of day N costs: with a state, with a state that lost its sums, and anew.

    python benchmarks/daily.py
    python benchmarks/daily.py --tier loud --log FOLDER --days 7 14

The log is cut by day. A state takes in one day after another; on some days the same logs are
scanned once more with a copy of the state of the day before without its ``sums``, and without any
state. Look at CPU seconds and their growth: they are the program's own, but for its neighbours'
share of the caches. Results: ``benchmarks/results/daily.jsonl``.
"""

from __future__ import annotations

import argparse
import json
import shutil
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Final

import pyarrow.compute as pc
import pyarrow.parquet as pq

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))  # so that it runs as a file too

from benchmarks.labelled_logs import LogRequest, call_cautery, make_log
from benchmarks.markdown import table
from benchmarks.results_file import RESULTS_FOLDER, ResultsFile

KEYS: Final[tuple[str, ...]] = ("tier", "accounts", "day")
"""What names a measurement."""
HEADER: Final[tuple[str, ...]] = (
    "day",
    "exchanges of the day",
    "exchanges so far",
    "with a state, CPU s",
    "of that without sums, CPU s",
    "anew, CPU s",
    "state, MB",
    "sums, MB",
)


def cut_by_day(log: Path, folder: Path) -> list[Path]:
    """Cut a Parquet log into one file a day.

    Args:
        log: Parquet with ``time_start``.
        folder: Receives the files; made if it is not there.

    Returns:
        The files in order of days.
    """
    folder.mkdir(parents=True, exist_ok=True)
    rows = pq.read_table(log)
    days = pc.strftime(rows["time_start"], format="%Y-%m-%d")
    paths = []
    for day in sorted(set(days.to_pylist())):
        paths.append(folder / f"{day}.parquet")
        pq.write_table(rows.filter(pc.equal(days, day)), paths[-1])
    return paths


def measure(source: Path, work: Path, beside: frozenset[int]) -> Iterator[dict[str, Any]]:
    """Scan a labelled log day by day.

    Args:
        source: What ``make_log`` wrote.
        work: An empty folder.
        beside: Days on which the same logs are scanned in the other ways too, from 1.

    Yields:
        One row of results a day.
    """
    days = cut_by_day(source / "exchanges.parquet", work / "all")
    logs, state = work / "logs", work / "state"
    logs.mkdir()
    exchanges = 0
    for day, path in enumerate(days, start=1):
        of_day = pq.read_metadata(path).num_rows
        exchanges += of_day
        path.rename(logs / path.name)
        row: dict[str, Any] = {"day": day, "of_day": of_day, "exchanges": exchanges}
        if day in beside:
            row["anew"] = _scan(source, logs, work, None)
            if state.is_dir():
                lost = work / "lost"
                shutil.copytree(state, lost)
                shutil.rmtree(lost / "sums")
                row["without_sums"] = _scan(source, logs, work, lost)
                shutil.rmtree(lost)
        row["with_state"] = _scan(source, logs, work, state)
        row |= {"state_bytes": _size(state), "sums_bytes": _size(state / "sums")}
        yield row


def _scan(source: Path, logs: Path, work: Path, state: Path | None) -> float:
    words = ["scan", str(logs), "-o", str(work / "out"), "--no-progress"]
    for name in ("accounts", "releases"):
        words += [f"--{name}", str(source / f"{name}.csv")]
    words += [] if state is None else ["--incremental", str(state)]
    run = call_cautery(words)
    if run.code:
        raise RuntimeError(f"cautery scan left with {run.code}: {run.messages[-500:]}")
    return round(run.cpu_seconds, 1)


def _size(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


def table_lines(rows: Sequence[dict[str, Any]]) -> list[str]:
    """Lay results out as a table in Markdown, one line a day.

    Args:
        rows: Rows of results.

    Returns:
        The table's lines.
    """
    return table(
        HEADER,
        [
            [
                row["day"],
                f"{row['of_day']:,}",
                f"{row['exchanges']:,}",
                row["with_state"],
                row.get("without_sums", ""),
                row.get("anew", ""),
                f"{row['state_bytes'] / 1e6:.0f}",
                f"{row['sums_bytes'] / 1e6:.0f}",
            ]
            for row in rows
        ],
    )


def main(words: Sequence[str] | None = None) -> None:
    """Measure and print one table.

    Args:
        words: Words of the command line; those of the process if None.
    """
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--tier", default="february")
    parser.add_argument("--accounts", type=int, default=3_000)
    parser.add_argument("--volume", type=float, default=1.0)
    parser.add_argument("--log", type=Path, help="a labelled log that is there already")
    parser.add_argument("--days", type=int, nargs="*", default=[2, 4, 7, 10, 14])
    parser.add_argument("--results", type=Path, default=RESULTS_FOLDER / "daily.jsonl")
    chosen = parser.parse_args(words)
    results = ResultsFile(chosen.results, KEYS)
    rows = []
    with tempfile.TemporaryDirectory() as name:
        source = chosen.log
        if source is None:
            request = LogRequest(
                world="simulate",
                tier=chosen.tier,
                seed=1,
                accounts=chosen.accounts,
                volume=chosen.volume,
            )
            source = make_log(request, Path(name) / "log")
        work = Path(name) / "work"
        work.mkdir()
        for row in measure(source, work, frozenset(chosen.days)):
            named = {"tier": chosen.tier, "accounts": chosen.accounts} | row
            rows.append(results.add(named))
            print(json.dumps(named), file=sys.stderr)
    results.tidy()
    print("\n".join(table_lines(rows)))


if __name__ == "__main__":
    main()
