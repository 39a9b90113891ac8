"""Output items of the responses API, as servers send them and as they should not."""

from __future__ import annotations

from typing import Any

import pytest

from cautery.guard.degrading.items import MOST_TEXTS, ItemsStream
from cautery.guard.degrading.plans import Degrading
from cautery.guard.degrading.undegradable import UndegradableError
from cautery.records.decision import Degradation

THOUGHT = (
    "I add the columns. Then 7 and 5 is 12, and with the carry 1 and 3 is 5, so that it is 52."
)
HIDES: tuple[Degradation, ...] = ("hide_reasoning",)


def said(kind: str, index: int = 0, **fields: Any) -> dict[str, Any]:
    return {"type": f"response.{kind}", "output_index": index, **fields}


def changed(stream: ItemsStream, *events: dict[str, Any]) -> list[dict[str, Any]]:
    return [one for event in events for one in stream.change(event["type"], event)]


def test_a_text_that_is_said_as_a_whole_only() -> None:
    """Some servers send no pieces of it."""
    whole = said("output_text.done", content_index=0, text="<think>SECRET</think>52")
    shown = changed(ItemsStream(Degrading(HIDES)), whole)
    assert [one["text"] for one in shown] == ["52"]


def test_a_refusal_is_an_answer() -> None:
    """Where nothing but the answer is left, a refusal is left."""
    stream = ItemsStream(Degrading(["answer_only"]))
    message = {"type": "message", "id": "m", "content": []}
    piece = said("refusal.delta", content_index=0, delta="I will not.")
    done = said("refusal.done", content_index=0, refusal="I will not.")
    shown = changed(stream, said("output_item.added", item=message), piece, done)
    assert shown == []
    part = {"type": "refusal", "refusal": "I will not."}
    response = {"output": [{**message, "content": [part]}]}
    *events, last = changed(stream, {"type": "response.completed", "response": response})
    assert events[2]["delta"] == "I will not."
    assert last["response"]["output"] == [events[-1]["item"]]


@pytest.mark.parametrize("name", ["content", "summary"])
def test_an_item_of_reasoning_shows_a_summary(name: str) -> None:
    """Whether the server gives the reasoning or only a summary of its own; nothing encrypted."""
    parts = [{"type": "text", "text": THOUGHT}]
    item = {"type": "reasoning", "id": "r", "encrypted_content": "SECRET", name: parts}
    shown = changed(
        ItemsStream(Degrading(["summarise_reasoning"])),
        said("output_item.added", item={**item, name: []}),
        said("reasoning_summary_part.added", part={"type": "summary_text", "text": ""}),
        said("output_item.done", item=item),
    )
    assert [one["type"].split(".")[-1] for one in shown] == [
        "added", "added", "delta", "done", "done", "done",
    ]  # fmt: skip
    assert shown[2]["delta"] == "I add the columns."
    assert "SECRET" not in repr(shown)
    assert "7 and 5" not in repr(shown)


def test_reasoning_that_never_ends_leaves_no_gap() -> None:
    """It is not shown, and what follows moves up."""
    stream = ItemsStream(Degrading(["summarise_reasoning"]))
    begun = said("output_item.added", item={"type": "reasoning"})
    message = said("output_item.added", 1, item={"type": "message", "content": []})
    assert [one["output_index"] for one in changed(stream, begun, message)] == [0]


def test_texts_under_way_are_bounded() -> None:
    """No API gives that many."""
    stream = ItemsStream(Degrading(HIDES))
    pieces = [said("output_text.delta", at, content_index=0, delta="") for at in range(MOST_TEXTS)]
    changed(stream, *pieces)
    with pytest.raises(UndegradableError):
        changed(stream, said("output_text.delta", MOST_TEXTS, content_index=0, delta=""))
