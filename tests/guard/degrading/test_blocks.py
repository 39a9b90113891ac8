"""Blocks of Anthropic's messages, as servers send them and as they should not."""

from __future__ import annotations

from typing import Any

import pytest

from cautery.guard.degrading.blocks import MOST_BLOCKS, BlocksStream
from cautery.guard.degrading.plans import Degrading
from cautery.guard.degrading.undegradable import UndegradableError

THOUGHT = (
    "I add the columns. Then 7 and 5 is 12, and with the carry 1 and 3 is 5, so that it is 52."
)


def begin(index: int, kind: str = "text", **fields: Any) -> dict[str, Any]:
    block = {"type": kind, **({"text": ""} if kind == "text" else {}), **fields}
    return {"type": "content_block_start", "index": index, "content_block": block}


def delta(index: int, text: str) -> dict[str, Any]:
    said = {"type": "text_delta", "text": text}
    return {"type": "content_block_delta", "index": index, "delta": said}


def stop(index: int) -> dict[str, Any]:
    return {"type": "content_block_stop", "index": index}


END: dict[str, Any] = {"type": "message_delta", "delta": {"stop_reason": "end_turn"}}


def changed(stream: BlocksStream, *events: dict[str, Any]) -> list[dict[str, Any]]:
    return [one for event in events for one in stream.change(event["type"], event)]


def text_in(events: list[dict[str, Any]]) -> str:
    return "".join(one.get("delta", {}).get("text", "") for one in events)


def test_texts_in_many_blocks_have_one_answer() -> None:
    """Citations cut a text into blocks: its answer is that of all, and no block shows its own."""
    stream = BlocksStream(Degrading(["answer_only"]))
    events = [begin(0, "thinking", thinking="hm"), stop(0)]
    for index, text in enumerate(["The first ", "says so.\n\n", "The answer ", "is 52."], start=1):
        events += [begin(index), delta(index, text), stop(index)]
    shown = changed(stream, *events, END)
    assert text_in(shown) == "52."
    assert [one.get("index") for one in shown] == [0, 0, 0, None]


def test_a_text_behind_something_else_is_another_paragraph() -> None:
    """What was said before a tool was called is no part of the last paragraph."""
    stream = BlocksStream(Degrading(["answer_only"]))
    tool = [begin(1, "server_tool_use", id="t"), stop(1)]
    texts = [begin(0), delta(0, "I look it up."), stop(0), *tool, begin(2), delta(2, "52"), stop(2)]
    shown = changed(stream, *texts, END, {"type": "message_stop"})
    assert text_in(shown) == "52"
    assert [one["index"] for one in shown if "index" in one] == [0, 0, 1, 1, 1]


def test_a_block_may_begin_with_text() -> None:
    """Its first words are looked at like all others."""
    stream = BlocksStream(Degrading(["hide_reasoning"]))
    shown = changed(stream, begin(0, text="<think>SECRET"), delta(0, "</think>52"), stop(0))
    assert "SECRET" not in repr(shown)
    assert text_in(shown) == "52"


def test_a_summary_waits_for_the_blocks_end_or_the_next_block() -> None:
    """What comes of it after that is not shown, and the numbers have no gap."""
    stream = BlocksStream(Degrading(["summarise_reasoning"]))
    piece = {"type": "thinking_delta", "thinking": THOUGHT}
    thought = {"type": "content_block_delta", "index": 0, "delta": piece}
    assert changed(stream, begin(0, "thinking", thinking=""), dict(thought)) == []
    shown = changed(stream, begin(1), dict(thought), stop(0), delta(1, "52"), stop(1))
    assert [one["index"] for one in shown] == [0, 0, 0, 1, 1, 1]
    assert shown[1]["delta"]["thinking"] == "I add the columns."
    assert "7 and 5" not in repr(shown)


def test_what_is_encrypted_has_no_summary() -> None:
    """Nobody can read it here."""
    stream = BlocksStream(Degrading(["summarise_reasoning"]))
    assert changed(stream, begin(0, "redacted_thinking", data="SECRET"), stop(0)) == []


@pytest.mark.parametrize("index", [None, "0", -1, MOST_BLOCKS])
def test_a_block_without_a_number_ends_the_stream(index: Any) -> None:
    """Nobody knows what it belongs to."""
    with pytest.raises(UndegradableError):
        changed(BlocksStream(Degrading(["hide_reasoning"])), begin(index))
