"""Tests of the state folder: what counts as read, who may open it, and what is wrong with it."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from tests.ingest.reading import NOW, exchanges, lines_of

from cautery.errors import ConfigurationError, OutputError
from cautery.ingest.incremental import read_new_logs
from cautery.ingest.options import IngestOptions
from cautery.ingest.sketches import SKETCH_VERSION
from cautery.ingest.state import STATE_SCHEMA, StateFolder
from cautery.ingest.state_documents import KnownLog
from cautery.records.progress import SilentProgress

OPTIONS = IngestOptions(logs=("a.jsonl",), now=NOW)


@pytest.fixture
def state(tmp_path: Path) -> Path:
    """A state that holds two logs, one of them with a rejected line."""
    for name, more in (("a", b""), ("b", b"nonsense\n")):
        (tmp_path / f"{name}.jsonl").write_bytes(lines_of(exchanges(200)) + more)
    (tmp_path / "work").mkdir()
    logs = (str(tmp_path / "a.jsonl"), str(tmp_path / "b.jsonl"))
    options = IngestOptions(logs=logs, now=NOW)
    folder = tmp_path / "state"
    read_new_logs(options, folder, tmp_path / "work", SilentProgress())
    return folder


def open_and_close(folder: Path, options: IngestOptions = OPTIONS) -> StateFolder:
    """Open a state, and let go of it again."""
    opened = StateFolder(folder, options)
    opened.close()
    return opened


def changed(path: Path, change: Callable[[dict[str, Any]], object]) -> None:
    """Change a JSON file."""
    document = json.loads(path.read_bytes())
    change(document)
    path.write_text(json.dumps(document), encoding="utf-8")


def test_layout(state: Path) -> None:
    """Each log has a folder with its parts, its reading and its rejected lines, nothing else."""
    files = {path.relative_to(state).as_posix() for path in state.rglob("*") if path.is_file()}
    assert files == {
        "lock",
        "state.json",
        "reads/00001/part-00000.parquet",
        "reads/00001/reading.json",
        "reads/00002/part-00000.parquet",
        "reads/00002/reading.json",
        "reads/00002/rejected.jsonl",
    }
    document = json.loads((state / "state.json").read_bytes())
    assert (document["schema"], document["sketch_version"]) == (STATE_SCHEMA, SKETCH_VERSION)


def test_what_was_kept_is_there_again(state: Path, tmp_path: Path) -> None:
    """An opened state knows the logs, their rows and their parts."""
    opened = open_and_close(state)
    assert [Path(read.log.path) for read in opened.reads] == [
        (tmp_path / name).resolve() for name in ("a.jsonl", "b.jsonl")
    ]
    assert [read.log.bytes for read in opened.reads] == [
        (tmp_path / name).stat().st_size for name in ("a.jsonl", "b.jsonl")
    ]
    assert opened.rows == 400
    assert [len(read.parts) for read in opened.reads] == [1, 1]


def test_half_a_read_is_removed(state: Path) -> None:
    """What a stopped scan left does not count and goes; what it had read whole stays."""
    half = state / "reads" / "00003.partial"
    half.mkdir()
    (half / "part-00000.parquet").write_bytes(b"PAR1")
    assert open_and_close(state).rows == 400
    assert sorted(path.name for path in (state / "reads").iterdir()) == ["00001", "00002"]


def test_half_a_file_is_no_foreign_file(tmp_path: Path) -> None:
    """A scan that was killed while it began leaves a state that the next one can begin."""
    folder = tmp_path / "state"
    folder.mkdir()
    (folder / "state.json.new").write_bytes(b'{"schema')
    assert open_and_close(folder).rows == 0


def test_numbers_go_on_after_the_highest(state: Path) -> None:
    """A new read takes a number that none has, also past five digits and over gaps."""
    (state / "reads" / "00001").rename(state / "reads" / "100000")
    opened = StateFolder(state, OPTIONS)
    assert opened.new_read().name == "100001.partial"
    opened.close()


def test_a_read_counts_once_it_is_kept(state: Path) -> None:
    """A read in work is not among the reads, for this scan or the next, until it is kept."""
    opened = StateFolder(state, OPTIONS)
    folder = opened.new_read()
    (folder / "part-00000.parquet").write_bytes(b"PAR1")
    assert len(opened.reads) == 2
    log = KnownLog(path="/c.jsonl", bytes=3, changed_ns=5, sha256="c" * 64)
    opened.keep(folder, log, opened.reads[0].reading)
    opened.close()
    assert [read.log for read in opened.reads][2:] == [log]
    assert [read.log for read in open_and_close(state).reads][2:] == [log]


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{",
        b"[]",
        b"null",
        b"{}",
        b'{"log": {}}',
        b'{"log": {"path": 1}, "reading": {}}',
        b"[" * 100_000,
        b"\xff",
        None,
    ],
)
def test_damaged_reading(state: Path, content: bytes | None) -> None:
    """A reading that cannot be read, or is gone, is named, and can be had again at no loss."""
    path = state / "reads" / "00002" / "reading.json"
    if content is None:
        path.unlink()
    else:
        path.write_bytes(content)
    with pytest.raises(ConfigurationError, match="is damaged") as caught:
        open_and_close(state)
    assert caught.value.where == str(path)
    assert caught.value.hint == f"Remove {path.parent} to have its log read again."


def test_a_reading_without_its_log(state: Path) -> None:
    """A reading that names no file is damaged."""
    path = state / "reads" / "00001" / "reading.json"
    changed(path, lambda document: document["reading"].update(files=[]))
    with pytest.raises(ConfigurationError, match="is damaged"):
        open_and_close(state)


def test_a_read_without_its_parts(state: Path) -> None:
    """A read whose rows are gone is damaged, and not a log without rows."""
    (state / "reads" / "00001" / "part-00000.parquet").unlink()
    with pytest.raises(ConfigurationError, match="is damaged") as caught:
        open_and_close(state)
    assert "Remove" in caught.value.hint


def test_the_hint_of_a_damaged_reading_helps(state: Path, tmp_path: Path) -> None:
    """Once the folder is removed its log is read again, and the state is whole."""
    read = state / "reads" / "00001"
    for path in read.iterdir():
        path.unlink()
    read.rmdir()
    options = IngestOptions(logs=(str(tmp_path / "*.jsonl"),), now=NOW)
    table = read_new_logs(options, state, tmp_path / "work", SilentProgress())
    assert (table.rows, len(table.files)) == (400, 2)


@pytest.mark.parametrize("content", [b"", b"{", b"\xff", b"[" * 100_000])
def test_damaged_state(state: Path, content: bytes) -> None:
    """Nobody knows how the logs of a damaged state were read."""
    (state / "state.json").write_bytes(content)
    with pytest.raises(ConfigurationError, match="is damaged") as caught:
        open_and_close(state)
    assert caught.value.where == str(state / "state.json")
    assert "another folder" in caught.value.hint


def test_missing_state(state: Path) -> None:
    """Nor of one whose description is gone, although its reads are there."""
    (state / "state.json").unlink()
    with pytest.raises(ConfigurationError, match="is missing") as caught:
        open_and_close(state)
    assert "another folder" in caught.value.hint


@pytest.mark.parametrize("document", ["[]", "null", "{}", '{"schema": "cautery.state/2"}'])
def test_other_schema(state: Path, document: str) -> None:
    """A state of another schema, or somebody else's state.json, is left alone."""
    (state / "state.json").write_text(document)
    with pytest.raises(ConfigurationError, match=STATE_SCHEMA) as caught:
        open_and_close(state)
    assert "another folder" in caught.value.hint
    assert (state / "state.json").read_text() == document


def test_other_sketches(state: Path) -> None:
    """Sketches of two versions cannot be compared, so they never stand in one state."""
    changed(state / "state.json", lambda document: document.update(sketch_version=-1))
    with pytest.raises(ConfigurationError, match="other sketches") as caught:
        open_and_close(state)
    assert "another folder" in caught.value.hint


def test_foreign_folder(tmp_path: Path) -> None:
    """A folder of other things is refused, and nothing is written into it."""
    (tmp_path / "notes.txt").write_text("mine")
    with pytest.raises(ConfigurationError, match=r"notes\.txt") as caught:
        open_and_close(tmp_path)
    assert "a folder of its own" in caught.value.hint
    assert [path.name for path in tmp_path.iterdir()] == ["notes.txt"]


def test_a_file_is_no_folder(tmp_path: Path) -> None:
    """Where no folder can be made the state cannot be kept."""
    (tmp_path / "state").write_text("mine")
    with pytest.raises(OutputError, match="cannot keep the state"):
        open_and_close(tmp_path / "state")


def test_only_one_at_a_time(state: Path) -> None:
    """A state that is in use is refused to others until it is closed."""
    pytest.importorskip("fcntl", reason="Windows has no such lock")
    first = StateFolder(state, OPTIONS)
    with pytest.raises(OutputError, match="in use by another scan") as caught:
        StateFolder(state, OPTIONS)
    assert caught.value.hint == "Wait until it has ended."
    first.close()
    assert open_and_close(state).rows == 400


def test_an_error_does_not_lock(state: Path) -> None:
    """Whoever was refused because of the options may try again with others."""
    with pytest.raises(ConfigurationError):
        StateFolder(state, IngestOptions(logs=("a.jsonl",), format="litellm"))
    assert open_and_close(state).rows == 400
