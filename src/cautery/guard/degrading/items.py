"""What *degrade* does to the events of a stream of the responses API.

A stream says most things several times: piece by piece, whole at the end of a part and of an item,
and once more at its own end. Each time the same is done; counted is the first.
"""

from __future__ import annotations

from typing import Any, Final

from cautery.guard.degrading.fields import (
    HIDDEN_BLOCKS,
    kind_of,
    number_in,
    reasoning_block,
    reasoning_of,
)
from cautery.guard.degrading.plans import Degrading, FinalAnswer, HeldReasoning, ShownText
from cautery.guard.degrading.undegradable import UndegradableError
from cautery.guard.degrading.whole import answer_item, degrade_object, rewritten_parts

MOST_TEXTS: Final = 1024
"""Parts of one answer that hold text."""
_ENDS: Final = frozenset({"response.completed", "response.incomplete", "response.failed"})
_PIECES: Final = frozenset({"response.output_text.delta", "response.refusal.delta"})
_WHOLES: Final = {"response.output_text.done": "text", "response.refusal.done": "refusal"}
_PLACES: Final = ("item_id", "output_index", "content_index", "sequence_number")


class ItemsStream:
    """Changes the events of one stream.

    Args:
        degrading: What is done.
    """

    def __init__(self, degrading: Degrading) -> None:
        self._degrading = degrading
        self._echo = degrading.echo()
        self._hidden: set[int] = set()
        self._reasoning: dict[int, HeldReasoning] = {}
        self._texts: dict[tuple[int, int], ShownText] = {}
        self._answer: FinalAnswer | None = None
        self._message: dict[str, Any] = {}
        self._spoke = -1
        self._next = 0

    def change(self, kind: str, content: dict[str, Any]) -> list[dict[str, Any]]:
        """Change one event.

        Args:
            kind: Its type.
            content: Its data; it may be changed in place.

        Raises:
            UndegradableError: It is not what its kind should be.
        """
        if kind == "response.created":
            self._degrading.tally.one_choice()
        if not self._degrading.rewrites:
            return [content]
        response = content.get("response")
        if isinstance(response, dict):
            degrade_object(response, self._echo)
            return [*(self._end() if kind in _ENDS else []), content]
        index, item = number_in(content, "output_index"), content.get("item")
        if isinstance(item, dict):
            if kind_of(item) in HIDDEN_BLOCKS:
                return self._reasoning_item(index, kind, item)
            if kind_of(item) == "message" and self._degrading.leaves_answer:
                self._hidden.add(index)
                self._message = item
        if index in self._reasoning or kind.startswith("response.reasoning"):
            return self._hold(index, kind, content)
        if kind in _PIECES or kind in _WHOLES:
            return self._text_event(kind, content)
        if index in self._hidden:
            return []
        for name in ("part", "item"):
            if isinstance(content.get(name), dict):
                content[name] = next(iter(rewritten_parts([content[name]], self._echo)), None)
        return [self._placed(content)]

    def _text_event(self, kind: str, content: dict[str, Any]) -> list[dict[str, Any]]:
        """Change a piece of a text, or the whole of it at its end."""
        index = number_in(content, "output_index")
        place = (index, number_in(content, "content_index"))
        ends, hidden = kind in _WHOLES, index in self._hidden
        name = _WHOLES[kind] if ends else "delta"
        said = content.get(name)
        said = said if isinstance(said, str) else ""
        if ends and not hidden and place not in self._texts:
            # Said as a whole only.
            content[name] = self._degrading.shown(said)
            return [self._placed(content)]
        text, is_new = self._text(place)
        shown = text.feed(said) if is_new or not ends else ""
        if ends:
            shown += text.finish()
            del self._texts[place]
        if hidden:
            self._collect(index, shown)
            return []
        if not ends:
            content[name] = shown
            return [self._placed(content)] if shown else []
        content[name] = self._echo.shown(said)
        known: dict[str, Any] = {one: content[one] for one in _PLACES if one in content}
        piece = kind.replace(".done", ".delta")
        before = [self._placed({"type": piece, **known, "delta": shown})] if shown else []
        return [*before, self._placed(content)]

    def _text(self, place: tuple[int, int]) -> tuple[ShownText, bool]:
        """Find a text that is under way, or begin it."""
        known = self._texts.get(place)
        if known is not None:
            return known, False
        if len(self._texts) >= MOST_TEXTS:
            raise UndegradableError("more texts are under way than any API gives")
        self._texts[place] = self._degrading.open_text()
        return self._texts[place], True

    def _collect(self, index: int, shown: str) -> None:
        """Keep a piece of text for the one answer at the end."""
        if self._answer is None:
            self._answer = self._degrading.open_answer()
        if index != self._spoke:
            self._answer.part()
        self._spoke = index
        self._answer.feed(shown)

    def _hold(self, index: int, kind: str, content: dict[str, Any]) -> list[dict[str, Any]]:
        """Hold a piece of reasoning; whatever else is said of it says it again."""
        held = self._reasoning.get(index)
        if held is not None and kind == "response.reasoning_text.delta":
            held.feed(str(content.get("delta") or ""))
        return []

    def _reasoning_item(self, index: int, kind: str, item: dict[str, Any]) -> list[dict[str, Any]]:
        """Show an item of reasoning once it has ended, if anything of it is shown."""
        if kind != "response.output_item.done":
            self._reasoning.setdefault(index, self._degrading.open_reasoning())
            return []
        held = self._reasoning.pop(index, None) or self._degrading.open_reasoning()
        held.replace(reasoning_of(item))
        shown = held.finish()
        if not shown:
            self._hidden.add(index)
            return []
        done = reasoning_block(item, shown)
        begun = {**done, "summary": []}
        place = {"item_id": str(done.get("id", "")), "output_index": index, "summary_index": 0}
        part = {"type": "summary_text", "text": shown}
        events: list[dict[str, Any]] = [
            {"type": "response.output_item.added", "output_index": index, "item": begun},
            {
                "type": "response.reasoning_summary_part.added",
                **place,
                "part": {**part, "text": ""},
            },
            {"type": "response.reasoning_summary_text.delta", **place, "delta": shown},
            {"type": "response.reasoning_summary_text.done", **place, "text": shown},
            {"type": "response.reasoning_summary_part.done", **place, "part": part},
            {"type": "response.output_item.done", "output_index": index, "item": done},
        ]
        return [self._placed(event) for event in events]

    def _end(self) -> list[dict[str, Any]]:
        """Give the one answer, in a message behind all other items."""
        answer, self._answer = self._answer, None
        said = answer.finish() if answer is not None else ""
        if not said:
            return []
        item = answer_item(self._message, said)
        part = item["content"][0]
        place = {"item_id": item["id"], "output_index": self._next, "content_index": 0}
        begun = {**item, "status": "in_progress", "content": []}
        head = {"output_index": self._next}
        return [
            {"type": "response.output_item.added", **head, "item": begun},
            {"type": "response.content_part.added", **place, "part": {**part, "text": ""}},
            {"type": "response.output_text.delta", **place, "delta": said},
            {"type": "response.output_text.done", **place, "text": said},
            {"type": "response.content_part.done", **place, "part": part},
            {"type": "response.output_item.done", **head, "item": item},
        ]

    def _placed(self, content: dict[str, Any]) -> dict[str, Any]:
        index = content.get("output_index")
        if isinstance(index, int):
            place = index - sum(one < index for one in (*self._hidden, *self._reasoning))
            self._next = max(self._next, place + 1)
            content["output_index"] = place
        return content
