"""What *degrade* does to the events of a stream of Anthropic's messages.

Blocks that are left out leave no gap in the numbers of those that follow, since client libraries
take the number as a place in a list.
"""

from __future__ import annotations

from typing import Any, Final

from cautery.guard.degrading.fields import HIDDEN_BLOCKS, kind_of, reasoning_block, reasoning_of
from cautery.guard.degrading.plans import Degrading, FinalAnswer, HeldReasoning, ShownText
from cautery.guard.degrading.undegradable import UndegradableError
from cautery.guard.degrading.whole import degrade_object, rewritten_parts

MOST_BLOCKS: Final = 4096
"""Of one message."""
_UNSHOWN: Final = frozenset({"thinking_delta", "signature_delta"})


class BlocksStream:
    """Changes the events of one stream.

    Args:
        degrading: What is done.
    """

    def __init__(self, degrading: Degrading) -> None:
        self._degrading = degrading
        self._hidden: set[int] = set()
        self._closed: set[int] = set()
        self._reasoning: dict[int, HeldReasoning] = {}
        self._texts: dict[int, ShownText] = {}
        self._answer: FinalAnswer | None = None
        self._apart = False
        self._next = 0

    def change(self, kind: str, content: dict[str, Any]) -> list[dict[str, Any]]:
        """Change one event.

        Args:
            kind: Its type.
            content: Its data; it may be changed in place.

        Raises:
            UndegradableError: It is not what its kind should be.
        """
        if kind == "message_start":
            self._degrading.tally.one_choice()
            if isinstance(content.get("message"), dict):
                degrade_object(content["message"], self._degrading)
        if not self._degrading.rewrites:
            return [content]
        if not kind.startswith("content_block"):
            return [*(self._end() if kind in {"message_delta", "message_stop"} else []), content]
        index = content.get("index")
        if not isinstance(index, int) or not 0 <= index < MOST_BLOCKS:
            raise UndegradableError("a block has no number")
        if kind == "content_block_start":
            return self._begin_block(index, content)
        return self._within(index, kind, content)

    def _begin_block(self, index: int, content: dict[str, Any]) -> list[dict[str, Any]]:
        before = [event for held in list(self._reasoning) for event in self._end_reasoning(held)]
        block = content.get("content_block")
        block = block if isinstance(block, dict) else {}
        if kind_of(block) in HIDDEN_BLOCKS:
            self._apart = True
            self._reasoning[index] = self._degrading.open_reasoning()
            self._reasoning[index].feed(reasoning_of(block))
            return before
        if kind_of(block) != "text":
            self._apart = True
            content["content_block"] = rewritten_parts([block], self._degrading)[0]
            return [*before, self._placed(index, content)]
        self._texts[index] = self._degrading.open_text()
        said = block.get("text")
        shown = self._texts[index].feed(said) if isinstance(said, str) else ""
        if self._degrading.leaves_answer:
            self._hidden.add(index)
            self._collect(shown, begins=True)
            return before
        block["text"] = shown
        return [*before, self._placed(index, content)]

    def _within(self, index: int, kind: str, content: dict[str, Any]) -> list[dict[str, Any]]:
        """Change what follows a block's beginning."""
        ends, delta = kind == "content_block_stop", content.get("delta")
        delta = delta if isinstance(delta, dict) else {}
        if index in self._reasoning:
            if isinstance(delta.get("thinking"), str):
                self._reasoning[index].feed(delta["thinking"])
            return self._end_reasoning(index) if ends else []
        if index in self._closed or kind_of(delta) in _UNSHOWN:
            return []
        text = self._texts.get(index)
        shown = ""
        if text is not None and isinstance(delta.get("text"), str):
            shown = text.feed(delta["text"])
        if text is not None and ends:
            shown = text.finish()
            del self._texts[index]
        if index in self._hidden:
            self._collect(shown)
            return []
        if ends:
            said = [self._delta(index, {"type": "text_delta", "text": shown})] if shown else []
            return [*said, self._placed(index, content)]
        if "text" in delta:
            if not shown:
                return []
            delta["text"] = shown
        return [self._placed(index, content)]

    def _collect(self, shown: str, *, begins: bool = False) -> None:
        """Keep a piece of text for the one answer at the end."""
        if self._answer is None:
            self._answer = self._degrading.open_answer()
        if begins and self._apart:
            self._answer.part()
        self._apart = self._apart and not begins
        self._answer.feed(shown)

    def _end_reasoning(self, index: int) -> list[dict[str, Any]]:
        """Show a block with what is shown in place of the reasoning; none if that is nothing."""
        shown = self._reasoning.pop(index).finish()
        if not shown:
            self._hidden.add(index)
            return []
        block = reasoning_block({"type": "thinking"}, "")
        said = {"type": "thinking_delta", "thinking": shown}
        events = [
            {"type": "content_block_start", "index": 0, "content_block": block},
            {"type": "content_block_delta", "index": 0, "delta": said},
            {"type": "content_block_stop", "index": 0},
        ]
        shown_at = [self._placed(index, event) for event in events]
        # Whatever else comes of it is not shown, and it keeps its place.
        self._closed.add(index)
        return shown_at

    def _end(self) -> list[dict[str, Any]]:
        """Give the one answer, in a block behind all others."""
        events = [event for held in list(self._reasoning) for event in self._end_reasoning(held)]
        answer, self._answer = self._answer, None
        said = answer.finish() if answer is not None else ""
        if not said:
            return events
        index, self._next = self._next, self._next + 1
        block = {"type": "text", "text": ""}
        return [
            *events,
            {"type": "content_block_start", "index": index, "content_block": block},
            {
                "type": "content_block_delta",
                "index": index,
                "delta": {"type": "text_delta", "text": said},
            },
            {"type": "content_block_stop", "index": index},
        ]

    def _delta(self, index: int, delta: dict[str, Any]) -> dict[str, Any]:
        return self._placed(index, {"type": "content_block_delta", "delta": delta})

    def _placed(self, index: int, content: dict[str, Any]) -> dict[str, Any]:
        place = index - sum(hidden < index for hidden in self._hidden)
        self._next = max(self._next, place + 1)
        content["index"] = place
        return content
