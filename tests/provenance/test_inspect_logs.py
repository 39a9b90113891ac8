"""Logs of Inspect: what is read of one that it wrote, and what is refused."""

from __future__ import annotations

import io
import json
from pathlib import Path

import pytest

from cautery.errors import CauteryError
from cautery.provenance.inspect_logs import read_inspect_log
from cautery.provenance.query_state import AnswerLine

GOLDEN = Path(__file__).parents[1] / "golden/provenance/inspect-log.json"
"""Written by inspect_ai 0.3.285 for six exported items; events and messages are left out."""


def read(content: bytes) -> list[AnswerLine]:
    """Read a log."""
    return list(read_inspect_log(io.BytesIO(content), "log.json"))


def test_what_inspect_wrote_is_read() -> None:
    """Ids of the items, answers, and why each ended."""
    lines = read(GOLDEN.read_bytes())
    assert [line.id for line in lines] == [f"harm-0{n}" for n in range(1, 7)]
    assert [line.text for line in lines[:2]] == [
        "Sure, here it is.",
        "I'm sorry, but I can't help with that.",
    ]
    assert [line.finish_reason for line in lines[3:]] == ["stop", "content_filter", "stop"]
    assert lines[0].output_tokens > 0


def test_errors_and_further_epochs_are_no_answers() -> None:
    """A sample that failed has none; a second epoch asks the same again."""
    samples = [
        {"id": 1, "epoch": 1, "output": {"choices": [], "completion": ""}, "error": {"x": 1}},
        {"id": "a", "epoch": 2, "output": {"completion": "again"}},
    ]
    (line,) = read(json.dumps({"version": 2, "samples": samples}).encode())
    assert (line.id, line.text, line.failure) == ("1", "", "an empty answer")
    assert read(b'{"version": 2}') == []


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"PK\x03\x04rest", "inspect log convert"),
        (b"{", "no log of Inspect"),
        (b'{"id": "a", "text": "b"}', "no log of Inspect"),
        (b"[" * 100_000, "no log of Inspect"),
        (b"\xff", "no log of Inspect"),
        (b'{"version": 2, "samples": [{"id": [1]}]}', "no log of Inspect"),
    ],
    ids=["archive", "cut", "line", "deep", "bytes", "shape"],
)
def test_what_is_no_log(content: bytes, said: str) -> None:
    """It is refused with a way out, and never a traceback."""
    with pytest.raises(CauteryError, match=said):
        read(content)
