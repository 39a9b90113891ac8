"""Files of values: read back as written, and faults named by their line."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.intel.indicators import VALUES

from cautery.errors import MalformedFileError, NoInputError, UsageError
from cautery.intel import values_file
from cautery.intel.values_file import read_values, values_csv


def test_values_come_back(tmp_path: Path) -> None:
    """Every kind of value is read as it was written, each once."""
    rows = sorted(VALUES.items())
    path = tmp_path / "values.csv"
    path.write_text(values_csv([*rows, rows[0]]))
    assert read_values(path) == rows


BAD = {
    "head": ("a,b\n", ":1: "),
    "cells": ("kind,value\naddress\n", ":2: "),
    "kind": ("kind,value\nvoice,x\n", ":2: "),
    "value": ("kind,value\naddress,198.51.100.7\naddress,x\n", ":3: "),
    "quote": ('kind,value\n"address,x\n', "CSV"),
    "empty": ("kind,value\n", "no value"),
    "nothing": ("", ":1: "),
}


@pytest.mark.parametrize("name", BAD)
def test_faults(tmp_path: Path, name: str) -> None:
    """A fault is an error with file and line."""
    content, words = BAD[name]
    path = tmp_path / "values.csv"
    path.write_text(content)
    with pytest.raises(MalformedFileError) as caught:
        read_values(path)
    assert words in str(caught.value)
    assert str(path) in str(caught.value)


def test_bounds(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Too large a file, or too many values, are refused; so is a file that is not there."""
    path = tmp_path / "values.csv"
    path.write_text("kind,value\naccount,a\naccount,b\n")
    for bound in ("MOST_VALUES", "MOST_FILE_BYTES"):
        with monkeypatch.context() as changed:
            changed.setattr(values_file, bound, 1)
            with pytest.raises(MalformedFileError, match="than"):
                read_values(path)
    with pytest.raises(NoInputError, match="cannot be read"):
        read_values(tmp_path / "none.csv")
    with pytest.raises(UsageError, match="no value"):
        values_csv([])
