"""Tests of logs that are read through a mapping file."""

from __future__ import annotations

import csv
import io
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from tests.ingest.reading import json_lines, read_bytes

from cautery.errors import ConfigurationError
from cautery.ingest.mapping import Mapping, parse_mapping

FLAT = parse_mapping(
    {"map": {"time_start": "ts", "account_id": "org", "input_tokens": "tokens"}}, "flat.toml"
)
RECORDS = [
    {"ts": "2026-10-01T08:00:00Z", "org": "o-1", "tokens": 5},
    {"ts": "2026-10-01T08:00:01Z", "org": "o-2", "tokens": 6},
]


def packed(kind: str) -> bytes:
    if kind == "jsonl":
        return json_lines(*RECORDS)
    if kind == "parquet":
        sink = io.BytesIO()
        pq.write_table(pa.Table.from_pylist(RECORDS), sink)
        return sink.getvalue()
    text = io.StringIO()
    writer = csv.DictWriter(text, RECORDS[0], delimiter=";")
    writer.writeheader()
    writer.writerows(RECORDS)
    return text.getvalue().encode()


@pytest.mark.parametrize("kind", ["jsonl", "csv", "parquet"])
def test_containers(kind: str) -> None:
    """One mapping reads the same records from JSON Lines, CSV and Parquet."""
    rows = read_bytes("mapped", packed(kind), mapping=FLAT).rows
    assert [(row["account_id"], row["input_tokens"]) for row in rows] == [("o-1", 5), ("o-2", 6)]


def test_structures_fill_columns() -> None:
    """A mapping of messages, response and headers fills the columns that follow from them."""
    names = {name: name for name in ("messages", "response", "headers", "usage")}
    mapping = parse_mapping({"map": {"time_start": "ts", "account_id": "org", **names}}, "m")
    record: dict[str, Any] = {
        **RECORDS[0],
        "messages": [{"role": "user", "content": "Hi"}],
        "response": {
            "id": "r",
            "choices": [{"message": {"content": "Yes"}, "finish_reason": "stop"}],
        },
        "headers": [["B", "1"], ["User-Agent", "x"]],
        "usage": {"prompt_tokens": 3, "completion_tokens": 4},
    }
    (row,) = read_bytes("mapped", json_lines(record), mapping=mapping).rows
    assert (row["input_text"], row["output_text"], row["finish_reason"]) == ("Hi", "Yes", "stop")
    assert (row["header_order"], row["user_agent"]) == ("b,user-agent", "x")
    assert (row["input_tokens"], row["output_tokens"], row["request_id"]) == (3, 4, "r")


def test_without_a_mapping() -> None:
    """The format without a mapping file says that it needs one."""
    with pytest.raises(ConfigurationError, match="needs a mapping file"):
        read_bytes("mapped", b"{}", mapping=None)


def test_constant_account() -> None:
    """A column may be a constant, and a mapped field wins over it."""
    mapping = Mapping(
        paths={"time_start": ("ts",), "account_id": ("nowhere",)}, constants={"account_id": "me"}
    )
    assert (
        read_bytes("mapped", json_lines(RECORDS[0]), mapping=mapping).rows[0]["account_id"] == "me"
    )
