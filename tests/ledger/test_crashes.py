"""A process that is killed at random points loses nothing that it had acknowledged."""

from __future__ import annotations

from pathlib import Path

import pytest
from benchmarks.ledger_crashes import run_kills


@pytest.mark.slow
def test_killed_at_random_points(tmp_path: Path) -> None:
    """After six kills all that was acknowledged is there, and the ledger verifies.

    ``benchmarks/ledger_crashes.py`` does it two hundred times.
    """
    found = run_kills(tmp_path, 6, seed=4)
    assert (found.lost, found.faults) == (0, ())
    assert found.kills == 6
