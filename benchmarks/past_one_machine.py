"""What each step of a scan on Spark costs by exchange, and what comes to the driver.

    python benchmarks/past_one_machine.py LOG_FOLDER

LOG_FOLDER is one that ``cautery simulate`` wrote. The scan runs on pysail, a Spark server in this
very process, so that its processor time is the process's own and no Java is needed; wants
``pip install pysail 'pyspark[connect]<4.1'``.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cautery.ingest.account_table import read_account_table
from cautery.ingest.options import IngestOptions
from cautery.ingest.release_table import read_release_table
from cautery.records.progress import SilentProgress
from cautery.scan.engine_options import EngineOptions
from cautery.scan.engines import spark
from cautery.scan.needs import SCAN_COLUMNS
from cautery.scan.run import ScanOptions, scan


@dataclass(slots=True)
class Step:
    """What was measured of one step, over all its calls."""

    calls: int = 0
    cpu_seconds: float = 0.0
    driver_bytes: int = 0
    driver_rows: int = 0


class Meter:
    """Measures steps by who asked for them."""

    def __init__(self) -> None:
        self.steps: defaultdict[str, Step] = defaultdict(Step)
        self._inside = False

    def measured(self, what: str, function: Callable[..., Any]) -> Callable[..., Any]:
        """Wrap one function; a call inside another measured one counts for that."""

        def wrapped(*args: Any, **kwargs: Any) -> Any:
            if self._inside:
                return function(*args, **kwargs)
            self._inside = True
            before = time.process_time()
            try:
                found = function(*args, **kwargs)
            finally:
                self._inside = False
            step = self.steps[f"{what} {_asker()}"]
            step.calls += 1
            step.cpu_seconds += time.process_time() - before
            step.driver_bytes += getattr(found, "nbytes", 0)
            step.driver_rows += getattr(found, "num_rows", 0)
            return found

        return wrapped


def _asker() -> str:
    """Name the module of the scan that asked."""
    frame: Any = sys._getframe(2)  # noqa: SLF001 - a benchmark may look at who calls
    while frame is not None:
        path = Path(frame.f_code.co_filename)
        if "cautery/scan" in path.as_posix() and path.parent.name not in ("engines", "distributed"):
            return f"{path.stem}.{frame.f_code.co_name}"
        frame = frame.f_back
    return ""


def run(folder: Path, address: str, work: Path) -> tuple[Meter, int, int, float]:
    """Scan one log on a Spark server, with every step measured."""
    meter = Meter()
    engine = spark.MEMBER.open(EngineOptions(address=address, scratch=str(work / "scratch")))
    engine.connection.to_pyarrow = meter.measured("ask", engine.connection.to_pyarrow)
    for kind, name in ((spark.SparkPass, "tally"), (spark.SparkPass, "write")):
        setattr(kind, name, meter.measured(name, getattr(kind, name)))
    name = "repeated_shingles"
    setattr(spark.SparkEngine, name, meter.measured("shuffle", getattr(spark.SparkEngine, name)))
    options = IngestOptions(
        logs=(str(folder / "exchanges.parquet"),), columns=SCAN_COLUMNS, sample_text=True
    )
    before = time.process_time()
    read = meter.measured("read", engine.read_logs)
    table = read(options, work, SilentProgress())
    case = scan(
        table,
        read_account_table(folder / "accounts.csv"),
        read_release_table(folder / "releases.csv"),
        ScanOptions(work_folder=work, engine=engine),
    )
    return meter, table.rows, case.input.accounts, time.process_time() - before


def main() -> None:
    """Measure and print a table in Markdown."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    folder = parser.parse_args().folder
    from pysail.spark import SparkConnectServer

    server = SparkConnectServer()
    server.start(background=True)
    address = f"sc://127.0.0.1:{server.listening_address[1]}"
    with tempfile.TemporaryDirectory() as work:
        meter, rows, accounts, total = run(folder, address, Path(work))
    print(f"{rows:,} exchanges, {accounts:,} accounts, {total:.1f} CPU s in all\n")
    print("| step | calls | CPU s | us an exchange | driver kB | bytes an account |")
    print("| --- | ---: | ---: | ---: | ---: | ---: |")
    for name, step in sorted(meter.steps.items(), key=lambda item: -item[1].cpu_seconds):
        print(
            f"| {name} | {step.calls} | {step.cpu_seconds:.2f} | "
            f"{1e6 * step.cpu_seconds / rows:.1f} | {step.driver_bytes / 1e3:,.0f} | "
            f"{step.driver_bytes / accounts:,.0f} |"
        )
    sys.stdout.flush()
    os._exit(0)  # the server's threads would be waited for


if __name__ == "__main__":
    main()
