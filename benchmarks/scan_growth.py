"""Measure how the time of a scan grows with the log, and how it is spread over the steps.

    python benchmarks/scan_growth.py --sizes 1000000 4000000 16000000

Each log is scanned beside a plain decode of the same Parquet. The exponent is that of the power
law through the first and the last log. The shares of the steps are of the last; the time left that
``cautery scan`` shows goes by such shares (``cautery.scan.steps``).
"""

from __future__ import annotations

import argparse
import math
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))  # so that it runs as a file too

from benchmarks.labelled_logs import Run, call_program, scan_log
from benchmarks.markdown import table
from benchmarks.speed import PYARROW_READ, make_long_log

from cautery.ingest.account_table import read_account_table
from cautery.ingest.options import IngestOptions
from cautery.ingest.read import read_logs
from cautery.registry import LINKS, SIGNALS
from cautery.scan.needs import SCAN_COLUMNS
from cautery.scan.run import ScanOptions, scan
from cautery.scan.steps import CANDIDATES, FACTS, FINDINGS, SETTLING, share_of


@dataclass(kw_only=True)
class Stopwatch:
    """Progress that notes how long each part of each phase took."""

    seconds: dict[str, list[float]] = field(default_factory=dict)
    _phase: str = ""
    _last: float = 0.0

    def start(self, phase: str, total: int | None, unit: str) -> None:
        """Begin a phase."""
        self._phase, self._last = phase, time.perf_counter()
        self.seconds[phase] = []

    def advance(self, amount: int) -> None:
        """Note how long the part that ends now took."""
        now = time.perf_counter()
        self.seconds[self._phase].append(now - self._last)
        self._last = now

    def finish(self, summary: str) -> None:
        """End the phase."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Size:
    """What was measured of a log of one size."""

    exchanges: int
    scan: Run
    decode: Run


def exponent(first: Size, last: Size) -> tuple[float, float]:
    """Fit a power law through two logs.

    Args:
        first: The shorter one.
        last: The longer one.

    Returns:
        Exponents of the seconds and of the processor seconds of the scan.

    Example:
        Ten times as long for a log of ten times the exchanges is 1.
    """
    steps = math.log(last.exchanges / first.exchanges)
    return (
        math.log(last.scan.seconds / first.scan.seconds) / steps,
        math.log(last.scan.cpu_seconds / first.scan.cpu_seconds) / steps,
    )


def measure_size(folder: Path, exchanges: int, accounts: int) -> Size:
    """Scan a log of one size, and decode it.

    Args:
        folder: Where the log goes; it must not exist.
        exchanges: Least number of exchanges.
        accounts: Accounts of the simulated log that is repeated.

    Returns:
        The runs.

    Raises:
        RuntimeError: The scan failed.
    """
    rows = make_long_log(folder, exchanges, accounts)
    done = scan_log(folder, folder.with_name("out"))
    if done.code:
        raise RuntimeError(f"cautery scan left with {done.code}: {done.messages[-1_000:]}")
    paths = [str(path) for path in sorted(folder.glob("exchanges*"))]
    decode = call_program([sys.executable, "-c", PYARROW_READ, *paths])
    return Size(exchanges=rows, scan=done, decode=decode)


def step_lines(folder: Path) -> list[str]:
    """Scan a log in this process and tell how its phases are spread over their steps.

    Args:
        folder: A labelled log.

    Returns:
        A table: steps of at least four parts of a thousand, beside what the package supposes.
    """
    work = folder.with_name("work")
    work.mkdir()
    watch = Stopwatch()
    logs = tuple(str(path) for path in sorted(folder.glob("exchanges*")))
    options = IngestOptions(logs=logs, columns=SCAN_COLUMNS, sample_text=True)
    read = read_logs(options, work, Stopwatch())
    scan(read, read_account_table(folder / "accounts.csv"), None, ScanOptions(), watch)
    named = {
        "linking": (FACTS, *LINKS.names(), CANDIDATES),
        "scoring": (SETTLING, *SIGNALS.names(), FINDINGS),
    }
    rows = []
    for phase, names in named.items():
        supposed = sum(map(share_of, names))
        for name, seconds in zip(names, watch.seconds[phase], strict=True):
            share = 1000 * seconds / sum(watch.seconds[phase])
            if share >= 4:
                rows.append(
                    [phase, name, f"{share:.0f}", f"{1000 * share_of(name) / supposed:.0f}"]
                )
    return table(["phase", "step", "parts of a thousand", "supposed"], rows)


def main(arguments: Sequence[str] | None = None) -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", 1)[0])
    parser.add_argument("--sizes", nargs="+", type=int, default=[1_000_000, 4_000_000])
    parser.add_argument("--accounts", type=int, default=6_000)
    given = parser.parse_args(arguments)
    sizes: list[Size] = []
    steps: list[str] = []
    for exchanges in sorted(given.sizes):
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name) / "log"
            sizes.append(measure_size(folder, exchanges, given.accounts))
            if exchanges == max(given.sizes):
                steps = step_lines(folder)
    rows = [
        [
            f"{size.exchanges:,}",
            f"{size.scan.seconds:.1f}",
            f"{size.scan.cpu_seconds:.1f}",
            f"{size.scan.peak_bytes / 1e9:.2f}",
            f"{size.scan.seconds / size.decode.seconds:.1f}",
            f"{size.scan.cpu_seconds / size.decode.cpu_seconds:.1f}",
        ]
        for size in sizes
    ]
    header = ["exchanges", "seconds", "CPU seconds", "peak memory, GB"]
    print("\n".join(table([*header, "times a decode", "times its CPU"], rows)))
    if len(sizes) > 1:
        of_time, of_cpu = exponent(sizes[0], sizes[-1])
        print(f"\nexponent of growth: {of_time:.2f} of seconds, {of_cpu:.2f} of CPU seconds\n")
    print("\n".join(steps))


if __name__ == "__main__":
    main()
