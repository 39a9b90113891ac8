"""Lays out ``case.json``: keys in the order of the records, one list item on one line.

A member of a campaign is then one line that ``grep`` finds, and two cases can be compared line by
line, while the file stays a third of the size of fully indented JSON.
"""

from __future__ import annotations

from dataclasses import fields, is_dataclass
from typing import TYPE_CHECKING, Any, Final

import msgspec

from cautery.report.sanitise import json_document, without_surrogates

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cautery.records.case import Case

NOT_IN_DOCUMENT: Final = "accounts"
"""Field of the case that goes to ``accounts.csv`` instead."""
OPTIONAL: Final = frozenset({"embedding", "releases", "settings"})
"""Fields of the case that are in the document only if they say something."""

_SPREAD: Final = frozenset({"campaigns", "permitted_groups"})
"""Lists whose items are spread over lines themselves."""


def case_document(case: Case) -> Iterator[str]:
    """Write a case as a JSON document, piece by piece.

    Args:
        case: The result of a scan.

    Yields:
        The pieces; together one JSON document and a newline.
    """
    yield "{\n"
    first = True
    for field in fields(case):
        if field.name == NOT_IN_DOCUMENT:
            continue
        if field.name in OPTIONAL and not getattr(case, field.name):
            continue
        yield "" if first else ",\n"
        first = False
        yield f'  "{field.name}": '
        yield from _value(getattr(case, field.name), "  ", spread=field.name in _SPREAD)
    yield "\n}\n"


def _value(value: Any, indent: str, *, spread: bool) -> Iterator[str]:
    if not isinstance(value, tuple) or not value:
        yield _compact(value)
        return
    inner = indent + "  "
    yield "[\n"
    for index, item in enumerate(value):
        yield f",\n{inner}" if index else inner
        if spread:
            yield from _record(item, inner)
        else:
            yield _compact(item)
    yield f"\n{indent}]"


def _record(record: Any, indent: str) -> Iterator[str]:
    inner = indent + "  "
    yield "{\n"
    for index, field in enumerate(fields(record)):
        yield f",\n{inner}" if index else inner
        yield f'"{field.name}": '
        yield from _value(getattr(record, field.name), inner, spread=False)
    yield f"\n{indent}}}"


def _compact(value: Any) -> str:
    try:
        encoded = msgspec.json.encode(value)
    except (UnicodeEncodeError, msgspec.EncodeError):
        encoded = msgspec.json.encode(_cleaned(value))
    return json_document(encoded.decode())


def _cleaned(value: Any) -> Any:
    """Copy a record as plain values without lone surrogates; only after a failure, being slow."""
    if isinstance(value, str):
        return without_surrogates(value)
    if isinstance(value, (tuple, list)):
        return [_cleaned(item) for item in value]
    if is_dataclass(value):
        return {field.name: _cleaned(getattr(value, field.name)) for field in fields(value)}
    return value
