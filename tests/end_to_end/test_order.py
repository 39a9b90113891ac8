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
    """Every fourth line of a small log with a campaign."""
    folder = tmp_path_factory.getbasetemp() / "order"
    world = make_alternate_world("february", 6, ordinary=500, look_alikes=False)
    world.exchanges[:] = world.exchanges[::4]
    with gzip.open(write_world(world, folder)) as stream:
        return stream.readlines()


def results(folder: Path, *logs: Path) -> dict[str, bytes]:
    """Scan some files and return what was written, without what names the files themselves."""
    accounts = folder.parent / "order" / "accounts.csv"
    succeed("scan", *logs, "--accounts", accounts, "-o", folder / "out", "--no-progress")
    found = {name: (folder / "out" / name).read_bytes() for name in RESULT_FILES}
    case: dict[str, Any] = json.loads(found["case.json"])
    case["input"].pop("files")
    found["case.json"] = json.dumps(case, sort_keys=True).encode()
    found.pop("report.html")  # follows from case.json, and names the files too
    return found


def write(path: Path, lines: list[bytes]) -> Path:
    path.write_bytes(b"".join(lines))
    return path


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory, lines: list[bytes]) -> dict[str, bytes]:
    """What the one file gives, in the order it was written."""
    folder = tmp_path_factory.mktemp("whole")
    return results(folder, write(folder / "log.jsonl", lines))


def test_two_scans_of_one_file_are_equal(
    tmp_path: Path, lines: list[bytes], whole: dict[str, bytes]
) -> None:
    """Nothing depends on the run: every file is the same, byte for byte."""
    assert results(tmp_path, write(tmp_path / "log.jsonl", lines)) == whole


def test_the_order_of_rows_does_not_matter(
    tmp_path: Path, lines: list[bytes], whole: dict[str, bytes]
) -> None:
    """Shuffled lines, the same result."""
    shuffled = lines.copy()
    random.Random(1).shuffle(shuffled)
    assert results(tmp_path, write(tmp_path / "log.jsonl", shuffled)) == whole


def test_the_order_and_number_of_files_does_not_matter(
    tmp_path: Path, lines: list[bytes], whole: dict[str, bytes]
) -> None:
    """Three files, the last first, give the same result as one."""
    parts = [write(tmp_path / f"log-{number}.jsonl", lines[number::3]) for number in range(3)]
    assert results(tmp_path, *reversed(parts)) == whole


def test_the_small_log_has_something_to_compare(whole: dict[str, bytes]) -> None:
    """The equal results are not empty ones: a campaign is listed."""
    assert json.loads(whole["case.json"])["campaigns"]
