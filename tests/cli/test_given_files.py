"""Files that a verb is given: read whole up to a bound, or standard input."""

from __future__ import annotations

import io
import sys
from pathlib import Path

import pytest

from cautery.cli.given_files import opened, read_whole
from cautery.errors import InputError, LedgerError, NoInputError


def test_a_file_is_read_up_to_its_bound(tmp_path: Path) -> None:
    """One byte more is an error, of the type that was wanted, with what to do."""
    file = tmp_path / "a"
    file.write_bytes(b"12345")
    assert read_whole(file, 5) == b"12345"
    with pytest.raises(LedgerError, match=r"given: larger than the 4 bytes .*Ask for less\.$"):
        read_whole(file, 4, where="given", hint="Ask for less.", error_type=LedgerError)


def test_a_dash_is_standard_input(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is bounded as a file is, and left open."""
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b"1234567")))
    with pytest.raises(InputError, match="larger than the 4 bytes"):
        read_whole("-", 4)
    with opened("-") as stream:
        assert stream.read() == b"67"


@pytest.mark.parametrize("name", ["absent", ""])
def test_what_is_no_file_is_said(tmp_path: Path, name: str) -> None:
    """A file that is not there, or a folder."""
    with pytest.raises(NoInputError, match="cannot be read"):
        read_whole(tmp_path / name, 4)
