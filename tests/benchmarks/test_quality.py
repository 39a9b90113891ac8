"""The quality table: which measurements are possible, and that nothing is measured twice."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest
from benchmarks.labelled_logs import LogRequest, call_program, knows
from benchmarks.world_records import Variant

from benchmarks import quality

ROW = {
    "world": "recorded_pools",
    "tier": "recorded",
    "seed": 1,
    "format": "canonical",
    "variant": "full",
    "accounts": 0,
    "volume": 1.0,
    "seconds": 2.0,
    "exit": 0,
    "recall": 0.5,
    "watch_recall": 0.75,
    "false_positive_rate": 0.001,
    "false_positives": 1,
    "worst_class": "nat 1/9",
    "hits": "1/2",
    "b_cubed": 0.9,
    "adjusted_rand_index": 0.8,
    "listed": {"very likely": 1, "likely": 2, "watch": 3},
}


def test_what_is_in_the_file_is_not_measured_again(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A run that was broken off goes on where it stood; here nothing is left to do."""
    results = tmp_path / "results.jsonl"
    results.write_text(json.dumps(ROW) + "\n")
    words = ["--worlds", "recorded_pools", "--tiers", "recorded", "--results", str(results)]
    quality.main(words)
    assert "| 0.500 | 0.750 | 0.00100 (1) | nat 1/9 | 1/2 |" in capsys.readouterr().out


def test_a_failed_scan_is_a_line_of_the_table() -> None:
    """The exit code and the last message stand where the figures would."""
    row = {**ROW, "exit": 3, "messages": "reading\nerror: no such file\n"}
    assert "exit 3: error: no such file" in quality.table_lines([row])[-1]


@pytest.mark.parametrize(
    ("world", "tier", "load_balancer", "possible"),
    [
        ("simulate", "hydra", False, True),
        ("simulate", "recorded", False, False),
        ("simulate", "hydra", True, True),
        ("recorded_pools", "reworded", True, True),
        ("recorded_pools", "hydra", False, False),
        ("alternate_world", "none", True, True),
    ],
)
def test_impossible_measurements_are_left_out(
    world: str, tier: str, load_balancer: bool, possible: bool
) -> None:
    """Each world knows its own tiers and variants."""
    variant = Variant(load_balancer=load_balancer)
    assert knows(LogRequest(world=world, tier=tier, seed=1, variant=variant)) is possible


def test_a_called_program_is_measured() -> None:
    """Exit code, messages and memory of one child."""
    code = "import sys; sys.stderr.write('hello'); sys.exit(5)"
    run = call_program([sys.executable, "-c", code])
    assert (run.code, run.messages) == (5, "hello")
    assert run.peak_bytes > 1_000_000


def test_a_large_caller_is_not_counted_in_the_memory_of_the_called() -> None:
    """Linux counts the caller's memory as the child's peak; the measurement does not."""
    ballast = b"x" * 300_000_000
    run = call_program([sys.executable, "-S", "-c", "pass"])
    assert run.peak_bytes < len(ballast) / 2
    assert run.code == 0
