"""Tests of explaining one log line."""

from __future__ import annotations

from typing import Any

import pytest
from tests.ingest.reading import GOLDEN, NOW, golden_input

from cautery.errors import UnknownFormatError
from cautery.ingest.line import FieldExplanation, explain_line
from cautery.ingest.options import IngestOptions
from cautery.records.exchange import EXCHANGE_COLUMNS


def explain(line: bytes, name: str | None = None, **changes: Any) -> tuple[Any, dict[str, Any]]:
    result = explain_line(line, name, IngestOptions(logs=("-",), now=NOW, **changes))
    return result, {field.column: field for field in result.fields}


@pytest.mark.parametrize(
    ("golden", "name"),
    [
        ("canonical", "canonical"),
        ("litellm_spend_logs", "litellm-spend-logs"),
        ("litellm_standard_payload", "litellm-standard-payload"),
        ("otlp_json", "otlp-json"),
        ("openai_bodies", "openai-bodies"),
        ("anthropic_bodies", "anthropic-bodies"),
    ],
)
def test_golden_lines(golden: str, name: str) -> None:
    """The first golden line of each format is sniffed, read, and every column is told."""
    result, fields = explain(golden_input(golden).split(b"\n")[0])
    assert (result.format, result.exchanges, result.rejected) == (name, 1, "")
    assert list(fields) == [column.name for column in EXCHANGE_COLUMNS]
    for column in ("time_start", "account_id", "input_text", "output_text", "input_tokens"):
        assert fields[column].state == "ok", column
        assert fields[column].value
        assert fields[column].source


def test_paths_of_a_litellm_line() -> None:
    """Each value comes with the path that it was found at, each gap with those tried."""
    _, fields = explain(golden_input("litellm_spend_logs").split(b"\n")[0])
    assert fields["account_id"] == FieldExplanation(
        column="account_id",
        value="user-1",
        source="user",
        state="ok",
        reason="`default_user_id` counts as missing",
    )
    assert fields["user_agent"].source == "metadata.user_agent"
    assert (fields["cache_write_tokens"].state, fields["cache_write_tokens"].reason) == (
        "missing",
        "not in this line",
    )
    assert fields["asn"].reason == "this format does not carry it"


def test_csv_with_header() -> None:
    """A CSV row is explained with its header before it."""
    text = b"\n".join(golden_input("litellm_spend_logs", "in.csv").split(b"\n")[:2]) + b"\n"
    result, fields = explain(text)
    assert result.format == "litellm-spend-logs"
    assert fields["temperature"].source == "proxy_server_request.temperature"


def test_unreadable_value() -> None:
    """A value of a wrong type is shown with the reason."""
    _, fields = explain(
        b'{"time_start": "2026-10-01T00:00:00Z", "account_id": "a", "temperature": "warm"}'
    )
    assert (fields["temperature"].state, fields["temperature"].value) == ("unreadable", "warm")


def test_rejected_line() -> None:
    """A rejected line says why."""
    result, fields = explain(b'{"time_start": "2026-10-01T00:00:00Z"}', "canonical")
    assert (result.exchanges, result.rejected) == (0, "account missing")
    assert fields["time_start"].state == "missing"


def test_line_through_a_mapping() -> None:
    """A mapping and a field of the caller's own are what the explanation names."""
    line = golden_input("mapped").split(b"\n")[0]
    mapping = GOLDEN / "mapped" / "map.toml"
    result, fields = explain(line, mapping=mapping, account_field="key.hash")
    assert result.format == "mapped"
    assert (fields["account_id"].value, fields["account_id"].source) == ("9f2c", "key.hash")
    assert fields["provider"].reason == "constant in the mapping file"


def test_unknown_line() -> None:
    """A line of no known format is the same error as for a file."""
    with pytest.raises(UnknownFormatError):
        explain(b"hello there")
