"""OTLP/JSON GenAI spans, an export request a line, as the collector's file exporter writes."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

from cautery.simulate.lines_writer import LinesWriter, Row, chat_messages, encode_json
from cautery.simulate.otlp_names import COMMON, NAMES
from cautery.simulate.plan import SimulationPlan

SCOPE = {"name": "simulated.genai", "version": "1.0.0"}


def value_of(value: Any) -> Row:
    """Wrap a value as OTLP does; whole numbers are strings."""
    if isinstance(value, bool):
        return {"boolValue": value}
    if isinstance(value, int):
        return {"intValue": str(value)}
    if isinstance(value, float):
        return {"doubleValue": value}
    if isinstance(value, list):
        return {"arrayValue": {"values": [value_of(entry) for entry in value]}}
    return {"stringValue": str(value)}


def attributes(values: Row) -> list[Row]:
    """Return a list of attributes, nulls left out."""
    return [{"key": name, "value": value_of(v)} for name, v in values.items() if v is not None]


def nanoseconds(time: datetime) -> str:
    """Return a time in nanoseconds since 1970, as the string that OTLP/JSON wants."""
    return str(int(time.timestamp()) * 1_000_000_000 + time.microsecond * 1000)


def first_texts(row: Row) -> Row:
    """Messages of the first generation: one attribute a field."""
    found: Row = {}
    for place, message in enumerate(chat_messages(row)):
        found[f"gen_ai.prompt.{place}.role"] = message["role"]
        content = message["content"]
        found[f"gen_ai.prompt.{place}.content"] = (
            content if isinstance(content, str) else encode_json(content).decode().strip()
        )
    if row["output_text"] is not None:
        found["gen_ai.completion.0.role"] = "assistant"
        found["gen_ai.completion.0.content"] = row["output_text"]
    return found


def second_events(row: Row) -> list[Row]:
    """Messages of the second generation: one event each."""
    time = nanoseconds(row["time_start"])
    events = [
        (f"gen_ai.{message['role']}.message", {"content": text_of(message["content"])})
        for message in chat_messages(row)
    ]
    if row["output_text"] is not None:
        said = {"message": encode_json({"content": row["output_text"]}).decode().strip()}
        events.append(("gen_ai.choice", {**said, "finish_reason": row["finish_reason"]}))
    return [
        {"timeUnixNano": time, "name": name, "attributes": attributes(values)}
        for name, values in events
    ]


def text_of(content: Any) -> str:
    """Return the text of a message's content."""
    return content if isinstance(content, str) else str(content[0]["text"])


def third_texts(row: Row) -> Row:
    """Messages of the third generation: JSON with parts in attributes."""
    messages = [
        {"role": message["role"], "parts": parts(message["content"])}
        for message in chat_messages(row)
        if message["role"] != "system"
    ]
    found = {"gen_ai.input.messages": encode_json(messages).decode().strip()}
    if row["system_text"]:
        instructions = [{"type": "text", "content": row["system_text"]}]
        found["gen_ai.system_instructions"] = encode_json(instructions).decode().strip()
    if row["output_text"] is not None:
        reply = {
            "role": "assistant",
            "parts": parts(row["output_text"]),
            "finish_reason": row["finish_reason"],
        }
        found["gen_ai.output.messages"] = encode_json([reply]).decode().strip()
    return found


def parts(content: Any) -> list[Row]:
    """Return a message's parts."""
    found: list[Row] = [{"type": "text", "content": text_of(content)}]
    if not isinstance(content, str):
        found += [{"type": "uri", "modality": "image", "uri": "https://images.invalid/1.png"}] * (
            len(content) - 1
        )
    return found


def span(row: Row, generation: int, *, text: bool) -> Row:
    """Return the span of an exchange."""
    names = {**COMMON, **NAMES[generation]}
    values = {names[column]: row[column] for column in names if row.get(column) is not None}
    if generation > 1 and row["finish_reason"] is not None:
        values[names["finish_reason"]] = [row["finish_reason"]]
    if text and generation != 2:
        values.update(first_texts(row) if generation == 1 else third_texts(row))
    identifier = row["request_id"].rsplit("_", 1)[-1]
    found = {
        "traceId": identifier + identifier[::-1],
        "spanId": identifier,
        "name": f"chat {row['request_model']}",
        "kind": 3,
        "startTimeUnixNano": nanoseconds(row["time_start"]),
        "endTimeUnixNano": nanoseconds(row["time_end"]),
        "attributes": attributes(values),
        "status": {"code": 2} if row["status_code"] >= 400 else {},
    }
    if text and generation == 2:
        found["events"] = second_events(row)
    return found


def encoder(plan: SimulationPlan) -> Callable[[Row], bytes]:
    """Return what encodes a row under a plan."""
    resource = {"attributes": attributes({"service.name": "gateway"})}

    def encode(row: Row) -> bytes:
        spans = [span(row, plan.otlp_generation, text=plan.text)]
        scoped = [{"scope": SCOPE, "spans": spans}]
        return encode_json({"resourceSpans": [{"resource": resource, "scopeSpans": scoped}]})

    return encode


class OtlpJson:
    """GenAI spans in OTLP/JSON."""

    name = "otlp-json"
    description = "OpenTelemetry GenAI spans as OTLP/JSON lines, three generations of names"

    def open(self, folder: Path, plan: SimulationPlan) -> LinesWriter:
        """Start ``exchanges.jsonl``."""
        return LinesWriter(folder, "exchanges.jsonl", plan, encoder(plan))


MEMBER = OtlpJson()
