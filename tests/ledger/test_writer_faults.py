"""The ledger on a disk that is full: nothing half, nothing lost, and on it goes."""

from __future__ import annotations

import resource
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from tests.ledger.ledgers import NOW, decision, filled, opened, record_of, verifies

from cautery.errors import OutputError
from cautery.ledger import writer


@contextmanager
def file_limit(limit_bytes: int) -> Iterator[None]:
    """No file may grow beyond so many bytes: writes behind that fail as on a full disk."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (limit_bytes, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def test_a_full_disk(tmp_path: Path) -> None:
    """On a full disk appending fails whole; with room again it goes on, and nothing is half."""
    folder = filled(tmp_path / "ledger", 100)
    size = (folder / "records/00000000").stat().st_size
    with opened(folder) as ledger:
        with file_limit(size + 370):
            ledger.append("decision", decision(100), NOW)
            for _ in range(3):
                with pytest.raises(OutputError, match="cannot be written"):
                    ledger.append("decision", decision(101), NOW)
            assert ledger.size == 101
            ledger.append("x", {}, NOW)  # a small one finds room
        assert ledger.append("decision", decision(102), NOW) == 102
    assert record_of(folder, 102).record == decision(102)
    assert verifies(folder)


def test_a_tree_that_cannot_be_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """If only the tree cannot be written, records are kept; too many, and appending fails."""
    monkeypatch.setattr(writer, "MOST_UNPUBLISHED", 5)
    folder = tmp_path / "ledger"
    with opened(folder, publish_interval_seconds=0.01) as ledger:
        with file_limit(0), pytest.raises(OutputError):  # nor is the segment there yet
            ledger.append("x", {}, NOW)
        ledger.append("x", {}, NOW)
        ledger.publish()
        real = Path.replace
        monkeypatch.setattr(Path, "replace", _full_disk)
        for _ in range(5):
            ledger.append("x", {}, NOW)
        with pytest.raises(OutputError, match="wait for the tree"):
            ledger.append("x", {}, NOW)
        with pytest.raises(OutputError, match="No space"):
            ledger.publish()
        monkeypatch.setattr(Path, "replace", real)
        ledger.publish()
        assert ledger.append("x", {}, NOW) == 6
    assert verifies(folder)


def _full_disk(old: Path, new: Path) -> None:
    raise OSError(28, "No space left on device")
