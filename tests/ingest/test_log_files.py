"""Tests of finding files."""

from __future__ import annotations

from pathlib import Path

import pytest

from cautery.errors import NoInputError, UsageError
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
