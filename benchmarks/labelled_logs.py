"""Make labelled logs of every world, and run the real command line over them."""

from __future__ import annotations

import resource
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from benchmarks.alternate_world import TIERS, make_alternate_world
from benchmarks.recorded_pools import PoolPlan, make_recorded_pools
from benchmarks.world_files import write_world
from benchmarks.world_formats import LOG_WRITERS
from benchmarks.world_records import Variant

WORLDS: Final[tuple[str, ...]] = ("simulate", "recorded_pools", "alternate_world")
"""Makers of labelled logs: our simulator, and two that know nothing of it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LogRequest:
    """Which labelled log to make."""

    world: str
    tier: str
    """A tier of the world; ``recorded_pools`` knows ``recorded``, ``unique`` and ``none``."""
    seed: int
    log_format: str = "canonical"
    accounts: int = 3_000
    """Accounts of a simulated log; the other worlds have their own size."""
    variant: Variant = field(default_factory=Variant)


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """One call of the command line."""

    seconds: float
    peak_bytes: int
    """Largest resident memory of any program that this process has run so far."""
    code: int
    messages: str
    """What it wrote to standard error."""


def knows(request: LogRequest) -> bool:
    """Whether a world has the tier and the format that are asked for."""
    if request.world == "alternate_world":
        return request.tier in TIERS and request.log_format in LOG_WRITERS
    if request.world == "recorded_pools":
        return request.tier in {"recorded", "unique", "none"} and request.log_format in LOG_WRITERS
    return request.tier not in {"recorded", "unique"}


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
        shared = request.tier != "unique"
        plan = PoolPlan(seed=request.seed, shared_infrastructure=shared)
        if request.tier == "none":
            plan = PoolPlan(seed=request.seed, harvesters=())
        write_world(make_recorded_pools(plan), folder, request.log_format, request.variant)
    return folder


def _simulate(request: LogRequest, folder: Path) -> None:
    words = ["simulate", "--tier", request.tier, "--accounts", str(request.accounts)]
    words += ["--seed", str(request.seed), "--format", request.log_format, "-o", str(folder)]
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
    started = time.perf_counter()
    done = subprocess.run(
        [sys.executable, "-m", "cautery.cli", *words],
        check=False,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    )
    return Run(
        seconds=time.perf_counter() - started,
        peak_bytes=resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss * 1_024,
        code=done.returncode,
        messages=done.stderr,
    )
