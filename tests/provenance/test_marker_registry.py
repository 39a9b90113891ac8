"""The registry of markers: planted once, read by the owner alone, changed by nobody."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.watermark.test_markers import KEY, OTHER, SORTING

from cautery.errors import ConfigurationError, MalformedFileError, NoInputError
from cautery.provenance.marker_registry import plant, plant_all
from cautery.records.key import Secret
from cautery.watermark.marker_reading import read_markers
from cautery.watermark.markers import Marker


def test_many_are_planted_at_once(tmp_path: Path) -> None:
    """Each campaign and marker once; what is there stays; another marker of its name is refused."""
    path = tmp_path / "markers.jsonl"
    others = [Marker(marker_id=f"m{n}", words=("x",), choices=("a", "b")) for n in range(3)]
    assert plant_all(path, KEY, ["C-1", "C-2", "C-1"], others) == 6
    before = path.read_bytes()
    assert plant_all(path, KEY, ["C-1", "C-2"], others) == 0
    assert path.read_bytes() == before
    assert plant_all(path, KEY, ["C-3", "C-1"], [*others, SORTING]) == 5
    assert path.read_bytes().startswith(before)
    changed = Marker(marker_id="m0", words=("x",), choices=("a", "c"))
    with pytest.raises(ConfigurationError, match="has another marker 'm0'"):
        plant_all(path, KEY, ["C-9", "C-1"], [changed])
    assert len(read_markers(path, KEY)) == 11


@pytest.mark.parametrize(
    "damage",
    [
        lambda row: row.replace(b"C-1", b"C-9"),
        lambda row: row.replace(b"time it", b"time  it"),
        lambda row: row[:-20] + b"\n",
        lambda row: b"[]\n" * bool(row),
        lambda row: row.replace(b'"code":"', b'"code":"\xc3\xa9'),
        lambda row: b"\xff" + row,
    ],
    ids=["campaign", "choice", "cut", "shape", "code", "bytes"],
)
def test_a_changed_line_is_refused(tmp_path: Path, damage: object) -> None:
    """The message names the line; nothing more is planted into such a file."""
    path = tmp_path / "markers.jsonl"
    plant(path, KEY, "C-1", SORTING)
    path.write_bytes(damage(path.read_bytes()))  # type: ignore[operator]
    with pytest.raises(MalformedFileError, match="marker") as caught:
        read_markers(path, KEY)
    assert f"{path}:1" in str(caught.value)
    with pytest.raises(MalformedFileError):
        plant(path, KEY, "C-2", SORTING)


def test_registries_that_are_refused(tmp_path: Path) -> None:
    """Another key, no file, one that others may read, a marker that is there already."""
    path = tmp_path / "markers.jsonl"
    plant(path, KEY, "C-1", SORTING)
    with pytest.raises(MalformedFileError, match="another key"):
        read_markers(path, OTHER)
    with pytest.raises(NoInputError, match="cannot be read"):
        read_markers(tmp_path / "none", KEY)
    with pytest.raises(ConfigurationError, match="already"):
        plant(path, KEY, "C-1", SORTING)
    path.chmod(0o640)
    with pytest.raises(ConfigurationError, match="others may read"):
        read_markers(path, KEY)
    with pytest.raises(ConfigurationError, match="too short"):
        read_markers(path, Secret(b"short"))


@pytest.mark.parametrize(
    ("words", "choices", "said"),
    [
        ((), ("a", "b"), "has a word"),
        (("x",), ("a",), "from 2 to 64"),
        (("x",), ("a", "a b"), "part of another"),
        (("x",), ("a", "A"), "part of another"),
        (("x",), ("a", " "), "empty or too long"),
        (("x" * 1_001,), ("a", "b"), "empty or too long"),
    ],
    ids=["no-word", "one-choice", "part", "case", "blank", "long"],
)
def test_markers_that_are_refused(
    tmp_path: Path, words: tuple[str, ...], choices: tuple[str, ...], said: str
) -> None:
    """And no file is made."""
    path = tmp_path / "markers.jsonl"
    with pytest.raises(ConfigurationError, match=said):
        plant(path, KEY, "C-1", Marker(marker_id="m", words=words, choices=choices))
    assert not path.exists()
