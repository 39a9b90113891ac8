"""Forged proofs: none is taken."""

from __future__ import annotations

from pathlib import Path

from benchmarks.ledger_proofs import Forger


def test_no_forgery_is_taken(tmp_path: Path) -> None:
    """Of six hundred forgeries none verifies.

    ``benchmarks/ledger_proofs.py`` makes a hundred thousand.
    """
    forger = Forger(tmp_path / "log", seed=3)
    for _ in range(200):
        assert not forger.inclusion()
        assert not forger.growth()
        assert not forger.pack()
