"""Files that are written whole, and the writer's lock."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from cautery.errors import OutputError
from cautery.ledger import durable_files
from cautery.ledger.durable_files import (
    WriterLock,
    is_locked,
    make_folder,
    output_errors,
    write_all,
    write_durably,
)


def test_a_file_is_whole_or_not_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A write that fails leaves the earlier file, and nothing beside it."""
    path = tmp_path / "deep" / "er" / "file"
    write_durably(path, b"one", mode=0o600)
    assert (path.read_bytes(), path.stat().st_mode & 0o777) == (b"one", 0o600)

    def fails(descriptor: int) -> None:
        raise OSError(5, "Input/output error")

    monkeypatch.setattr(durable_files, "synchronise", fails)
    with pytest.raises(OSError, match="Input/output"):
        write_durably(path, b"two")
    assert [each.name for each in path.parent.iterdir()] == ["file"]
    assert path.read_bytes() == b"one"


def test_only_a_file_is_replaced(tmp_path: Path) -> None:
    """A device, a pipe or a folder stays, also where root writes to ``/dev/null``."""
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(FileExistsError, match="no file"):
        write_durably(tmp_path / "pipe", b"one")
    assert stat.S_ISFIFO((tmp_path / "pipe").stat().st_mode)
    assert [each.name for each in tmp_path.iterdir()] == ["pipe"]


def test_short_writes_go_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """If the system takes some bytes only, the rest follows."""
    real = os.pwrite
    monkeypatch.setattr(
        os, "pwrite", lambda descriptor, content, offset: real(descriptor, content[:3], offset)
    )
    with (tmp_path / "file").open("w+b") as stream:
        write_all(stream.fileno(), b"0123456789", 2)
        assert stream.read() == b"\x00\x000123456789"


def test_every_folder_may_be_there_already(tmp_path: Path) -> None:
    """Making a folder twice does no harm; a file in its place does."""
    for _ in range(2):
        make_folder(tmp_path / "a" / "b")
    (tmp_path / "file").write_text("")
    with pytest.raises(OutputError, match="file"), output_errors(tmp_path / "file"):
        make_folder(tmp_path / "file" / "c")


def test_one_lock(tmp_path: Path) -> None:
    """A lock is held once, and free again when it is let go."""
    path = tmp_path / "lock"
    assert not is_locked(path)
    lock = WriterLock(path)
    assert is_locked(path)
    with pytest.raises(OutputError, match="another process writes here"):
        WriterLock(path)
    lock.release()
    assert not is_locked(path)
    with pytest.raises(OutputError):
        WriterLock(tmp_path / "none" / "lock")
