"""The same answer as each dialect says it, whole and streamed, and what a client reads of it."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final

from cautery.guard.server_sent_events import EventSplitter, data_of
from cautery.records.decision import Degradation

HIDING: Final[tuple[Degradation, ...]] = ("hide_reasoning", "drop_logprobs", "single_choice")
"""What was done before there were summaries and answers alone."""


@dataclass(frozen=True)
class Read:
    """What a client reads of an answer."""

    text: str
    reasoning: str


@dataclass(frozen=True)
class DialectCase:
    """How a dialect says an answer, and how a client of it reads one."""

    whole: Callable[[str, str], dict[str, Any]]
    """Of reasoning and text."""
    stream: Callable[[Sequence[str], Sequence[str]], bytes]
    """Of pieces of both."""
    read_whole: Callable[[dict[str, Any]], Read]
    read_stream: Callable[[Sequence[dict[str, Any]]], Read]


def events_in(stream: bytes) -> list[dict[str, Any]]:
    """Decode the events of a stream."""
    found = [data_of(event) for event in EventSplitter().feed(stream)]
    return [json.loads(data) for data in found if data and data != b"[DONE]"]


def _json(content: Any) -> str:
    return json.dumps(content, ensure_ascii=False)


def _named(kind: str, **content: Any) -> bytes:
    return f"event: {kind}\ndata: {_json({'type': kind, **content})}\n\n".encode()


def _chat_event(finish: str | None = None, **delta: Any) -> bytes:
    chances = {"content": [{"token": "x", "logprob": -0.5}]}
    choice = {"index": 0, "delta": delta, "finish_reason": finish, "logprobs": chances}
    return f"data: {_json({'id': 'c', 'choices': [choice]})}\n\n".encode()


def _chat_whole(reasoning: str, text: str) -> dict[str, Any]:
    message = {"role": "assistant", "content": text, "reasoning_content": reasoning}
    return {"choices": [{"index": 0, "message": message, "finish_reason": "stop"}]}


def _chat_stream(reasoning: Sequence[str], text: Sequence[str]) -> bytes:
    events = [_chat_event(role="assistant", content="")]
    events += [_chat_event(reasoning_content=piece) for piece in reasoning]
    events += [_chat_event(content=piece) for piece in text]
    return b"".join([*events, _chat_event("stop"), b"data: [DONE]\n\n"])


def _read_chat(answer: dict[str, Any]) -> Read:
    message = answer["choices"][0]["message"]
    return Read(message.get("content") or "", message.get("reasoning_content") or "")


def _read_chat_stream(events: Sequence[dict[str, Any]]) -> Read:
    deltas = [choice["delta"] for event in events for choice in event["choices"]]
    return Read(
        "".join(delta.get("content") or "" for delta in deltas),
        "".join(delta.get("reasoning_content") or "" for delta in deltas),
    )


def _completion_stream(reasoning: Sequence[str], text: Sequence[str]) -> bytes:
    choices: list[dict[str, Any]] = [{"index": 0, "reasoning": piece} for piece in reasoning]
    choices += [{"index": 0, "text": piece, "logprobs": {"tokens": ["x"]}} for piece in text]
    choices.append({"index": 0, "text": "", "finish_reason": "stop"})
    return b"".join(f"data: {_json({'choices': [one]})}\n\n".encode() for one in choices)


def _read_completions(events: Sequence[dict[str, Any]]) -> Read:
    choices = [choice for event in events for choice in event["choices"]]
    return Read(
        "".join(choice.get("text") or "" for choice in choices),
        "".join(choice.get("reasoning") or "" for choice in choices),
    )


def _message_whole(reasoning: str, text: str) -> dict[str, Any]:
    blocks = [
        {"type": "thinking", "thinking": reasoning, "signature": "signed"},
        {"type": "text", "text": text},
        {"type": "tool_use", "id": "t", "name": "f", "input": {}},
    ]
    return {"type": "message", "role": "assistant", "content": blocks}


def _message_stream(reasoning: Sequence[str], text: Sequence[str]) -> bytes:
    blocks: list[tuple[dict[str, Any], list[dict[str, Any]]]] = [
        (
            {"type": "thinking", "thinking": ""},
            [
                *({"type": "thinking_delta", "thinking": piece} for piece in reasoning),
                {"type": "signature_delta", "signature": "signed"},
            ],
        ),
        ({"type": "text", "text": ""}, [{"type": "text_delta", "text": piece} for piece in text]),
        (
            {"type": "tool_use", "id": "t", "name": "f", "input": {}},
            [{"type": "input_json_delta", "partial_json": "{}"}],
        ),
    ]
    events = [_named("message_start", message={"type": "message", "content": [], "usage": {}})]
    for index, (block, deltas) in enumerate(blocks):
        events.append(_named("content_block_start", index=index, content_block=block))
        events += [_named("content_block_delta", index=index, delta=one) for one in deltas]
        events.append(_named("content_block_stop", index=index))
    events.append(
        _named("message_delta", delta={"stop_reason": "end_turn"}, usage={"output_tokens": 3})
    )
    return b"".join([*events, _named("message_stop")])


def _read_message(answer: dict[str, Any]) -> Read:
    blocks = answer["content"]
    assert any(block["type"] == "tool_use" for block in blocks)
    return Read(
        "".join(block.get("text", "") for block in blocks),
        "".join(block.get("thinking", "") for block in blocks),
    )


def _read_message_stream(events: Sequence[dict[str, Any]]) -> Read:
    """Put the blocks together as a client library does: by their numbers, without a gap."""
    blocks: list[dict[str, Any]] = []
    for event in events:
        if event["type"] == "content_block_start":
            assert event["index"] == len(blocks)
            blocks.append(dict(event["content_block"]))
        elif event["type"] == "content_block_delta":
            for name in ("text", "thinking"):
                if name in event["delta"]:
                    blocks[event["index"]][name] += event["delta"][name]
    return _read_message({"content": blocks})


def _reasoning_item(reasoning: str) -> dict[str, Any]:
    content = [{"type": "reasoning_text", "text": reasoning}]
    return {"id": "rs_1", "type": "reasoning", "summary": [], "content": content}


def _message_item(text: str) -> dict[str, Any]:
    part = {"type": "output_text", "text": text, "annotations": [], "logprobs": [{"token": "x"}]}
    return {"id": "msg_1", "type": "message", "status": "completed", "content": [part]}


def _response_whole(reasoning: str, text: str) -> dict[str, Any]:
    return {
        "id": "r",
        "reasoning": {"effort": "high"},
        "output": [_reasoning_item(reasoning), _message_item(text)],
    }


def _response_stream(reasoning: Sequence[str], text: Sequence[str]) -> bytes:
    thought, said = "".join(reasoning), "".join(text)
    done, message = _reasoning_item(thought), _message_item(said)
    at: dict[str, Any] = {"item_id": "msg_1", "output_index": 1, "content_index": 0}
    added = {**message, "status": "in_progress", "content": []}
    head: dict[str, Any] = {"output_index": 0, "item_id": "rs_1", "content_index": 0}
    events = [
        _named("response.created", response={"id": "r", "output": []}),
        _named("response.output_item.added", output_index=0, item={**done, "content": []}),
        *(_named("response.reasoning_text.delta", **head, delta=piece) for piece in reasoning),
        _named("response.reasoning_text.done", **head, text=thought),
        _named("response.output_item.done", output_index=0, item=done),
        _named("response.output_item.added", output_index=1, item=added),
        _named("response.content_part.added", **at, part={"type": "output_text", "text": ""}),
        *(_named("response.output_text.delta", **at, delta=piece, logprobs=[1]) for piece in text),
        _named("response.output_text.done", **at, text=said, logprobs=[{"token": "x"}]),
        _named("response.content_part.done", **at, part=message["content"][0]),
        _named("response.output_item.done", output_index=1, item=message),
        _named("response.completed", response=_response_whole(thought, said)),
    ]
    return b"".join(events)


def _read_response(answer: dict[str, Any]) -> Read:
    items = answer["output"]
    spoken = [item for item in items if item["type"] == "message"]
    texts = [part["text"] for item in spoken for part in item["content"]]
    thoughts = [part["text"] for item in items for part in item.get("summary", [])]
    return Read("".join(texts), "".join(thoughts))


def _read_response_stream(events: Sequence[dict[str, Any]]) -> Read:
    """Read the pieces, and see to it that the wholes at their end say the same."""
    items: list[dict[str, Any]] = []
    text = thought = ""
    for event in events:
        if event["type"] == "response.output_item.added":
            assert event["output_index"] == len(items)
            items.append({})
        elif event["type"] == "response.output_item.done":
            items[event["output_index"]] = event["item"]
        text += event["delta"] if event["type"] == "response.output_text.delta" else ""
        thought += event["delta"] if event["type"].endswith("summary_text.delta") else ""
    read = Read(text, thought)
    assert _read_response({"output": items}) == read
    assert _read_response(events[-1]["response"]) == read
    return read


DIALECTS: Final = {
    "chat": DialectCase(_chat_whole, _chat_stream, _read_chat, _read_chat_stream),
    "completions": DialectCase(
        lambda reasoning, text: {"choices": [{"text": text, "reasoning": reasoning}]},
        _completion_stream,
        lambda answer: _read_completions([answer]),
        _read_completions,
    ),
    "anthropic": DialectCase(_message_whole, _message_stream, _read_message, _read_message_stream),
    "responses": DialectCase(
        _response_whole, _response_stream, _read_response, _read_response_stream
    ),
}
"""Every dialect that is degraded in streams."""
