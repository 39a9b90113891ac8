r"""Decodes one JSON record: fast when it is what it should be, patient when it is not.

Clients write parts of these records. Python gateways log half a surrogate pair as ``\ud83d`` and
a number that is none as ``NaN``; a strict decoder refuses both. So a line that fails is tried
again with a decoder that takes them, and counted as repaired.
"""

from __future__ import annotations

import json
from typing import Any, Final, Generic, TypeVar

import msgspec

from cautery.ingest.findings import (
    NOT_AN_OBJECT,
    NOT_JSON,
    TOO_DEEP,
    Findings,
    RecordRejected,
)
from cautery.ingest.lines import BYTE_ORDER_MARK

Record = TypeVar("Record", bound=msgspec.Struct)

_ANY: Final = msgspec.json.Decoder()
LONGEST_INTEGER_DIGITS: Final = 40


def decode_any(line: bytes) -> Any:
    """Decode JSON to plain objects.

    Args:
        line: One JSON value.

    Returns:
        Objects, lists and scalars.

    Raises:
        ValueError: It is not JSON, not even after a repair (``msgspec.DecodeError`` is one too).
        RecursionError: It is nested too deep.
    """
    try:
        return _ANY.decode(line)
    except (msgspec.DecodeError, ValueError):
        return _repaired(line)


def _repaired(line: bytes) -> Any:
    text = line.removeprefix(BYTE_ORDER_MARK).decode("utf-8", "replace")
    return json.loads(text, strict=False, parse_int=_integer)


def _integer(digits: str) -> int | None:
    return int(digits) if len(digits) <= LONGEST_INTEGER_DIGITS else None


class RecordDecoder(Generic[Record]):
    """Decodes lines to a record type.

    Args:
        record_type: A msgspec Struct whose fields all have defaults.
        findings: Where to count repairs and unreadable values.

    Example:
        >>> class Call(msgspec.Struct):
        ...     model: str | None = None
        >>> RecordDecoder(Call, Findings()).decode(b'{"model": "m", "extra": 1}')
        Call(model='m')
    """

    def __init__(self, record_type: type[Record], findings: Findings) -> None:
        self._type = record_type
        self._decoder = msgspec.json.Decoder(record_type)
        self._findings = findings

    def decode(self, line: bytes) -> Record:
        """Decode one line.

        Args:
            line: One JSON object.

        Returns:
            The record; fields of a wrong type have their default.

        Raises:
            RecordRejected: It is not JSON, not an object, or nested too deep.
        """
        try:
            return self._decoder.decode(line)
        except RecursionError:
            raise RecordRejected(TOO_DEEP) from None
        except (msgspec.DecodeError, ValueError):
            return self.convert(decode_record(line, self._findings))

    def convert(self, record: Any) -> Record:
        """Turn a decoded record into the record type, field by field.

        Args:
            record: Decoded JSON, or a row of a CSV file.

        Returns:
            The record; fields of a wrong type have their default and are counted.

        Raises:
            RecordRejected: It is not an object.
        """
        if not isinstance(record, dict):
            raise RecordRejected(NOT_AN_OBJECT)
        return _convert(record, self._type, self._findings)


def decode_record(line: bytes, findings: Findings) -> Any:
    """Decode one line to plain objects, counting a repair.

    Args:
        line: One JSON value.
        findings: Where to count a repair.

    Returns:
        The value.

    Raises:
        RecordRejected: It is not JSON, or nested too deep.
    """
    try:
        return _ANY.decode(line)
    except RecursionError:
        raise RecordRejected(TOO_DEEP) from None
    except (msgspec.DecodeError, ValueError):
        pass
    try:
        value = _repaired(line)
    except RecursionError:
        raise RecordRejected(TOO_DEEP) from None
    except ValueError:
        raise RecordRejected(NOT_JSON) from None
    findings.repaired += 1
    return value


def _convert(record: dict[str, Any], record_type: type[Record], findings: Findings) -> Record:
    values: dict[str, Any] = {}
    for field in msgspec.structs.fields(record_type):
        value = record.get(field.encode_name)
        if value is None:
            continue
        try:
            values[field.name] = msgspec.convert(value, field.type, strict=False)
        except (msgspec.ValidationError, ValueError, RecursionError):
            nested = _struct_in(field.type)
            if nested is not None and isinstance(value, dict):
                values[field.name] = _convert(value, nested, findings)
            else:
                findings.unreadable[field.name] += 1
    return record_type(**values)


def _struct_in(kind: Any) -> type[msgspec.Struct] | None:
    options = getattr(kind, "__args__", (kind,))
    return next(
        (
            option
            for option in options
            if isinstance(option, type) and issubclass(option, msgspec.Struct)
        ),
        None,
    )
