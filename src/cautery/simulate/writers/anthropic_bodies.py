"""Archived Anthropic bodies: a wrapper with request and response of the Messages API.

``usage.input_tokens`` leaves out what was read from the cache, as that API does.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

from cautery.simulate.lines_writer import (
    LinesWriter,
    Row,
    history,
    records_writer,
    utc,
    without_blanks,
)
from cautery.simulate.plan import SimulationPlan

STOP_REASONS: Final = {"stop": "end_turn", "length": "max_tokens"}


def request(row: Row, *, text: bool) -> Row:
    """Return the request body."""
    found: Row = {
        "model": row["request_model"],
        "max_tokens": row["max_tokens"] or 4096,
        "temperature": row["temperature"],
        "top_p": row["top_p"],
        "stream": row["stream"],
    }
    if row["end_user_id"]:
        found["metadata"] = {"user_id": row["end_user_id"]}
    if row["tool_count"]:
        numbers = range(1, row["tool_count"] + 1)
        found["tools"] = [
            {"name": f"tool_{n}", "input_schema": {"type": "object"}} for n in numbers
        ]
    if text:
        found["system"] = row["system_text"]
        content: list[Any] = [{"type": "text", "text": row["input_text"]}]
        source = {"type": "url", "url": "https://images.invalid/1.png"}
        content += [{"type": "image", "source": source}] * (row["image_count"] or 0)
        earlier = [{"role": role, "content": said} for role, said in history(row)]
        found["messages"] = [*earlier, {"role": "user", "content": content}]
    return without_blanks(found)


def response(row: Row, *, text: bool) -> Row:
    """Return the response body."""
    if row["status_code"] >= 400:
        return {"type": "error", "error": {"type": row["error_type"], "message": "failed"}}
    found: Row = {
        "id": row["request_id"],
        "type": "message",
        "role": "assistant",
        "model": row["response_model"],
        "stop_reason": STOP_REASONS[row["finish_reason"]],
        "usage": {
            "input_tokens": row["input_tokens"] - row["cache_read_tokens"],
            "cache_read_input_tokens": row["cache_read_tokens"],
            "cache_creation_input_tokens": 0,
            "output_tokens": row["output_tokens"],
        },
    }
    if text:
        found["content"] = [{"type": "text", "text": row["output_text"]}]
    return found


def record(row: Row, *, text: bool) -> Row:
    """Return the archived pair of an exchange."""
    return {
        "timestamp": utc(row["time_start"]),
        "time_end": utc(row["time_end"]),
        "path": "/v1/messages",
        "account_id": row["account_id"],
        "organization_id": row["org_id"],
        "key_id": row["key_id"],
        "request_id": row["request_id"],
        "conversation_id": row["conversation_id"],
        "client_ip": row["client_address"],
        "country": row["country"],
        "user_agent": row["user_agent"],
        "header_order": row["header_order"],
        "status_code": row["status_code"],
        "request": request(row, text=text),
        "response": response(row, text=text),
    }


class AnthropicBodies:
    """JSON Lines of archived request and response bodies."""

    name = "anthropic-bodies"
    description = "archived Anthropic request and response bodies, one pair a line"

    def open(self, folder: Path, plan: SimulationPlan) -> LinesWriter:
        """Start ``exchanges.jsonl``."""
        return records_writer(folder, plan, record)


MEMBER = AnthropicBodies()
