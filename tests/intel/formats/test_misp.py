"""The MISP format: what is its own beyond the laws of the shelf."""

from __future__ import annotations

import io
import json
from dataclasses import replace
from uuid import UUID

import pytest
from tests.intel.indicators import bulletin

from cautery.errors import UsageError
from cautery.intel.formats import misp
from cautery.intel.formats.misp import MEMBER


def written() -> bytes:
    """Write the example's bulletin."""
    stream = io.BytesIO()
    MEMBER.write(bulletin(), stream)
    return stream.getvalue()


def test_it_writes_one_event_with_an_object_a_line() -> None:
    """A file is one event, ASCII, and each object has a line of its own."""
    content = written()
    event = json.loads(content)["Event"]
    assert content.isascii()
    lines = [line for line in content.splitlines() if line.startswith(b'{"uuid"')]
    assert len(lines) == len(event["Object"])
    assert MEMBER.ending == ".misp.json"


@pytest.mark.parametrize(
    ("opening", "known"),
    [
        (b'{"Event": {', True),
        (b' [ {"Event":{', True),
        (b'{"response": [', True),
        (b'{"type": "bundle", "objects": [{"Event": 1}]}', False),
        (b"indicator_id,kind", False),
    ],
    ids=["event", "list", "answer", "bundle", "csv"],
)
def test_it_is_recognised(opening: bytes, known: bool) -> None:
    """Events are recognised however a server wraps them, and nothing else is."""
    assert MEMBER.recognises(opening) is known


def test_an_event_that_nobody_would_read_is_not_written(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """An event beyond the bounds of reading is an error that says what to leave out."""
    stream = io.BytesIO()
    monkeypatch.setattr(misp, "MOST_FILE_BYTES", 10_000)
    made = bulletin()
    row = made.indicators[0]
    many = [replace(row, indicator_id=f"indicator--{UUID(int=number)}") for number in range(50)]
    with pytest.raises(UsageError, match="--kind"):
        MEMBER.write(replace(made, indicators=tuple(many)), stream)
    assert stream.getvalue() == b""
