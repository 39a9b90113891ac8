"""Tests of finding files."""

from __future__ import annotations

import io
import os
from pathlib import Path

import pytest

from cautery.errors import NoInputError, OutputError, UsageError
from cautery.ingest.log_files import did_you_mean, find_log_files


def test_nothing_given(tmp_path: Path) -> None:
    """No log at all is an error of the call."""
    with pytest.raises(UsageError, match="no log given"):
        find_log_files((), tmp_path)


def test_links_to_one_file_are_one(tmp_path: Path) -> None:
    """A file and a symbolic link to it are read once, under the first name."""
    (tmp_path / "b.jsonl").write_text("{}")
    (tmp_path / "a.jsonl").symlink_to(tmp_path / "b.jsonl")
    files = find_log_files((str(tmp_path / "b.jsonl"), str(tmp_path / "a.jsonl")), tmp_path)
    assert [file.name for file in files] == [str(tmp_path / "a.jsonl")]


def test_names_with_brackets(tmp_path: Path) -> None:
    """A file whose name looks like a glob is found by its name."""
    path = tmp_path / "part[1].jsonl"
    path.write_text("{}")
    assert find_log_files((str(path),), tmp_path)[0].path == path


def test_empty_folder(tmp_path: Path) -> None:
    """A folder without logs says which files count as logs."""
    (tmp_path / "readme.txt").write_text("")
    with pytest.raises(NoInputError, match=r"the folder holds no log\. Logs end in \.jsonl"):
        find_log_files((str(tmp_path),), tmp_path)


def test_no_suggestion_out_of_nowhere(tmp_path: Path) -> None:
    """Nothing near by gives no suggestion, and no error."""
    assert did_you_mean(str(tmp_path / "xyz" / "deep" / "a.json")) == ""
    assert did_you_mean(str(tmp_path / "a.json")) == ""


def test_devices_pipes_and_lost_links(tmp_path: Path) -> None:
    """They are refused unopened: a pipe that nobody writes blocks, a device never ends."""
    os.mkfifo(tmp_path / "pipe.jsonl")
    (tmp_path / "lost.jsonl").symlink_to(tmp_path / "nowhere")
    for name, said in (
        ("/dev/zero", r"is a device, not a file\. Name files, or pipe the log in"),
        (str(tmp_path / "pipe.jsonl"), "is a pipe, not a file"),
        (str(tmp_path / "lost.jsonl"), "is a link that leads nowhere"),
    ):
        with pytest.raises(NoInputError, match=said):
            find_log_files((name,), tmp_path)


def test_a_log_without_a_name(tmp_path: Path) -> None:
    """An empty variable of the shell is no wish to read the folder that one stands in."""
    with pytest.raises(UsageError, match="a log has no name"):
        find_log_files(("",), tmp_path)


def test_standard_input_without_an_end(tmp_path: Path) -> None:
    """A device is refused before the disk is full of it."""
    with Path("/dev/zero").open("rb") as stream, pytest.raises(NoInputError, match="is a device"):
        find_log_files(("-",), tmp_path, stream)


def test_standard_input_that_cannot_be_kept(tmp_path: Path) -> None:
    """A folder that takes nothing more is named, with what to do."""
    with pytest.raises(OutputError, match=r"standard input cannot be kept: .*another folder"):
        find_log_files(("-",), tmp_path / "none", io.BytesIO(b"{}"))
