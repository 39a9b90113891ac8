"""Tests of LiteLLM's spend logs."""

from __future__ import annotations

import json
from typing import Any

import pytest
from tests.ingest.reading import golden_input, json_lines, read_bytes

FIRST: dict[str, Any] = json.loads(golden_input("litellm_spend_logs").split(b"\n")[0])


def without_lines(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [{key: value for key, value in row.items() if key != "source_line"} for row in rows]


@pytest.mark.parametrize("file", ["in.csv", "in.json"])
def test_all_dumps_read_alike(file: str) -> None:
    """JSON Lines, one JSON array and CSV of the same rows give the same exchanges."""
    lines = read_bytes("litellm_spend_logs", golden_input("litellm_spend_logs"))
    dump = read_bytes("litellm_spend_logs", golden_input("litellm_spend_logs", file))
    assert without_lines(dump.rows) == without_lines(lines.rows)
    assert [reason for _, reason in dump.reasons] == ["account missing"]


def test_csv_lines_point_to_where_a_row_begins() -> None:
    """A cell with newlines does not shift the lines of later rows."""
    header = "request_id,startTime,call_type,api_key,user,messages\n"
    cell = '"[{{""role"": ""user"", ""content"":\n\n""hi""}}]"'
    row = "r{},2026-10-01 08:00:00,completion,k,u," + cell + "\n"
    data = (header + row.format(1) + "\n" + row.format(2) + "short,row\n").encode()
    reading = read_bytes("litellm_spend_logs", data)
    assert [(row["source_line"], row["input_text"]) for row in reading.rows] == [
        (2, "hi"),
        (6, "hi"),
    ]
    assert reading.reasons == [(9, "more or fewer cells than the header")]


def test_csv_quote_that_never_ends() -> None:
    """A quote that never ends costs a bounded piece of the file, not the rest of it."""
    header = "request_id,startTime,call_type,api_key\n"
    good = "r,2026-10-01 08:00:00,completion,key\n"
    data = (header + good + 'r,"never\n' + good * 40).encode()
    reading = read_bytes("litellm_spend_logs", data, line_bytes=400)
    assert reading.reasons == [(3, "line too long")]
    assert len(reading.rows) > 25


@pytest.mark.parametrize(
    ("changes", "account", "source"),
    [
        ({}, "user-1", "account"),
        ({"user": ""}, "user-1", "account"),
        ({"user": "default_user_id", "metadata": {}}, "a" * 64, "key"),
        ({"user": None, "metadata": {}, "api_key": ""}, "203.0.113.7", "address"),
    ],
)
def test_account_fallback(changes: dict[str, Any], account: str, source: str) -> None:
    """The account is the user, else the key, else the address; the source says which."""
    (row,) = read_bytes("litellm_spend_logs", json_lines({**FIRST, **changes})).rows
    assert (row["account_id"], row["account_id_source"]) == (account, source)


def test_key_of_another_type_costs_only_itself() -> None:
    """A client cannot hide a call by values of a wrong type in the fields that it writes."""
    hostile = {
        **FIRST,
        "messages": {"role": "user"},
        "proxy_server_request": {"temperature": "warm", "max_tokens": [1], "tools": 7},
        "end_user": {"a": 1},
        "request_tags": 5,
        "session_id": [1],
    }
    (row,) = read_bytes("litellm_spend_logs", json_lines(hostile)).rows
    assert row["account_id"] == "user-1"
    assert row["temperature"] is None


def test_failed_call() -> None:
    """A failed call without a code counts as a server error."""
    (row,) = read_bytes("litellm_spend_logs", json_lines({**FIRST, "status": "failure"})).rows
    assert (row["status_code"], row["error_type"]) == (500, "error")
