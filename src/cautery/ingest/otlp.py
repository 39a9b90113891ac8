"""Walks OTLP/JSON: spans and log events out of one line, with their attributes as plain values."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final, NamedTuple

_DEPTH: Final = 8
"""Values inside values that are followed."""


class Record(NamedTuple):
    """A span, or a log event, with its resource's attributes beside its own."""

    kind: str
    """``span`` or ``event``."""
    name: str
    attributes: dict[str, Any]
    resource: dict[str, Any]
    body: dict[str, Any]
    """The span or log record itself."""


def plain_value(value: Any, depth: int = _DEPTH) -> Any:
    """Turn an OTLP ``AnyValue`` into a plain value.

    Args:
        value: An object such as ``{"intValue": "7"}``.
        depth: How deep values inside values are followed.

    Returns:
        The value; None for what cannot be read. 64-bit integers come as texts and become numbers.

    Example:
        >>> plain_value({"arrayValue": {"values": [{"intValue": "7"}, {"stringValue": "a"}]}})
        [7, 'a']
    """
    if not isinstance(value, dict) or not depth:
        return None
    for key, inner in value.items():
        if key == "stringValue":
            return inner if isinstance(inner, str) else None
        if key == "intValue":
            return _integer(inner)
        if key in {"doubleValue", "boolValue", "bytesValue"}:
            return inner
        if key == "arrayValue":
            values = inner.get("values") if isinstance(inner, dict) else None
            return [plain_value(item, depth - 1) for item in values or () if item is not None]
        if key == "kvlistValue":
            return attributes_of(inner, "values", depth - 1)
    return None


def _integer(inner: Any) -> int | None:
    if isinstance(inner, str) and len(inner) <= 20:
        try:
            return int(inner)
        except ValueError:
            return None
    return inner if isinstance(inner, int) else None


def attributes_of(record: Any, key: str = "attributes", depth: int = _DEPTH) -> dict[str, Any]:
    """Read a list of key-value pairs.

    Args:
        record: Object that holds the list.
        key: Name of the list.
        depth: How deep values inside values are followed.

    Returns:
        Values by key; what is malformed is left out.

    Example:
        >>> attributes_of({"attributes": [{"key": "a", "value": {"stringValue": "b"}}]})
        {'a': 'b'}
    """
    pairs = record.get(key) if isinstance(record, dict) else None
    if not isinstance(pairs, list):
        return {}
    return {
        pair["key"]: plain_value(pair.get("value"), depth)
        for pair in pairs
        if isinstance(pair, dict) and isinstance(pair.get("key"), str)
    }


def records_of(message: Any) -> Iterator[Record]:
    """Yield every span and log event of one export message.

    Args:
        message: A decoded line: ``ExportTraceServiceRequest`` or ``ExportLogsServiceRequest``.

    Yields:
        Records in their order.
    """
    for resource in _items(message, "resourceSpans", "resource_spans"):
        shared = attributes_of(resource.get("resource"))
        for scope in _items(resource, "scopeSpans", "scope_spans", "instrumentationLibrarySpans"):
            for span in _items(scope, "spans"):
                yield Record("span", _text(span, "name"), attributes_of(span), shared, span)
    for resource in _items(message, "resourceLogs", "resource_logs"):
        shared = attributes_of(resource.get("resource"))
        for scope in _items(resource, "scopeLogs", "scope_logs"):
            for log in _items(scope, "logRecords", "log_records"):
                attributes = attributes_of(log)
                name = _text(log, "eventName") or str(attributes.get("event.name") or "")
                yield Record("event", name, attributes, shared, log)


def events_of(span: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield the events on a span, by name, with their attributes."""
    for event in _items(span, "events"):
        yield _text(event, "name"), attributes_of(event)


def _items(record: Any, *keys: str) -> Iterator[dict[str, Any]]:
    if not isinstance(record, dict):
        return
    for key in keys:
        items = record.get(key)
        if isinstance(items, list):
            yield from (item for item in items if isinstance(item, dict))


def _text(record: dict[str, Any], key: str) -> str:
    value = record.get(key)
    return value if isinstance(value, str) else ""
