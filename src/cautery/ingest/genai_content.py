"""Reads prompt and answer from GenAI telemetry, wherever the instrumentation put them."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any, Final, NamedTuple

from cautery.ingest.conversation import Conversation, opened, read_conversation, text_of
from cautery.ingest.genai_names import (
    CHOICE_EVENT,
    CONTENT_EVENTS,
    DETAILS_EVENT,
    INDEXED_INPUT,
    INDEXED_OUTPUT,
    INPUT_EVENTS,
    INPUT_MESSAGES,
    OUTPUT_MESSAGES,
    PLAIN_INPUT,
    PLAIN_OUTPUT,
    SYSTEM_INSTRUCTIONS,
)
from cautery.ingest.signatures import signatures_of

_INDEX: Final = re.compile(r"(\d{1,6})\.(?:message\.)?(.+)")
_NESTED_TEXT: Final = re.compile(r"contents\.\d{1,4}\.message_content\.(type|text)\Z")
_MOST_MESSAGES: Final = 10_000


class Content(NamedTuple):
    """Prompt and answer of one call."""

    conversation: Conversation
    output_text: str | None
    finish_reason: Any
    issued_signatures: list[int] | None
    """The conventions have no field for signatures; who adds them to a part is read."""


def read_content(
    attributes: dict[str, Any], events: Iterable[tuple[str, dict[str, Any]]]
) -> Content:
    """Read prompt and answer of one span.

    Args:
        attributes: The span's attributes.
        events: Its events.

    Returns:
        What is there; a conversation of Nones if the telemetry carries no content.
    """
    attributes, messages, choices = _with_events(attributes, events)
    system = opened(_first(attributes, SYSTEM_INSTRUCTIONS))
    inputs = opened(_first(attributes, INPUT_MESSAGES))
    inputs = inputs or messages or _indexed(attributes, INDEXED_INPUT)
    if not inputs:
        inputs = _plain(attributes.get(PLAIN_INPUT))
    outputs = opened(_first(attributes, OUTPUT_MESSAGES))
    outputs = outputs or choices or _indexed(attributes, INDEXED_OUTPUT)
    if not outputs:
        outputs = _plain(attributes.get(PLAIN_OUTPUT))
    answers = _messages(outputs)
    return Content(
        read_conversation(inputs, system),
        text_of(_spoken(answers)) or None,
        _reason(outputs),
        signatures_of(answers) if isinstance(answers, list) else None,
    )


def _first(attributes: dict[str, Any], names: tuple[str, ...]) -> Any:
    for name in names:
        value = attributes.get(name)
        if value:
            return value
    return None


def _plain(value: Any) -> Any:
    """OpenInference's input.value: a text, or JSON of a request that holds messages."""
    value = opened(value)
    if isinstance(value, dict) and not ({"messages", "input"} & set(value)):
        return text_of(value)
    return value


def _with_events(
    attributes: dict[str, Any], events: Iterable[tuple[str, dict[str, Any]]]
) -> tuple[dict[str, Any], list[Any], list[Any]]:
    """Gather messages from events; events that carry whole attributes count as the span's own."""
    messages: list[Any] = []
    choices: list[Any] = []
    for name, inner in events:
        if name == DETAILS_EVENT or name in CONTENT_EVENTS:
            attributes = {**inner, **attributes}
        elif name in INPUT_EVENTS and len(messages) < _MOST_MESSAGES:
            messages.append(
                {"role": inner.get("role") or INPUT_EVENTS[name], "content": _content(inner)}
            )
        elif name == CHOICE_EVENT and len(choices) < _MOST_MESSAGES:
            choices.append(
                {"content": _content(inner), "finish_reason": inner.get("finish_reason")}
            )
    return attributes, messages, choices


def _content(inner: dict[str, Any]) -> Any:
    value = inner.get("content")
    if value is None:
        message = opened(inner.get("message") or inner.get("gen_ai.event.content"))
        value = message.get("content", message) if isinstance(message, dict) else message
    return opened(value)


def _indexed(attributes: dict[str, Any], prefixes: tuple[str, ...]) -> list[Any]:
    """Gather messages from one attribute a field, such as ``gen_ai.prompt.0.content``."""
    found: dict[int, dict[str, Any]] = {}
    for name, value in attributes.items():
        prefix = next((prefix for prefix in prefixes if name.startswith(prefix)), None)
        match = _INDEX.fullmatch(name[len(prefix) :]) if prefix else None
        if match is None or len(found) > _MOST_MESSAGES:
            continue
        message = found.setdefault(int(match[1]), {})
        nested = _NESTED_TEXT.search(match[2])
        if nested is None:
            message[match[2]] = opened(value)
        elif nested[1] == "text":
            message.setdefault("content", []).append({"type": "text", "text": value})
        elif value != "text":
            message.setdefault("content", []).append({"type": value})
    return [{**found[index], "role": found[index].get("role", "user")} for index in sorted(found)]


def _messages(outputs: Any) -> Any:
    """Output messages, whatever wraps them."""
    if isinstance(outputs, dict):
        outputs = outputs.get("choices", [outputs])
    if not isinstance(outputs, list):
        return outputs
    return [item.get("message", item) if isinstance(item, dict) else item for item in outputs]


def _spoken(messages: Any) -> Any:
    """The contents of output messages."""
    if not isinstance(messages, list):
        return messages
    spoken = []
    for message in messages:
        if isinstance(message, dict):
            content = message.get("content")
            spoken.append(message.get("parts") if content is None else content)
        else:
            spoken.append(message)
    return spoken


def _reason(outputs: Any) -> Any:
    if isinstance(outputs, list) and outputs and isinstance(outputs[0], dict):
        return outputs[0].get("finish_reason")
    return None
