"""The growth of a scan: an exponent that is right, and steps that are those of the scan."""

from __future__ import annotations

from pathlib import Path

import pytest
from benchmarks.labelled_logs import LogRequest, Run, make_log
from benchmarks.scan_growth import Size, exponent, step_lines


def size_of(exchanges: int, seconds: float) -> Size:
    """Make a size whose scan took so long, on two processors."""
    run = Run(seconds=seconds, cpu_seconds=2 * seconds, peak_bytes=0, code=0, messages="")
    return Size(exchanges=exchanges, scan=run, decode=run)


def test_the_exponent_is_that_of_the_power_law() -> None:
    """Eight times as long for four times as much grows with the power 1.5."""
    assert exponent(size_of(1_000, 2.0), size_of(4_000, 16.0)) == pytest.approx((1.5, 1.5))


@pytest.mark.slow
def test_the_steps_of_a_scan(tmp_path: Path) -> None:
    """Both phases are listed, in parts of a thousand."""
    folder = tmp_path / "log"
    make_log(LogRequest(world="simulate", tier="loud", seed=1, accounts=600), folder)
    rows = [line.split(" | ") for line in step_lines(folder)[2:]]
    of_phase: dict[str, float] = {}
    for phase, _name, share, _supposed in rows:
        of_phase[phase] = of_phase.get(phase, 0.0) + float(share)
    assert set(of_phase) == {"| linking", "| scoring"}
    assert all(800 < total < 1_020 for total in of_phase.values())
