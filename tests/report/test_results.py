"""Results are written whole, the same every time, and never over somebody else's file."""

from __future__ import annotations

import os
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from tests.report.cases import crowded_case, empty_case, example_case

from cautery.errors import OutputError
from cautery.report import results
from cautery.report.results import check_output_folder, write_results

if TYPE_CHECKING:
    from pathlib import Path
    from typing import TextIO

    from cautery.records.case import Case


def contents(folder: Path) -> dict[str, bytes]:
    """Read every file of a folder."""
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def test_four_files(tmp_path: Path) -> None:
    """A scan leaves these files and nothing temporary."""
    written = write_results(example_case(), tmp_path / "new" / "out")
    assert [path.name for path in written] == [
        "case.json",
        "accounts.csv",
        "campaigns.csv",
        "report.html",
    ]
    assert sorted(contents(tmp_path / "new" / "out")) == sorted(path.name for path in written)


@pytest.mark.parametrize("case", [example_case(), empty_case(), crowded_case()])
def test_same_bytes_every_time(tmp_path: Path, case: Case) -> None:
    """The same case gives the same bytes, in a new folder or over an earlier result."""
    write_results(case, tmp_path / "one")
    write_results(example_case(), tmp_path / "two")
    write_results(case, tmp_path / "two")
    assert contents(tmp_path / "one") == contents(tmp_path / "two")


@pytest.mark.parametrize("name", ["case.json", "accounts.csv", "campaigns.csv", "report.html"])
def test_foreign_files_are_not_overwritten(tmp_path: Path, name: str) -> None:
    """An account table that is called accounts.csv survives a careless -o."""
    (tmp_path / name).write_text("account_id,created_at\nacct_1,2026-01-01\n")
    with pytest.raises(OutputError, match="not a result of cautery"):
        write_results(example_case(), tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == [name]


@pytest.mark.parametrize("name", ["case.json", "accounts.csv", "campaigns.csv", "report.html"])
def test_a_pipe_is_no_place_for_a_result(tmp_path: Path, name: str) -> None:
    """Looking at it would wait for whoever writes it."""
    os.mkfifo(tmp_path / name)
    with pytest.raises(OutputError, match=f"{name}: cannot look at it: it is a pipe, not a file"):
        check_output_folder(tmp_path)


def test_other_files_stay(tmp_path: Path) -> None:
    """Files of other names in the folder are none of our business."""
    (tmp_path / "notes.txt").write_text("mine")
    write_results(example_case(), tmp_path)
    assert (tmp_path / "notes.txt").read_text() == "mine"


def test_a_file_is_no_folder(tmp_path: Path) -> None:
    """An output that is a file is refused before any work."""
    target = tmp_path / "out"
    target.write_text("x")
    with pytest.raises(OutputError, match="not a folder"):
        check_output_folder(target)


class FailingFormat:
    """A report format whose disk is full."""

    name = "failing"
    file_name = "campaigns.csv"

    def write(self, case: Case, stream: TextIO) -> None:
        stream.write(case.schema)
        raise OSError(28, "No space left on device")


def test_all_files_or_none(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """If one file cannot be written, the earlier results stay whole and no scrap is left."""
    write_results(example_case(), tmp_path)
    before = contents(tmp_path)
    monkeypatch.setattr(results, "FORMATS", (*results.FORMATS[:2], FailingFormat()))
    with pytest.raises(OutputError, match="No space left"):
        write_results(replace(example_case(), notes=("new",)), tmp_path)
    assert contents(tmp_path) == before
