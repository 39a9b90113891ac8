"""The same exchanges give the same bytes, however files and rows are ordered and cut."""

from __future__ import annotations

import gzip
import json
import random
from pathlib import Path
from typing import Any

import pytest
from benchmarks.alternate_world import make_alternate_world
from benchmarks.world_files import write_world
from tests.end_to_end.command_line import RESULT_FILES, succeed


@pytest.fixture(scope="module")
def lines(tmp_path_factory: pytest.TempPathFactory) -> list[bytes]:
    """A small log with two campaigns."""
    folder = tmp_path_factory.mktemp("order")
    world = make_alternate_world("hydra", 6, ordinary=60, look_alikes=False)
    with gzip.open(write_world(world, folder)) as stream:
        return stream.readlines()


def results(folder: Path, *logs: Path, words: tuple[str, ...] = ()) -> dict[str, bytes]:
    """Scan some files and return what was written, without what names the files themselves."""
    succeed("scan", *logs, "-o", folder / "out", "--no-progress", *words)
    found = {name: (folder / "out" / name).read_bytes() for name in RESULT_FILES}
    case: dict[str, Any] = json.loads(found["case.json"])
    case["input"].pop("files")
    found["case.json"] = json.dumps(case, sort_keys=True).encode()
    return found


def write(path: Path, lines: list[bytes]) -> Path:
    path.write_bytes(b"".join(lines))
    return path


def test_two_scans_of_one_file_are_equal(tmp_path: Path, lines: list[bytes]) -> None:
    """Nothing depends on the run: every file is the same, byte for byte."""
    log = write(tmp_path / "log.jsonl", lines)
    for name in ("one", "two"):
        succeed("scan", log, "-o", tmp_path / name, "--no-progress")
    for name in RESULT_FILES:
        first, second = (tmp_path / "one" / name), (tmp_path / "two" / name)
        assert first.read_bytes() == second.read_bytes(), name


def test_the_order_of_rows_does_not_matter(tmp_path: Path, lines: list[bytes]) -> None:
    """Shuffled lines, the same result."""
    shuffled = lines.copy()
    random.Random(1).shuffle(shuffled)
    for folder in ("a", "b"):
        (tmp_path / folder).mkdir()
    plain = results(tmp_path / "a", write(tmp_path / "a" / "log.jsonl", lines))
    assert results(tmp_path / "b", write(tmp_path / "b" / "log.jsonl", shuffled)) == plain


def test_the_order_and_number_of_files_does_not_matter(tmp_path: Path, lines: list[bytes]) -> None:
    """One file, or three in any order: the same result."""
    (tmp_path / "parts").mkdir()
    parts = [
        write(tmp_path / "parts" / f"log-{number}.jsonl", lines[number::3]) for number in range(3)
    ]
    for folder in ("whole", "forward", "backward"):
        (tmp_path / folder).mkdir()
    whole = results(tmp_path / "whole", write(tmp_path / "whole" / "log.jsonl", lines))
    assert results(tmp_path / "forward", *parts) == whole
    assert results(tmp_path / "backward", *reversed(parts)) == whole
