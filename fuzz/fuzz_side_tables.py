# ruff: noqa: INP001 - scripts, not a package
"""Fuzzes mapping files and the account and release tables with atheris (``make fuzz``)."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

import atheris

with atheris.instrument_imports(include=["cautery"]):
    from cautery.errors import CauteryError
    from cautery.ingest.account_table import read_account_table
    from cautery.ingest.mapping import load_mapping
    from cautery.ingest.release_table import read_release_table

READERS = (read_account_table, read_release_table, load_mapping)
FOLDER = Path(tempfile.mkdtemp(prefix="cautery-fuzz-"))


def test_one_input(data: bytes) -> None:
    """Read some bytes as each kind of file: only errors of the tree may come out."""
    path = FOLDER / "input"
    path.write_bytes(data)
    for reader in READERS:
        try:
            reader(path)
        except CauteryError:
            continue


if __name__ == "__main__":
    atheris.Setup(sys.argv, test_one_input)
    atheris.Fuzz()
