"""What answers say of themselves, in both dialects, whole and streamed."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from cautery.guard.answer_reading import AnswerFacts, AnswerReader


def read(body: bytes, *, streamed: bool = False, characters: int = 0, cut: int = 7) -> AnswerFacts:
    reader = AnswerReader(streamed=streamed, most_characters=characters)
    for start in range(0, len(body), cut):
        reader.feed(body[start : start + cut])
    return reader.finish()


def stream_of(*events: dict[str, Any]) -> bytes:
    return b"".join(b"data: " + json.dumps(event).encode() + b"\n\n" for event in events)


OPENAI = {
    "id": "chatcmpl-1",
    "model": "m-1",
    "choices": [{"message": {"content": "Hello"}, "finish_reason": "stop"}],
    "usage": {
        "prompt_tokens": 10,
        "completion_tokens": 5,
        "prompt_tokens_details": {"cached_tokens": 4},
        "completion_tokens_details": {"reasoning_tokens": 2},
    },
}
ANTHROPIC = {
    "id": "msg_1",
    "type": "message",
    "model": "c-1",
    "content": [{"type": "thinking", "thinking": "hm"}, {"type": "text", "text": "Hello"}],
    "stop_reason": "end_turn",
    "usage": {
        "input_tokens": 3,
        "cache_read_input_tokens": 4,
        "cache_creation_input_tokens": 5,
        "output_tokens": 6,
    },
}


def test_reads_openai() -> None:
    """Usage, model, id, reason and text of a chat completion."""
    facts = read(json.dumps(OPENAI).encode(), characters=100)
    assert (facts.input_tokens, facts.output_tokens) == (10, 5)
    assert (facts.cache_read_tokens, facts.reasoning_tokens) == (4, 2)
    assert (facts.response_id, facts.response_model) == ("chatcmpl-1", "m-1")
    assert (facts.finish_reason, facts.text) == ("stop", "Hello")


def test_reads_anthropic_and_counts_cached_input() -> None:
    """Anthropic's input leaves the cache out; ours does not."""
    facts = read(json.dumps(ANTHROPIC).encode(), characters=3)
    assert (facts.input_tokens, facts.output_tokens) == (12, 6)
    assert (facts.cache_read_tokens, facts.cache_write_tokens) == (4, 5)
    assert (facts.finish_reason, facts.text) == ("end_turn", "Hel")


def test_reads_an_openai_stream() -> None:
    """Usage comes last, with no choice."""
    facts = read(
        stream_of(
            {"id": "c", "model": "m", "choices": [{"delta": {"content": "He"}}], "usage": None},
            {"id": "c", "model": "m", "choices": [{"delta": {"content": "y"}}]},
            {"id": "c", "choices": [{"delta": {}, "finish_reason": "length"}]},
            {"id": "c", "choices": [], "usage": {"prompt_tokens": 7, "completion_tokens": 2}},
        )
        + b"data: [DONE]\n\n",
        streamed=True,
        characters=10,
    )
    assert (facts.input_tokens, facts.output_tokens, facts.events) == (7, 2, 4)
    assert (facts.finish_reason, facts.response_id, facts.text) == ("length", "c", "Hey")


def test_reads_an_anthropic_stream() -> None:
    """Input comes first, output last."""
    head = {"id": "msg", "model": "c", "usage": {"input_tokens": 9, "output_tokens": 1}}
    facts = read(
        stream_of(
            {"type": "message_start", "message": head},
            {"type": "content_block_delta", "index": 0, "delta": {"text": "Hi"}},
            {
                "type": "message_delta",
                "delta": {"stop_reason": "end_turn"},
                "usage": {"output_tokens": 4},
            },
        ),
        streamed=True,
        characters=10,
    )
    assert (facts.input_tokens, facts.output_tokens) == (9, 4)
    assert (facts.finish_reason, facts.response_model, facts.text) == ("end_turn", "c", "Hi")


def test_reads_the_responses_api() -> None:
    """Whole and streamed: the whole stands in the stream's last event."""
    answer = {
        "id": "resp",
        "model": "m",
        "status": "completed",
        "output": [{"type": "message", "content": [{"type": "output_text", "text": "Yo"}]}],
        "usage": {"input_tokens": 2, "output_tokens": 3},
    }
    whole = read(json.dumps(answer).encode(), characters=10)
    streamed = read(
        stream_of(
            {"type": "response.output_text.delta", "delta": "Yo"},
            {"type": "response.completed", "response": answer},
        ),
        streamed=True,
        characters=10,
    )
    for facts in (whole, streamed):
        assert (facts.input_tokens, facts.output_tokens) == (2, 3)
        assert (facts.finish_reason, facts.text) == ("completed", "Yo")


def test_names_an_error() -> None:
    """The class of an error is kept, its message is not."""
    facts = read(b'{"error":{"message":"planted","type":"server_error"}}', characters=10)
    assert facts.error_type == "server_error"
    assert "planted" not in repr(facts)


@given(st.binary(max_size=200), st.booleans())
def test_never_raises(body: bytes, streamed: bool) -> None:
    """Whatever a server sends, the answer goes on."""
    read(b"data: " + body, streamed=streamed, characters=5)
