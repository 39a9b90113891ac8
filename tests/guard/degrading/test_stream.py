"""What degrade takes out of a stream, and that client libraries can still put it together."""

from __future__ import annotations

import json
from collections.abc import Collection
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.guard.degrading.answer_cases import HIDING

from cautery.guard.degrading.plans import Degrading
from cautery.guard.degrading.stream import StreamDegrader
from cautery.guard.degrading.undegradable import UndegradableError
from cautery.guard.degrading.whole import degrade_answer
from cautery.guard.server_sent_events import EventSplitter, data_of
from cautery.records.decision import Degradation


def named(**content: Any) -> bytes:
    return f"event: {content['type']}\ndata: {json.dumps(content)}\n\n".encode()


def chunk(delta: dict[str, Any], index: int = 0, finish: str | None = None) -> bytes:
    choice = {
        "index": index,
        "delta": delta,
        "finish_reason": finish,
        "logprobs": {"content": ["SECRET"]},
    }
    return f"data: {json.dumps({'id': 'c', 'model': 'm', 'choices': [choice]})}\n\n".encode()


CHAT = b"".join(
    [
        chunk({"role": "assistant", "content": ""}),
        chunk({"reasoning_content": "SECRET"}),
        chunk({"reasoning": "SECRET", "content": None}),
        b": keep-alive\n\n",
        chunk({"content": "<thi"}),
        chunk({"content": "nk>SECRET"}),
        chunk({"content": "</think>sho"}),
        chunk({"content": "wn <th"}),
        chunk({"content": "SECRET"}, index=1),
        chunk({}, finish="stop"),
        b'data: {"choices":[],"usage":{"prompt_tokens":1,"completion_tokens":2}}\n\n',
        b"data: [DONE]\n\n",
    ]
)
ANTHROPIC = b"".join(
    [
        named(type="message_start", message={"id": "m", "content": [], "usage": {}}),
        named(
            type="content_block_start", index=0, content_block={"type": "thinking", "thinking": ""}
        ),
        named(
            type="content_block_delta",
            index=0,
            delta={"type": "thinking_delta", "thinking": "SECRET"},
        ),
        named(
            type="content_block_delta",
            index=0,
            delta={"type": "signature_delta", "signature": "SECRET"},
        ),
        named(type="content_block_stop", index=0),
        named(type="ping"),
        named(type="content_block_start", index=1, content_block={"type": "text", "text": ""}),
        named(type="content_block_delta", index=1, delta={"type": "text_delta", "text": "shown <"}),
        named(type="content_block_stop", index=1),
        named(
            type="content_block_start",
            index=2,
            content_block={"type": "redacted_thinking", "data": "SECRET"},
        ),
        named(type="content_block_stop", index=2),
        named(
            type="content_block_start",
            index=3,
            content_block={"type": "tool_use", "id": "t", "name": "f", "input": {}},
        ),
        named(
            type="content_block_delta",
            index=3,
            delta={"type": "input_json_delta", "partial_json": "{}"},
        ),
        named(type="content_block_stop", index=3),
        named(type="message_delta", delta={"stop_reason": "end_turn"}, usage={"output_tokens": 3}),
        named(type="message_stop"),
    ]
)
RESPONSES = b"".join(
    [
        named(type="response.created", response={"id": "r", "output": []}),
        named(type="response.output_item.added", output_index=0, item={"type": "reasoning"}),
        named(type="response.reasoning_summary_text.delta", output_index=0, delta="SECRET"),
        named(
            type="response.output_item.done",
            output_index=0,
            item={"type": "reasoning", "encrypted_content": "SECRET"},
        ),
        named(
            type="response.output_item.added",
            output_index=1,
            item={"type": "message", "content": []},
        ),
        named(
            type="response.output_text.delta",
            output_index=1,
            content_index=0,
            delta="shown",
            logprobs=["SECRET"],
        ),
        named(
            type="response.output_text.done",
            output_index=1,
            content_index=0,
            text="<think>SECRET</think>shown",
        ),
        named(
            type="response.completed",
            response={
                "id": "r",
                "output": [
                    {"type": "reasoning", "summary": ["SECRET"]},
                    {"type": "message", "content": [{"type": "output_text", "text": "shown"}]},
                ],
            },
        ),
    ]
)
STREAMS = {"chat": CHAT, "anthropic": ANTHROPIC, "responses": RESPONSES}


def degraded(stream: bytes, cuts: list[int], asked: Collection[Degradation] = HIDING) -> bytes:
    degrader, out, start = StreamDegrader(Degrading(asked)), b"", 0
    for end in [*sorted(cuts), len(stream)]:
        out += degrader.feed(stream[start:end])
        start = max(start, end)
    return out + degrader.finish()


def objects_of(stream: bytes) -> list[Any]:
    events = [data_of(event) for event in EventSplitter().feed(stream)]
    return [json.loads(data) for data in events if data and data != b"[DONE]"]


@pytest.mark.parametrize("name", STREAMS)
@given(st.lists(st.integers(0, 1500), max_size=10))
def test_takes_out_what_teaches(name: str, cuts: list[int]) -> None:
    """However the stream is cut, reasoning and log-probabilities go and the rest stays."""
    stream = STREAMS[name]
    out = degraded(stream, [min(cut, len(stream)) for cut in cuts])
    assert b"SECRET" not in out
    assert b"sho" in out
    assert out == degraded(stream, [])


@pytest.mark.parametrize("name", STREAMS)
def test_log_probabilities_go_with_the_reasoning_that_they_spell(name: str) -> None:
    """Hidden reasoning does not come back token by token."""
    assert b"SECRET" not in degraded(STREAMS[name], [], ["hide_reasoning", "single_choice"])


def test_chat_text_is_whole() -> None:
    """What was held back for a tag that never came is let go before the end."""
    texts = [
        choice["delta"].get("content") or ""
        for event in objects_of(degraded(CHAT, []))
        for choice in event["choices"]
    ]
    assert "".join(texts) == "shown <th"
    assert degraded(CHAT, []).endswith(b"data: [DONE]\n\n")
    assert b'"usage"' in degraded(CHAT, [])


def test_blocks_leave_no_gap() -> None:
    """Blocks that follow a hidden one move up, so that a list of them can be built."""
    events = objects_of(degraded(ANTHROPIC, []))
    starts = [event["index"] for event in events if event["type"] == "content_block_start"]
    text = [event["delta"].get("text", "") for event in events if "block_delta" in event["type"]]
    assert starts == [0, 1]
    assert "".join(text) == "shown <"


def test_items_leave_no_gap() -> None:
    """Output items of the responses API move up as well, in the events and in the whole."""
    events = objects_of(degraded(RESPONSES, []))
    assert [event["output_index"] for event in events if "output_index" in event] == [0, 0, 0]
    assert [item["type"] for item in events[-1]["response"]["output"]] == ["message"]


@pytest.mark.parametrize("event", [b"data: {\n\n", b"data: []\n\n", b"data: x\n\n"])
def test_what_cannot_be_read_is_not_sent(event: bytes) -> None:
    """An event that nobody can look into ends the stream."""
    with pytest.raises(UndegradableError):
        StreamDegrader(Degrading(HIDING)).feed(event)


WORDS = st.sampled_from(
    "type index delta choices message content content_block text thinking reasoning item part "
    "output_index content_index response output completion finish_reason logprobs".split()
)
KINDS = st.sampled_from(
    "content_block_start content_block_delta content_block_stop message_start message_delta "
    "response.output_item.added response.output_item.done response.output_text.delta "
    "response.output_text.done response.completed response.reasoning_text.delta ping".split()
)
JSON = st.recursive(
    st.none() | st.integers(-1, 2) | WORDS,
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(WORDS, inner, max_size=4),
    max_leaves=12,
)


@settings(max_examples=60)
@given(
    st.sampled_from(["hide_reasoning", "summarise_reasoning", "answer_only", "single_choice"]),
    st.lists(st.dictionaries(WORDS, JSON, max_size=6), max_size=3),
    st.lists(KINDS, min_size=3, max_size=3),
)
def test_no_event_breaks_it(
    asked: Degradation, events: list[dict[str, Any]], kinds: list[str]
) -> None:
    """Whatever a server sends: it is changed, or refused in the one way that adapters know."""
    degrader = StreamDegrader(Degrading([asked]))
    with suppress(UndegradableError):
        for event, kind in zip(events, kinds, strict=False):
            degrader.feed(f"data: {json.dumps({'type': kind, **event})}\n\n".encode())
            degrader.feed(f"data: {json.dumps({**event, 'type': kind})}\n\n".encode())
        degrader.finish()


def test_what_is_nested_too_deep_is_not_sent() -> None:
    """Nobody can look into it."""
    deep = b'{"content":[' * 3_000 + b"]}" * 3_000
    with pytest.raises(UndegradableError):
        StreamDegrader(Degrading(HIDING)).feed(b"data: " + deep + b"\n\n")
    with pytest.raises(UndegradableError):
        degrade_answer(deep, Degrading(HIDING))
