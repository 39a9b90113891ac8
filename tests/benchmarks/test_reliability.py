"""Claimed chances against the truth: bins add up over logs, and rates follow from them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from benchmarks import reliability


def bin_of(low: float, high: float, count: int, claimed: float, true: float) -> dict[str, float]:
    """One bin of a scoreboard."""
    return {
        "low": low,
        "high": high,
        "count": count,
        "mean_probability": claimed,
        "observed_share": true,
    }


ROWS = [
    {"tier": "loud", "bins": [bin_of(0.0, 0.9, 80, 0.1, 0.0), bin_of(0.9, 1.0, 20, 0.95, 1.0)]},
    {"tier": "none", "bins": [bin_of(0.0, 0.9, 100, 0.1, 0.2), bin_of(0.9, 1.0, 5, 0.95, 0.6)]},
]


def test_bins_of_several_logs_are_pooled() -> None:
    """Means are weighted by accounts; the error is the pooled gap, not the mean of gaps."""
    lines = reliability.reliability_lines(ROWS)
    assert "| 0 to 0.9 | 180 | 0.100 | 0.111 |" in lines
    assert "| 0.9 to 1 | 25 | 0.950 | 0.920 |" in lines
    assert f"expected calibration error {(2 + 0.75) / 205:.4f}" in lines


def test_rates_of_what_is_listed() -> None:
    """The claimed rate is the mean of one minus the chance, the realised one the honest share."""
    last = reliability.reliability_lines(ROWS)[-1]
    assert "claimed 0.0500, realised 0.0800, of 25 accounts" in last


def test_nothing_listed_has_no_rate() -> None:
    """A log in which nobody reaches likely shows no false-discovery rate."""
    lines = reliability.reliability_lines([{"bins": [bin_of(0.0, 0.9, 10, 0.1, 0.1)]}])
    assert lines[-1].startswith("expected calibration error")


def test_each_tier_has_its_table(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The program prints all tiers together, then each."""
    path = tmp_path / "results.jsonl"
    path.write_text("".join(json.dumps(row) + "\n" for row in ROWS), encoding="utf-8")
    reliability.main([str(path)])
    printed = capsys.readouterr().out
    assert printed.count("| chance |") == 3
    assert "## loud" in printed
