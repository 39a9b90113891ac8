"""Kept files are read whole or not at all, and parts are known by what they are."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from cautery.scan.kept_files import part_identity, read_kept, write_kept


def test_what_is_written_is_read(tmp_path: Path) -> None:
    """The blocks come back joined, and nothing else is left in the folder."""
    digest = write_kept(tmp_path / "kept", [b"one", memoryview(b"two")])
    for asked in (None, digest):
        content = read_kept(tmp_path / "kept", asked)
        assert content is not None
        assert content.tobytes() == b"onetwo"
    assert [path.name for path in tmp_path.iterdir()] == ["kept"]


@pytest.mark.parametrize("place", [0, 5, 6, 37])
def test_a_changed_byte_is_seen(tmp_path: Path, place: int) -> None:
    """A byte of the content or of the digest that changed makes the file unknown."""
    path = tmp_path / "kept"
    write_kept(path, [b"onetwo"])
    content = bytearray(path.read_bytes())
    content[place] ^= 1
    path.write_bytes(content)
    assert read_kept(path) is None


@pytest.mark.parametrize("length", [0, 1, 31, 32, 37])
def test_a_cut_file_is_seen(tmp_path: Path, length: int) -> None:
    """A file that ends early is unknown, and so is one that is not there."""
    path = tmp_path / "kept"
    write_kept(path, [b"onetwo"])
    path.write_bytes(path.read_bytes()[:length])
    assert read_kept(path) is None
    assert read_kept(tmp_path / "none") is None


def test_another_whole_file_is_not_taken(tmp_path: Path) -> None:
    """Who knows the digest does not take another file that stands in its place."""
    digest = write_kept(tmp_path / "kept", [b"one"])
    write_kept(tmp_path / "kept", [b"two"])
    assert read_kept(tmp_path / "kept", digest) is None


def test_a_failed_write_leaves_the_old_file(tmp_path: Path) -> None:
    """An error in the middle leaves what was there and no half file."""
    write_kept(tmp_path / "kept", [b"one"])
    (tmp_path / "kept.new").mkdir()
    with pytest.raises(OSError, match="kept"):
        write_kept(tmp_path / "kept", [b"two"])
    content = read_kept(tmp_path / "kept")
    assert content is not None
    assert content.tobytes() == b"one"


def test_parts_are_known_by_what_they_are(tmp_path: Path) -> None:
    """A moved part keeps its identity; other values, rows or times of change give another."""
    part, other = tmp_path / "part.parquet", tmp_path / "other.parquet"
    pq.write_table(pa.table({"key": [1, 2, 3]}), part)
    first = part_identity(part)
    moved = tmp_path / "moved.parquet"
    shutil.copy2(part, moved)
    assert part_identity(moved) == first
    status = part.stat()
    for values in ([1, 2, 4], [1, 2]):
        pq.write_table(pa.table({"key": values}), other)
        os.utime(other, ns=(status.st_atime_ns, status.st_mtime_ns))
        assert part_identity(other) != first
    os.utime(part, ns=(status.st_atime_ns, status.st_mtime_ns + 1))
    assert part_identity(part) != first
