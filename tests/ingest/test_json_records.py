"""Tests of decoding one JSON record."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from cautery.ingest.findings import Findings, RecordRejected
from cautery.ingest.json_records import RecordDecoder, decode_any


class Inner(msgspec.Struct):
    number: int | None = None
    word: str | None = None


class Outer(msgspec.Struct):
    inner: Inner | str | None = None
    anything: Any = None


def decode(line: bytes) -> tuple[Outer, Findings]:
    findings = Findings()
    return RecordDecoder(Outer, findings).decode(line), findings


def test_strict_json_is_not_repaired() -> None:
    """A good line is decoded and nothing is counted."""
    record, findings = decode(b'{"inner": {"number": 1}, "other": [1]}')
    assert record == Outer(inner=Inner(number=1))
    assert findings == Findings()


@pytest.mark.parametrize(
    ("line", "value"),
    [
        (b'{"anything": "half \\ud83d"}', "half \ud83d"),
        (b'{"anything": "bad \xff byte"}', "bad \ufffd byte"),
        (b'{"anything": "raw \x01 control"}', "raw \x01 control"),
        (b'{"anything": ' + b"9" * 5000 + b"}", None),
    ],
    ids=["half-pair", "bad-utf-8", "control", "long-number"],
)
def test_repairs(line: bytes, value: Any) -> None:
    """What a gateway may well write and a strict decoder refuses is read and counted."""
    record, findings = decode(line)
    assert record.anything == value
    assert findings.repaired == 1


def test_a_wrong_type_costs_its_field_only() -> None:
    """A field of a wrong type is missing; its neighbours, also the nested ones, stay."""
    record, findings = decode(b'{"inner": {"number": "many", "word": "w"}, "anything": 7}')
    assert record == Outer(inner=Inner(number=None, word="w"), anything=7)
    assert findings.unreadable == {"number": 1}


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (b"{", "not JSON"),
        (b"[1]", "not a JSON object"),
        (b"7", "not a JSON object"),
        (b'{"anything": ' * 100_000, "nested too deep"),
        (b"[" * 100_000, "nested too deep"),
    ],
    ids=["cut", "array", "number", "deep-objects", "deep-arrays"],
)
def test_rejected(line: bytes, reason: str) -> None:
    """What is no JSON object of a sane depth rejects its record."""
    with pytest.raises(RecordRejected, match=reason):
        decode(line)


def test_decode_any_takes_a_byte_order_mark() -> None:
    """A byte-order mark before a value is no fault."""
    assert decode_any(b'\xef\xbb\xbf{"a": 1}') == {"a": 1}
