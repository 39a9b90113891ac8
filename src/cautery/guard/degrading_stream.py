"""What *degrade* changes in a stream, event by event, without waiting for its end.

A stream in which reasoning is hidden stays one that client libraries can put together: blocks and
items that are left out leave no gap in the numbers of those that follow, since libraries take the
number as a place in a list.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Any, Final

import msgspec

from cautery.guard.degrading import (
    HIDDEN_BLOCKS,
    UndegradableError,
    degrade_object,
    drop_probabilities,
    drop_reasoning_fields,
    hides_probabilities,
    visible_parts,
)
from cautery.guard.hidden_reasoning import ReasoningFilter, without_reasoning
from cautery.guard.server_sent_events import (
    EventSplitter,
    EventTooLongError,
    data_of,
    with_data,
)
from cautery.records.decision import Degradation

_DONE: Final = b"[DONE]"


class StreamDegrader:
    """Changes one stream on its way to the client.

    Args:
        degradations: What to leave out.
        begins_inside: As for ``hidden_reasoning.ReasoningFilter``.
    """

    def __init__(
        self, degradations: Collection[Degradation], *, begins_inside: bool = False
    ) -> None:
        self._degradations = frozenset(degradations)
        self._hides = "hide_reasoning" in self._degradations
        self._begins_inside = begins_inside
        self._splitter = EventSplitter()
        self._filters: dict[Any, ReasoningFilter] = {}
        self._hidden: set[int] = set()

    def feed(self, piece: bytes) -> bytes:
        """Take a piece of the stream, and give what the client may have of it.

        Raises:
            UndegradableError: An event is not JSON, or does not end.
        """
        try:
            return b"".join([self._changed(event) for event in self._splitter.feed(piece)])
        except EventTooLongError:
            raise UndegradableError("an event does not end") from None

    def finish(self) -> bytes:
        """Give what is left now that the stream has ended.

        Raises:
            UndegradableError: What is left is no event.
        """
        rest = self._splitter.rest()
        return self._changed(rest + b"\n\n") if rest.strip() else b""

    def _changed(self, event: bytes) -> bytes:
        data = data_of(event)
        if not data:
            # A comment or an empty event, which keeps the connection open.
            return event if event.lstrip().startswith((b":", b"event:", b"retry:")) else b"\n"
        if data.strip() == _DONE:
            return event
        try:
            content = msgspec.json.decode(data)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            raise UndegradableError("an event is no JSON") from None
        if not isinstance(content, dict):
            raise UndegradableError("an event is no JSON object")
        return b"".join(
            with_data(event, msgspec.json.encode(one))
            if one is content
            else _named_event(str(one.get("type")), one)
            for one in self.change(content)
        )

    def change(self, content: dict[str, Any]) -> list[dict[str, Any]]:
        """Change one event that is decoded already.

        Args:
            content: Its data; it may be changed in place.

        Returns:
            What takes its place: often one event, sometimes two or none.

        Raises:
            UndegradableError: It is not what its kind should be.
        """
        kind = content.get("type")
        if hides_probabilities(self._degradations):
            drop_probabilities(content)
        if isinstance(kind, str) and kind.startswith("response."):
            return self._responses_event(kind, content)
        if isinstance(kind, str) and (kind.startswith(("content_block", "message"))):
            return self._anthropic_event(kind, content)
        return self._choices_event(content)

    def _choices_event(self, content: dict[str, Any]) -> list[dict[str, Any]]:
        """Change an event of chat or text completions."""
        choices = content.get("choices")
        if not isinstance(choices, list):
            degrade_object(content, self._degradations, begins_inside=self._begins_inside)
            return [content]
        kept = []
        for choice in choices:
            if not isinstance(choice, dict):
                continue
            if "single_choice" in self._degradations and choice.get("index", 0) != 0:
                continue
            if not self._hides or self._has_something_left(choice):
                kept.append(choice)
        if choices and not kept:
            return []
        content["choices"] = kept
        return [content]

    def _has_something_left(self, choice: dict[str, Any]) -> bool:
        dropped = drop_reasoning_fields(choice)
        ends = choice.get("finish_reason") is not None
        for holder, name in ((choice.get("delta"), "content"), (choice, "text")):
            if not isinstance(holder, dict):
                continue
            dropped = drop_reasoning_fields(holder) or dropped
            if isinstance(holder.get(name), str):
                shown = self._filter((choice.get("index", 0), name), holder[name])
                dropped = dropped or shown != holder[name]
                holder[name] = shown
            elif isinstance(holder.get(name), list):
                holder[name] = visible_parts(holder[name], self._begins_inside)
            if ends:
                self._let_go((choice.get("index", 0), name), holder, name)
        delta = choice.get("delta")
        said = choice.get("text") or (isinstance(delta, dict) and any(delta.values()))
        return bool(ends or said or not dropped)

    def _filter(self, place: Any, text: str) -> str:
        if place not in self._filters:
            self._filters[place] = ReasoningFilter(begins_inside=self._begins_inside)
        return self._filters[place].feed(text)

    def _let_go(self, place: Any, holder: dict[str, Any], name: str) -> None:
        held = self._filters[place].finish() if place in self._filters else ""
        if held:
            holder[name] = (holder.get(name) or "") + held

    def _anthropic_event(self, kind: str, content: dict[str, Any]) -> list[dict[str, Any]]:
        if not self._hides or not kind.startswith("content_block"):
            if self._hides and isinstance(content.get("message"), dict):
                degrade_object(content["message"], self._degradations)
            return [content]
        index = content.get("index")
        if not isinstance(index, int):
            raise UndegradableError("a block has no number")
        block = content.get("content_block")
        if isinstance(block, dict) and block.get("type") in HIDDEN_BLOCKS:
            self._hidden.add(index)
        if index in self._hidden:
            return []
        content["index"] = self._place(index)
        delta = content.get("delta")
        if isinstance(delta, dict) and delta.get("type") in {"thinking_delta", "signature_delta"}:
            return []
        if isinstance(delta, dict) and isinstance(delta.get("text"), str):
            delta["text"] = self._filter(index, delta["text"])
            return [content] if delta["text"] else []
        if kind == "content_block_stop" and index in self._filters:
            held = self._filters[index].finish()
            if held:
                delta = {"type": "text_delta", "text": held}
                return [
                    {"type": "content_block_delta", "index": content["index"], "delta": delta},
                    content,
                ]
        return [content]

    def _responses_event(self, kind: str, content: dict[str, Any]) -> list[dict[str, Any]]:
        if not self._hides:
            return [content]
        index, item = content.get("output_index"), content.get("item")
        if isinstance(item, dict) and item.get("type") in HIDDEN_BLOCKS and isinstance(index, int):
            self._hidden.add(index)
        if kind.startswith("response.reasoning") or index in self._hidden:
            return []
        if isinstance(index, int):
            content["output_index"] = self._place(index)
        place = (index, content.get("content_index"))
        if kind == "response.output_text.delta" and isinstance(content.get("delta"), str):
            content["delta"] = self._filter(place, content["delta"])
            return [content] if content["delta"] else []
        before: list[dict[str, Any]] = []
        if kind == "response.output_text.done":
            held = self._filters[place].finish() if place in self._filters else ""
            if held:
                known: dict[str, Any] = {name: content[name] for name in _PLACES if name in content}
                before = [{"type": "response.output_text.delta", **known, "delta": held}]
            if isinstance(content.get("text"), str):
                content["text"] = without_reasoning(
                    content["text"], begins_inside=self._begins_inside
                )
        self._hide_in_parts(content)
        return [*before, content]

    def _hide_in_parts(self, content: dict[str, Any]) -> None:
        for name in ("part", "item"):
            if isinstance(content.get(name), dict):
                content[name] = visible_parts([content[name]], self._begins_inside)[0]
        response = content.get("response")
        if isinstance(response, dict):
            degrade_object(response, self._degradations, begins_inside=self._begins_inside)

    def _place(self, index: int) -> int:
        return index - sum(hidden < index for hidden in self._hidden)


_PLACES: Final[tuple[str, ...]] = ("item_id", "output_index", "content_index", "sequence_number")


def _named_event(name: str, content: dict[str, Any]) -> bytes:
    return b"event: %b\ndata: %b\n\n" % (name.encode(), msgspec.json.encode(content))
