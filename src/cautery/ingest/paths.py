"""Dotted paths into a record, as people write them in a mapping file or after ``--account``."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import msgspec

from cautery.ingest.json_records import decode_any

HEADER_PREFIX: Final = "header:"
_HEADER_PLACES: Final = (
    "headers",
    "request_headers",
    "request.headers",
    "metadata.headers",
    "metadata.requester_custom_headers",
    "proxy_server_request.headers",
)
"""Where logs keep request headers."""


def look_up(record: Any, path: str) -> Any:
    """Follow a path into a record.

    A whole key wins over its parts, so that ``user.id`` finds both ``{"user.id": 1}`` and
    ``{"user": {"id": 1}}``. Numbers count into lists, from the end if negative. A text that holds
    JSON is opened on the way. ``header:NAME`` finds a request header wherever logs keep them.

    Args:
        record: Decoded record.
        path: Dotted path, or ``header:NAME``.

    Returns:
        What stands there; None if nothing does.

    Example:
        >>> look_up({"a": {"b.c": [1, 2]}}, "a.b.c.-1")
        2
        >>> look_up({"headers": [["X-Org", "o1"]]}, "header:x-org")
        'o1'
    """
    if path.startswith(HEADER_PREFIX):
        return find_header(record, path.removeprefix(HEADER_PREFIX))
    return _follow(record, path.split("."))


def _follow(value: Any, steps: list[str]) -> Any:
    if not steps:
        return value
    if isinstance(value, str) and value[:1] in {"{", "["}:
        value = _opened(value)
    if isinstance(value, Mapping):
        for count in range(len(steps), 0, -1):
            key = ".".join(steps[:count])
            if key in value:
                found = _follow(value[key], steps[count:])
                if found is not None:
                    return found
        return None
    if isinstance(value, list):
        try:
            return _follow(value[int(steps[0])], steps[1:])
        except (ValueError, IndexError):
            return None
    return None


def _opened(text: str) -> Any:
    try:
        return decode_any(text.encode("utf-8", "replace"))
    except (msgspec.DecodeError, ValueError, RecursionError):
        return None


def find_header(record: Any, name: str) -> str | None:
    """Find a request header of a record.

    Args:
        record: Decoded record; headers may be an object or a list of pairs.
        name: Name of the header, in any case.

    Returns:
        Its last value (the one that the nearest proxy wrote), or None.
    """
    for place in _HEADER_PLACES:
        values = [
            value
            for key, value in header_pairs(_follow(record, place.split(".")))
            if key == name.lower()
        ]
        if values:
            return values[-1]
    return None


def header_pairs(headers: Any) -> list[tuple[str, str]]:
    """List headers in their order.

    Args:
        headers: An object, or a list of pairs; anything else holds none.

    Returns:
        Lower-case names with their values.

    Example:
        >>> header_pairs([["User-Agent", "curl"], "noise"])
        [('user-agent', 'curl')]
    """
    if isinstance(headers, Mapping):
        items: list[Any] = [[key, value] for key, value in headers.items()]
    elif isinstance(headers, list):
        items = headers
    else:
        return []
    return [
        (item[0].lower(), str(item[1]))
        for item in items
        if isinstance(item, list | tuple) and len(item) == 2 and isinstance(item[0], str)
    ]
