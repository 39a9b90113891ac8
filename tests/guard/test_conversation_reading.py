"""Messages of requests, read as the exchange table means them."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cautery.guard.conversation_reading import read_conversation, sketch_template
from cautery.guard.request_reading import read_body
from cautery.ingest.conversation import read_conversation as read_as_ingest

CASES: list[dict[str, Any]] = [
    {"messages": [{"role": "system", "content": "Be brief."}, {"role": "user", "content": "Hi"}]},
    {
        "messages": [
            {"role": "user", "content": "One"},
            {"role": "assistant", "content": "Two"},
            {"role": "user", "content": "Three"},
        ]
    },
    {"system": "S", "messages": [{"role": "user", "content": [{"type": "text", "text": "T"}]}]},
    {"instructions": "I", "input": "Q"},
    {"prompt": ["a", "b"]},
    {"model": "m"},
]


@pytest.mark.parametrize("body", CASES, ids=range(len(CASES)))
def test_agrees_with_what_a_scan_reads(body: dict[str, Any]) -> None:
    """The guard's columns are those that a scan would read out of the same body."""
    ours = read_conversation(read_body(json.dumps(body).encode()))
    messages = body.get("messages") or body.get("input") or body.get("prompt")
    theirs = read_as_ingest(messages, body.get("system") or body.get("instructions"))
    assert ours.system_text == theirs.system_text
    assert ours.input_text == theirs.input_text
    assert ours.history_hash == theirs.history_hash
    assert ours.message_count == theirs.message_count


def test_a_sketch_keeps_the_template_and_hides_it() -> None:
    """What varies is left out, another key gives another sketch, and no text has none."""
    first = sketch_template("Solve problem 12 step by step and explain", b"k")
    assert first == sketch_template("solve problem 9  step by step and explain", b"k")
    assert first != sketch_template("Solve problem 12 step by step and explain", b"other")
    assert first != sketch_template("Write a poem about spring", b"k")
    assert sketch_template("", b"k") == 0
    assert 0 < first < 2**64


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-9, 9) | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["role", "content", "type", "text"]), inner, max_size=3)
    ),
    max_leaves=12,
)


@given(JSON, JSON)
def test_never_raises(messages: Any, system: Any) -> None:
    """Messages of any shape are read, if only as none."""
    read_conversation(read_body(json.dumps({"messages": messages, "system": system}).encode()))
