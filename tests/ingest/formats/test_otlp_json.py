"""Tests of OpenTelemetry GenAI spans."""

from __future__ import annotations

from typing import Any

import pytest
from tests.ingest.reading import golden_input, json_lines, read_bytes

NANOSECONDS = 1790841600 * 10**9


def message(*attribute_sets: dict[str, Any], **span: Any) -> dict[str, Any]:
    """One export message of spans with text attributes."""
    spans = [
        {
            "startTimeUnixNano": str(NANOSECONDS),
            "attributes": [
                {"key": key, "value": {"stringValue": value} if isinstance(value, str) else value}
                for key, value in attributes.items()
            ],
            **span,
        }
        for attributes in attribute_sets
    ]
    return {"resourceSpans": [{"scopeSpans": [{"spans": spans}]}]}


CALL = {"gen_ai.operation.name": "chat", "gen_ai.request.model": "m", "user.id": "a"}


@pytest.mark.parametrize(
    "attributes",
    [
        {"gen_ai.operation.name": "invoke_agent", "gen_ai.request.model": "m"},
        {"gen_ai.operation.name": "execute_tool"},
        {"openinference.span.kind": "CHAIN", "llm.model_name": "m"},
        {"http.route": "/v1/chat/completions"},
        {},
    ],
)
def test_other_spans_are_skipped(attributes: dict[str, str]) -> None:
    """Agents, tools, chains and web requests are no exchanges, and are counted."""
    reading = read_bytes("otlp_json", json_lines(message({**attributes, "user.id": "a"})))
    assert (reading.rows, reading.rejects) == ([], [])
    assert reading.findings.skipped == {"other spans": 1}


def test_spans_of_one_line_share_it() -> None:
    """Many spans of one line have its number and are counted one by one."""
    reading = read_bytes("otlp_json", json_lines(message(CALL, CALL, CALL), message(CALL)))
    assert [row["source_line"] for row in reading.rows] == [1, 1, 1, 2]
    assert reading.findings.records == 4


def test_a_bad_span_costs_only_itself() -> None:
    """A span without an account is rejected with its line; its neighbours are read."""
    lacking = {key: value for key, value in CALL.items() if key != "user.id"}
    reading = read_bytes("otlp_json", json_lines(message(CALL, lacking, CALL)))
    assert len(reading.rows) == 2
    assert reading.reasons == [(1, "account missing")]


def test_account_attribute_of_ones_own() -> None:
    """The caller may name an attribute with dots in it, on the span or its resource."""
    log = message({**CALL, "acme.customer.id": "c-7"})
    (row,) = read_bytes("otlp_json", json_lines(log), account_field="acme.customer.id").rows
    assert row["account_id"] == "c-7"


def test_cached_tokens_left_out_are_added() -> None:
    """Fewer input tokens than came from the cache can only mean that these were left out."""
    counts = {
        "gen_ai.usage.input_tokens": {"intValue": "5"},
        "gen_ai.usage.cache_read.input_tokens": {"intValue": 100},
    }
    (row,) = read_bytes("otlp_json", json_lines(message({**CALL, **counts}))).rows
    assert (row["input_tokens"], row["cache_read_tokens"]) == (105, 100)


def test_long_first_message_is_sniffed() -> None:
    """A message longer than the head is known by its beginning."""
    from cautery.ingest.formats.otlp_json import MEMBER

    head = json_lines(message({**CALL, "gen_ai.prompt": "x" * 70_000}))[: 64 * 1024]
    assert MEMBER.sniff(head, "spans.jsonl") > 0.5


def test_events_are_told() -> None:
    """Reading log events warns that spans of the same calls would count twice."""
    reading = read_bytes("otlp_json", golden_input("otlp_json"))
    assert any("count twice" in note for note in reading.findings.notes)
