"""The daily replay through the real command line, and the latency it gives to the scoreboard."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.end_to_end.command_line import QUICK, scan, score, simulate, succeed


@pytest.mark.slow
def test_a_replay_measures_what_was_served_before_the_first_alert(tmp_path: Path) -> None:
    """Every found campaign has a first alert, and something was spared after it."""
    log = simulate(tmp_path / "log", "loud", "--days", "6", *QUICK)
    output = tmp_path / "out"
    scan(log, output)
    words = ("benchmark", "replay", log, "-o", output, "--step", "2", "--no-progress")
    table = succeed(*words).output.splitlines()
    assert len(table) == 1 + 3
    latency = score(log, output)["latency"]
    assert latency
    for row in latency:
        assert row["days_to_alert"] is not None
        assert 0 < row["served_share"] <= 1
        assert row["served_share"] <= row["served_share_by_account"]
