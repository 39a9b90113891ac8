"""Tests of the account table and the release table."""

from __future__ import annotations

import gzip
import json
import os
from datetime import UTC, datetime
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from cautery.errors import InputError, MalformedFileError, MissingColumnError, NoInputError
from cautery.ingest import side_tables
from cautery.ingest.account_table import read_account_table
from cautery.ingest.release_table import read_release_table
from cautery.ingest.side_tables import table_notes
from cautery.records.account import ACCOUNT_COLUMNS, RELEASE_COLUMNS

CSV = """account_id,org_id,created_at,payment_fingerprint,permitted_use,plan
acct-1,org-1,2013-05-01T00:00:00Z,pf-1,,pro
acct-2,"an, org",2026-09-01,,synthetic_data,free
"""
ROWS = [
    {"account_id": "acct-1", "org_id": "org-1", "created_at": "2013-05-01T00:00:00Z",
     "payment_fingerprint": "pf-1", "permitted_use": "", "plan": "pro"},
    {"account_id": "acct-2", "org_id": "an, org", "created_at": "2026-09-01",
     "permitted_use": "synthetic_data", "plan": "free"},
]  # fmt: skip


@pytest.mark.parametrize("kind", ["csv", "semicolons", "jsonl", "parquet", "gz"])
def test_account_table(tmp_path: Path, kind: str) -> None:
    """CSV, JSON Lines and Parquet, plain or compressed, give the same table."""
    path = tmp_path / "accounts"
    match kind:
        case "csv":
            path.write_text("\ufeff" + CSV + "\n")
        case "semicolons":
            path.write_text(CSV.replace(",", ";").replace("an; org", "an, org"))
        case "jsonl":
            path.write_text("".join(json.dumps(row) + "\n" for row in ROWS))
        case "parquet":
            pq.write_table(pa.Table.from_pylist(ROWS), path)
        case _:
            path.write_bytes(gzip.compress(CSV.encode()))
    table = read_account_table(path)
    assert table.schema.names == [column.name for column in ACCOUNT_COLUMNS]
    assert table["org_id"].to_pylist() == ["org-1", "an, org"]
    assert table["created_at"].to_pylist() == [
        datetime(2013, 5, 1, tzinfo=UTC),
        datetime(2026, 9, 1, tzinfo=UTC),
    ]
    assert table["permitted_use"].to_pylist() == [None, "synthetic_data"]
    assert table["status"].null_count == 2
    assert table_notes(table) == ("unknown columns: plan",)


def test_release_table(tmp_path: Path) -> None:
    """Releases may lie in the future."""
    path = tmp_path / "releases.csv"
    path.write_text("model,released_at\nm-4,2026-09-01\nm-5,2027-01-01T09:00:00+02:00\n")
    table = read_release_table(path)
    assert table.schema.names == [column.name for column in RELEASE_COLUMNS]
    assert table["released_at"].to_pylist()[1] == datetime(2027, 1, 1, 7, tzinfo=UTC)
    assert table_notes(table) == ()


@pytest.mark.parametrize(
    ("text", "error", "message"),
    [
        ("account_id\na\nb\na\n", InputError, r"account_id 'a' stands on lines 2 and 4"),
        ("account_id,org_id\na\n", MalformedFileError, r"f:2: 1 cells where the header has 2"),
        ("account_id,org_id\n,o\n", MalformedFileError, r"f:2: account_id is empty"),
        ("id\na\n", MissingColumnError, r"no column 'account_id'\. Columns seen: id"),
        ("account_id\n\n", MalformedFileError, r"the table has no rows\. Leave it out"),
        ('{"account_id": "a"}\n{bad\n', MalformedFileError, r"f:2: not JSON"),
        ('{"account_id": "a"}\n[1]\n', MalformedFileError, r"f:2: not a JSON object"),
        (
            "account_id,created_at\na,soon\n",
            MalformedFileError,
            r"f:2: created_at: time not readable\. Write times like",
        ),
    ],
    ids=["twice", "cells", "no-key", "no-column", "empty", "bad-json", "no-object", "time"],
)
def test_faults(tmp_path: Path, text: str, error: type[InputError], message: str) -> None:
    """Every fault names file and line."""
    path = tmp_path / "f"
    path.write_text(text)
    with pytest.raises(error, match=message):
        read_account_table(path)


def test_missing_release_time(tmp_path: Path) -> None:
    """A release without a time says nothing."""
    path = tmp_path / "f"
    path.write_text("model,released_at\nm-4,\n")
    with pytest.raises(MalformedFileError, match=r"f:2: released_at: time missing"):
        read_release_table(path)


def test_no_file(tmp_path: Path) -> None:
    """A table that is not there is named."""
    with pytest.raises(NoInputError, match=r"none\.csv: there is no such file"):
        read_account_table(tmp_path / "none.csv")


def test_devices_and_pipes(tmp_path: Path) -> None:
    """What may never end, or blocks whoever opens it, is refused before it is opened."""
    os.mkfifo(tmp_path / "pipe")
    for path, said in (
        (Path("/dev/zero"), "is a device, not a file"),
        (tmp_path / "pipe", "is a pipe, not a file"),
        (tmp_path, "is a folder, not a file"),
    ):
        with pytest.raises(NoInputError, match=said):
            read_account_table(path)


def test_tables_without_an_end(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A small file that unpacks to more than is read is refused, whatever its kind."""
    monkeypatch.setattr(side_tables, "MOST_BYTES", 2**20)
    monkeypatch.setattr(side_tables, "MOST_ROWS", 1)
    path = tmp_path / "accounts"
    path.write_bytes(gzip.compress(b"account_id\n" + b"\n" * 2**21))
    with pytest.raises(MalformedFileError, match=r"accounts: larger than the 1,048,576 bytes"):
        read_account_table(path)
    pq.write_table(pa.Table.from_pylist(ROWS), path)
    with pytest.raises(MalformedFileError, match="accounts: holds more than 1 rows"):
        read_account_table(path)
