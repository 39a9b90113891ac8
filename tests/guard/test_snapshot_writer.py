from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest
from tests.guard.guard_cases import NOW, row

from cautery.errors import InputError, OutputError
from cautery.guard.snapshot import Snapshot
from cautery.guard.snapshot_writer import SnapshotContents, write_snapshot
from cautery.records.key import Secret


def contents(*names: str) -> SnapshotContents:
    """Make contents."""
    return SnapshotContents(rows=[row(name) for name in names], created_at=NOW)


def test_the_same_contents_and_salt_give_the_same_bytes(tmp_path: Path) -> None:
    """Nothing but the salt is random."""
    for name in ("s", "t"):
        write_snapshot(tmp_path / name, contents("a", "b"), random_bytes=bytes)
    assert (tmp_path / "s").read_bytes() == (tmp_path / "t").read_bytes()


def test_an_old_mapping_outlives_a_new_file(tmp_path: Path) -> None:
    """The new file takes the name, not the place of the old bytes."""
    write_snapshot(tmp_path / "s", contents("a"))
    old = Snapshot(tmp_path / "s")
    write_snapshot(tmp_path / "s", contents("b"))
    assert old.find("a") is not None
    assert Snapshot(tmp_path / "s").find("a") is None


def test_only_its_owner_and_group_may_read_it(tmp_path: Path) -> None:
    """Verdicts about customers are nobody else's business."""
    write_snapshot(tmp_path / "s", contents("a"))
    assert stat.S_IMODE((tmp_path / "s").stat().st_mode) == 0o640


def test_what_fails_leaves_nothing_behind(tmp_path: Path) -> None:
    """No half file, no temporary one, and the old one as it was."""
    write_snapshot(tmp_path / "s", contents("a"))
    before = (tmp_path / "s").read_bytes()
    with pytest.raises(InputError):
        write_snapshot(tmp_path / "s", contents("a", "a"))
    with pytest.raises(OutputError):
        write_snapshot(tmp_path / "none" / "s", contents("a"))
    with pytest.raises(InputError):
        write_snapshot(tmp_path / "s", contents("a"), key=Secret(b"short"))
    (tmp_path / "folder").mkdir()
    with pytest.raises(OutputError):
        write_snapshot(tmp_path / "folder", contents("a"))
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(OutputError, match="no file"):
        write_snapshot(tmp_path / "pipe", contents("a"))
    assert stat.S_ISFIFO((tmp_path / "pipe").stat().st_mode)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["folder", "pipe", "s"]
    assert (tmp_path / "s").read_bytes() == before
