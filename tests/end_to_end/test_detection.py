"""From a labelled log to a scoreboard through the real command line: the floors that must hold."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from benchmarks.recorded_material import DATA_FOLDER
from benchmarks.recorded_pools import PoolPlan, make_recorded_pools
from benchmarks.world_files import write_world
from benchmarks.world_records import Variant
from tests.end_to_end.command_line import QUICK, at_likely, scan, score, simulate

LEAST_RECALL = 0.95
"""Issue 2: of the attackers' accounts, at ``likely`` or above, in the loud and February tiers."""
FULL_SIZE = ("--accounts", "3000", "--seed", "1")
"""The size that the floors are for; smaller February logs reach about 0.85, and say so."""

needs_recordings = pytest.mark.skipif(
    not (DATA_FOLDER / "recordings").is_dir(),
    reason="the data pack beside the repository (../shared/data) is not there",
)


def simulated_board(folder: Path, tier: str, *words: str) -> dict[str, Any]:
    log = simulate(folder / "log", tier, *words)
    scan(log, folder / "out")
    return score(log, folder / "out")


def recorded_board(folder: Path, plan: PoolPlan, log_format: str = "canonical") -> dict[str, Any]:
    write_world(make_recorded_pools(plan), folder / "log", log_format)
    scan(folder / "log", folder / "out")
    return score(folder / "log", folder / "out")


@pytest.mark.slow
def test_a_february_campaign_is_found_and_nobody_else(tmp_path: Path) -> None:
    """At full size: recall above the floor, no false alarm, every campaign a group of its own."""
    board = simulated_board(tmp_path, "february", "--log-format", "canonical-parquet", *FULL_SIZE)
    assert at_likely(board)["recall"] >= LEAST_RECALL
    assert at_likely(board)["false_positives"] == 0, board["negative_classes"][:3]
    assert board["campaigns"]["hits"] == board["campaigns"]["true_groups"]


def test_a_log_without_attack_names_nobody(tmp_path: Path) -> None:
    """Nothing at likely or above, whatever look-alikes there are."""
    board = simulated_board(tmp_path, "none")
    assert board["attackers"] == 0
    assert at_likely(board)["listed"] == 0, board["negative_classes"][:3]


@pytest.fixture(scope="module")
def small_boards(tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str, Any]]:
    """One small loud log in each format that the issue names."""
    boards = {}
    for log_format in ("canonical-parquet", "litellm-spend-logs", "otlp-json"):
        folder = tmp_path_factory.mktemp(log_format)
        boards[log_format] = simulated_board(folder, "loud", "--log-format", log_format, *QUICK)
    return boards


@pytest.mark.slow
@pytest.mark.parametrize("log_format", ["litellm-spend-logs", "otlp-json"])
def test_other_readers_find_the_same(
    small_boards: dict[str, dict[str, Any]], log_format: str
) -> None:
    """The floors hold through the logs of a gateway and of OpenTelemetry.

    The February tier through these readers is in `benchmarks/quality.py`: at the size that its
    floors are for, writing and reading JSON takes minutes.
    """
    board = small_boards[log_format]
    assert at_likely(board)["recall"] >= LEAST_RECALL
    assert (
        at_likely(board)["recall"] >= at_likely(small_boards["canonical-parquet"])["recall"] - 0.02
    )
    assert at_likely(board)["false_positives"] == 0, board["negative_classes"][:3]


@pytest.mark.slow
@pytest.mark.parametrize("log_format", ["litellm-spend-logs", "otlp-json"])
def test_without_attack_other_readers_name_nobody(tmp_path: Path, log_format: str) -> None:
    """No format makes an honest log look guilty."""
    board = simulated_board(tmp_path, "none", "--log-format", log_format)
    assert at_likely(board)["listed"] == 0, board["negative_classes"][:3]


@needs_recordings
@pytest.mark.slow
def test_pools_of_recorded_harvesters_are_found(tmp_path: Path) -> None:
    """Real pipelines' requests over pools of accounts: each pool is hit, no honest class is."""
    board = recorded_board(tmp_path, PoolPlan(seed=2, ordinary=300))
    assert board["campaigns"]["hits"] == 4, board["campaigns"]["outcomes"]
    assert at_likely(board)["recall"] >= 0.75
    assert at_likely(board)["false_positives"] == 0, board["negative_classes"][:3]


@needs_recordings
@pytest.mark.slow
@pytest.mark.parametrize("log_format", ["openai-bodies", "litellm-spend-logs", "otlp-json"])
def test_recorded_pools_are_found_in_every_format(tmp_path: Path, log_format: str) -> None:
    """The logs that real software writes hold what the scan needs."""
    board = recorded_board(tmp_path, PoolPlan(seed=2, ordinary=300), log_format)
    assert board["campaigns"]["hits"] >= 3, board["campaigns"]["outcomes"]
    assert at_likely(board)["false_positives"] == 0, board["negative_classes"][:3]


@needs_recordings
@pytest.mark.slow
def test_a_poor_log_accuses_nobody_wrongly(tmp_path: Path) -> None:
    """No text, no account table, one load balancer: weaker results, but no false alarm."""
    variant = Variant(account_table=False, text=False, load_balancer=True)
    world = make_recorded_pools(PoolPlan(seed=2, ordinary=300))
    write_world(world, tmp_path / "log", "litellm-spend-logs", variant)
    scan(tmp_path / "log", tmp_path / "out")
    board = score(tmp_path / "log", tmp_path / "out")
    assert at_likely(board)["false_positives"] == 0, board["negative_classes"][:3]
