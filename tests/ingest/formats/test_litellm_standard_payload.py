"""Tests of LiteLLM's standard logging payload."""

from __future__ import annotations

import json
from typing import Any

from tests.ingest.reading import golden_input, json_lines, read_bytes

FIRST: dict[str, Any] = json.loads(golden_input("litellm_standard_payload").split(b"\n")[0])


def test_redacted_prompts_are_missing() -> None:
    """LiteLLM's word for a redacted prompt is no prompt: it would link everybody."""
    redacted = {**FIRST, "messages": "redacted-by-litellm", "response": "redacted-by-litellm"}
    (row,) = read_bytes("litellm_standard_payload", json_lines(redacted)).rows
    assert row["input_text"] is None
    assert row["output_text"] is None


def test_address_from_custom_headers() -> None:
    """Behind a balancer the address can be read from the forwarded header."""
    (row,) = read_bytes(
        "litellm_standard_payload",
        json_lines(FIRST),
        client_address_field="header:x-forwarded-for",
        trusted_proxies=("203.0.113.0/24",),
    ).rows
    assert row["client_address"] == "192.0.2.1"


def test_pretty_printed_array() -> None:
    """A JSON array over many lines is read item by item, with the line where each begins."""
    data = json.dumps([FIRST, FIRST], indent=2).encode()
    lines = [row["source_line"] for row in read_bytes("litellm_standard_payload", data).rows]
    assert lines == [2, 2 + json.dumps(FIRST, indent=2).count("\n") + 1]
