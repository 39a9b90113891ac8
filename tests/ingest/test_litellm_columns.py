"""Tests that ordinary rows of spend logs, read by columns, are what the long way reads."""

from __future__ import annotations

import copy
import json
from dataclasses import asdict
from io import BytesIO
from typing import Any

import pyarrow as pa
from hypothesis import given
from hypothesis import strategies as st
from tests.ingest.reading import Reading, golden_input, json_lines, options_for, read_bytes

from cautery.ingest.formats.litellm_spend_logs import SpendLog, make_row
from cautery.ingest.json_lines import JsonLinesReader
from cautery.ingest.litellm_ordinary import decode_ordinary

NAME = "litellm_spend_logs"
ORDINARY: dict[str, Any] = {
    "request_id": "r1",
    "call_type": "acompletion",
    "api_key": "sk-abcdefghijklmnopqrstuvwxyz",
    "user": "user-1",
    "startTime": "2026-10-01T08:00:00.123Z",
    "endTime": "2026-10-01T08:00:01Z",
    "model": "m",
    "prompt_tokens": 5,
    "completion_tokens": 7,
    "spend": 0.5,
    "status": "success",
    "requester_ip_address": "203.0.113.9",
    "metadata": {
        "user_agent": "curl/8",
        "usage_object": {
            "total_tokens": 12,
            "prompt_tokens_details": {"cached_tokens": 2},
            "completion_tokens_details": {"reasoning_tokens": 3},
        },
    },
    "messages": [
        {"role": "system", "content": "Be brief."},
        {"role": "user", "content": "Hi"},
        {"role": "Assistant", "content": "Hello"},
        {"role": "user", "content": "Why?"},
    ],
    "response": {
        "model": "m-1",
        "choices": [{"finish_reason": "stop", "message": {"content": "Because."}}],
    },
    "proxy_server_request": {"temperature": 0.5, "max_tokens": 9, "tools": [{"a": 1}], "n": 1},
}


def long_way(data: bytes, **changes: Any) -> Reading:
    """Read every row the long way."""
    options = options_for(NAME, **changes)
    rejects: list[tuple[int, str, bytes]] = []
    reader = JsonLinesReader(SpendLog, make_row)
    batches = list(reader.read(BytesIO(data), options, lambda *reject: rejects.append(reject)))
    return Reading(batches, rejects, options.findings)


def assert_same(data: bytes, **changes: Any) -> None:
    """Both ways give the same table, rejected lines and counts."""
    columns, rows = read_bytes(NAME, data, **changes), long_way(data, **changes)
    assert columns.rejects == rows.rejects
    assert asdict(columns.findings) == asdict(rows.findings)
    tables = [pa.Table.from_batches(found.batches) for found in (columns, rows) if found.batches]
    assert tables[1:] == tables[:-1]
    assert len(tables) in {0, 2}


def test_an_ordinary_row_is_called_so() -> None:
    """The usual row is read the short way, with its messages or with those of the request."""
    assert decode_ordinary(json.dumps(ORDINARY).encode()) is not None
    moved = copy.deepcopy(ORDINARY)
    moved["proxy_server_request"]["messages"] = moved["messages"]
    moved["messages"] = {}
    assert decode_ordinary(json.dumps(moved).encode()) is not None
    assert_same(json_lines(ORDINARY, moved))
    assert (
        len({row["history_hash"] for row in read_bytes(NAME, json_lines(ORDINARY, moved)).rows})
        == 1
    )


BLOCKS = [{"type": "thinking", "signature": "s" * 80}, {"type": "redacted_thinking", "data": "d"}]
VALUES = st.one_of(
    st.sampled_from(
        [
            None, "", " ", 0, 1, 2.0, 2.5, -3, 2**70, True, "x", "{}", "[]", '{"a": 1}', [], {},
            [1], ["a", "b"], {"a": 1}, "2026-10-01T08:00:00Z", "2026-10-01 08:00:00",
            "2026-10-01T08:00:00+02:00", "2026-10-01", "1759276800", 1759276800,
            "2036-01-01T00:00:00Z",
            "2026-10-01T24:00:00Z", "2026-10-01T08:00:60Z", "2026-10-01T08:00:00.1234567Z",
            "default_user_id", "None", "203.0.113.1, 203.0.113.2", "[2001:db8::1]:443", "failure",
            "redacted-by-litellm", "Bearer abc", "sk-abcdefghijklmnopqrstuvwxyz", "a\ud800b",
            "y" * 5000,
            [{"role": "user", "content": "a"}], [{"role": "USER", "content": ""}],
            [{"role": "user", "content": "a", "tool_calls": [{"id": 1}]}],
            [{"role": "user", "content": [{"type": "text", "text": "t"}]}, "plain"],
            [{"role": "tool", "content": "t"}, {"role": "developer", "content": "d"}],
            {"messages": [{"role": "user", "content": "b"}]}, {"prompt": "p"},
            {"input": ["q", "r"]},
            {"body": {"temperature": 1}}, {"system": "s"}, {"top_logprobs": 3},
            {"functions": [1, 2]},
            {"output": "o"}, {"content": "c", "stop_reason": "end"}, {"choices": None},
            {"choices": [{"text": "t"}]}, {"choices": [{"message": {"content": None}}] * 2},
            {"error_code": "429", "error_class": "RateLimit"}, {"cached_tokens": 1.5},
            {"cache_read_input_tokens": 4}, {"user-agent": "z"},
            BLOCKS, [{"role": "assistant", "content": "a", "thinking_blocks": BLOCKS}],
            [{"role": "assistant", "content": BLOCKS}, {"role": "user", "content": "b"}],
            [{"type": "reasoning", "encrypted_content": "g" * 80}],
            {"choices": [{"message": {"content": "c", "thinking_blocks": BLOCKS}}]},
        ]
    ),
    st.text(max_size=3),
)  # fmt: skip
PATHS = [
    *((name,) for name in ORDINARY),
    *((name,) for name in ("team_id", "end_user", "session_id", "model_group", "litellm_call_id")),
    *(("metadata", name) for name in (
        "user_agent", "usage_object", "additional_usage_values", "error_information",
        "requester_custom_headers", "user_api_key_user_id", "user_api_key", "requester_ip_address",
    )),
    *(("metadata", "usage_object", name) for name in (
        "total_tokens", "prompt_tokens_details", "input_tokens_details", "cache_read_input_tokens",
        "cache_creation_input_tokens", "completion_tokens_details",
    )),
    *(("proxy_server_request", name) for name in (
        "messages", "input", "prompt", "body", "system", "temperature", "max_tokens", "seed",
        "max_completion_tokens", "logprobs", "top_logprobs", "tools", "functions", "stream",
    )),
    *(("response", name) for name in ("choices", "model", "output", "content", "stop_reason")),
    ("messages", 1, "role"), ("messages", 1, "content"), ("messages", 3, "content"),
    ("messages", 2, "tool_calls"), ("response", "choices", 0, "message"),
    ("messages", 2, "thinking_blocks"), ("response", "choices", 0, "message", "thinking_blocks"),
    ("response", "choices", 0, "finish_reason"), ("response", "choices", 0, "message", "content"),
]  # fmt: skip


@st.composite
def changed_rows(draw: st.DrawFn) -> list[dict[str, Any]]:
    rows = []
    for _ in range(draw(st.integers(1, 3))):
        row = copy.deepcopy(ORDINARY)
        for path in draw(st.lists(st.sampled_from(PATHS), max_size=4)):
            place: Any = row
            for step in path[:-1]:
                try:
                    place = place[step]
                except (TypeError, LookupError):
                    place = None
            if isinstance(place, dict):
                if draw(st.booleans()) and path[-1] in place:
                    del place[path[-1]]
                else:
                    place[path[-1]] = copy.deepcopy(draw(VALUES))
        rows.append(row)
    return rows


@given(changed_rows())
def test_both_ways_give_the_same(rows: list[dict[str, Any]]) -> None:
    """Whatever is changed in a row, both ways read, reject and count the same."""
    assert_same(json_lines(ORDINARY, *rows))


def test_odd_rows_keep_their_place() -> None:
    """Rows of both kinds and bad lines stay in the order of the lines, in batches of any size."""
    odd = {**ORDINARY, "messages": "plain"}
    late = {**ORDINARY, "startTime": "2036-01-01T00:00:00Z"}
    nobody = {**ORDINARY, "user": "", "api_key": "", "requester_ip_address": ""}
    data = b"[\n".join([json_lines(ORDINARY, odd, late), json_lines(nobody, ORDINARY, odd)] * 5)
    assert_same(data)
    reading = read_bytes(NAME, data, batch_rows=4)
    lines = [row["source_line"] for row in reading.rows]
    assert lines == sorted(lines)
    assert [batch.num_rows for batch in reading.batches] == [4] * 5
    assert [line for line, _ in reading.reasons] == sorted(line for line, _ in reading.reasons)


def test_golden_rows() -> None:
    """The golden log is read the same both ways, with fields of the caller's own too."""
    assert_same(golden_input(NAME))
    assert_same(golden_input(NAME), account_field="request_id", client_address_field="end_user")
    assert_same(golden_input(NAME), trusted_proxies=("203.0.113.0/24",))
