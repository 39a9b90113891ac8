"""Make labelled logs of every world, and run the real command line over them."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Final

from benchmarks.alternate_world import TIERS, make_alternate_world
from benchmarks.recorded_pools import PoolPlan, make_recorded_pools
from benchmarks.world_columns import drop_columns
from benchmarks.world_files import write_world
from benchmarks.world_formats import LOG_WRITERS
from benchmarks.world_records import Variant

WORLDS: Final[tuple[str, ...]] = ("simulate", "recorded_pools", "alternate_world")
"""Makers of labelled logs: our simulator, and two that know nothing of it."""


RECORDED_TIERS: Final[dict[str, PoolPlan]] = {
    "recorded": PoolPlan(seed=0),
    "reworded": PoolPlan(seed=0, reworded=True),
    "unique": PoolPlan(seed=0, shared_infrastructure=False),
    "none": PoolPlan(seed=0, harvesters=()),
}
"""Tiers of the recorded world: as published, in other words, with own cards and addresses, none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LogRequest:
    """Which labelled log to make."""

    world: str
    tier: str
    """A tier of the world; ``recorded_pools`` knows those of ``RECORDED_TIERS``."""
    seed: int
    log_format: str = "canonical"
    accounts: int = 3_000
    """Accounts of a simulated log; the other worlds have their own size."""
    volume: float = 1.0
    """Factor on the exchanges of every account of a simulated log."""
    variant: Variant = field(default_factory=Variant)


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """One call of the command line."""

    seconds: float
    cpu_seconds: float
    """Time that processors spent on it: all of them, and none of what neighbours took."""
    peak_bytes: int
    """Largest resident memory (Linux counts kibibytes; elsewhere the unit differs)."""
    code: int
    messages: str
    """What it wrote to standard error."""


def knows(request: LogRequest) -> bool:
    """Whether a world has the tier and the format that are asked for."""
    if request.world == "alternate_world":
        return request.tier in TIERS and request.log_format in LOG_WRITERS
    if request.world == "recorded_pools":
        return request.tier in RECORDED_TIERS and request.log_format in LOG_WRITERS
    return request.tier == "none" or request.tier not in RECORDED_TIERS


def make_log(request: LogRequest, folder: Path) -> Path:
    """Write a labelled log.

    Args:
        request: Which one.
        folder: Receives log, tables and truth.

    Returns:
        The folder.
    """
    if request.world == "simulate":
        _simulate(request, folder)
    elif request.world == "alternate_world":
        world = make_alternate_world(request.tier, request.seed)
        write_world(world, folder, request.log_format, request.variant)
    else:
        plan = replace(RECORDED_TIERS[request.tier], seed=request.seed)
        write_world(make_recorded_pools(plan), folder, request.log_format, request.variant)
    drop_columns(folder, request.log_format, request.variant)
    return folder


def _simulate(request: LogRequest, folder: Path) -> None:
    words = ["simulate", "--tier", request.tier, "--accounts", str(request.accounts)]
    words += ["--volume", str(request.volume)]
    log_format = "canonical-parquet" if request.log_format == "canonical" else request.log_format
    words += ["--seed", str(request.seed), "--log-format", log_format, "-o", str(folder)]
    words += [] if request.variant.text else ["--no-text"]
    run = call_cautery([*words, "--no-progress"])
    if run.code:
        raise RuntimeError(f"cautery simulate left with {run.code}: {run.messages[-500:]}")


def scan_log(folder: Path, output_folder: Path, *, extra: tuple[str, ...] = ()) -> Run:
    """Scan a labelled log with everything that its folder holds, but never the truth.

    Args:
        folder: What ``make_log`` wrote.
        output_folder: Receives the results.
        extra: More words for the command line.

    Returns:
        Time, memory and exit code.
    """
    words = ["scan", *(str(path) for path in sorted(folder.glob("exchanges*")))]
    for name in ("accounts", "releases"):
        table = folder / f"{name}.csv"
        words += [f"--{name}", str(table)] if table.is_file() else []
    return call_cautery([*words, "-o", str(output_folder), "--no-progress", *extra])


def call_cautery(words: list[str]) -> Run:
    """Call the command line in a process of its own.

    Args:
        words: The words after ``cautery``.

    Returns:
        Time, memory, exit code and messages.
    """
    return call_program([sys.executable, "-m", "cautery.cli", *words])


_LAUNCHER: Final[str] = """
import json, os, subprocess, sys, time
started = time.perf_counter()
process = subprocess.Popen(sys.argv[2:], stdout=subprocess.DEVNULL)
_, status, usage = os.wait4(process.pid, 0)
measured = {
    "seconds": time.perf_counter() - started,
    "cpu_seconds": usage.ru_utime + usage.ru_stime,
    "peak_bytes": usage.ru_maxrss * 1024,
    "code": os.waitstatus_to_exitcode(status),
}
with open(sys.argv[1], "w") as file:
    json.dump(measured, file)
"""
"""Starts a program and measures it. A process of its own, because Linux counts the memory of the
process that starts another as the peak of the other (``exec`` keeps the mark), and a benchmark that
has just made a log is large."""


def call_program(command: list[str]) -> Run:
    """Call a program and measure it alone.

    Args:
        command: Program and words.

    Returns:
        Time, memory, exit code and messages.
    """
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder) / "measured.json"
        launcher = [sys.executable, "-S", "-c", _LAUNCHER, str(report), *command]
        done = subprocess.run(launcher, stderr=subprocess.PIPE, check=False)
        messages = done.stderr.decode("utf-8", errors="replace")
        if not report.is_file():
            raise RuntimeError(f"{command[0]} could not be started: {messages[-500:]}")
        return Run(**json.loads(report.read_text("utf-8")), messages=messages)
