"""What *degrade* does to the events of a stream of chat or text completions."""

from __future__ import annotations

from typing import Any, Final

from cautery.guard.degrading.fields import (
    HIDDEN_BLOCKS,
    kind_of,
    number_in,
    objects_in,
    reasoning_block,
    reasoning_of,
    take_reasoning,
)
from cautery.guard.degrading.plans import Degrading, FinalAnswer, HeldReasoning, ShownText
from cautery.guard.degrading.undegradable import UndegradableError
from cautery.guard.degrading.whole import degrade_object, rewrite_message, rewritten_parts

MOST_CHOICES: Final = 256
"""Texts of one answer that are under way at once; the APIs give at most 128."""
_COMPLETION: Final = "completion"
"""Field of the text in Anthropic's text completions."""
_SPEAKING: Final = ("tool_calls", "function_call", "audio", "refusal")
"""Fields of a delta besides its content that say that the reasoning is over."""


class _Choice:
    """One text of the answer, as far as it came."""

    __slots__ = ("answer", "parts", "reasoning", "text")

    def __init__(self, degrading: Degrading) -> None:
        self.text: ShownText = degrading.open_text()
        self.reasoning: dict[str, HeldReasoning] = {}
        """By the name of its field."""
        self.parts: HeldReasoning | None = None
        """Reasoning that comes in parts of the content."""
        self.answer: FinalAnswer | None = None
        if degrading.leaves_answer:
            self.answer = degrading.open_answer()

    def feed(self, piece: str) -> str:
        """Take a piece of the text, and give what the client may have of it."""
        shown = self.text.feed(piece)
        if self.answer is None:
            return shown
        self.answer.feed(shown)
        return ""

    def finish(self) -> str:
        """Give what is left of the text."""
        shown = self.text.finish()
        if self.answer is None:
            return shown
        self.answer.feed(shown)
        return self.answer.finish()


class ChoicesStream:
    """Changes the events of one stream.

    Args:
        degrading: What is done.
    """

    def __init__(self, degrading: Degrading) -> None:
        self._degrading = degrading
        self._choices: dict[int, _Choice] = {}
        self._last: dict[str, Any] = {}
        self._field = "content"

    def change(self, content: dict[str, Any]) -> list[dict[str, Any]]:
        """Change one event.

        Raises:
            UndegradableError: More texts are under way than any API gives.
        """
        degrading = self._degrading
        choices = content.get("choices")
        if not isinstance(choices, list):
            return self._without_choices(content)
        kept = []
        for choice in objects_in(choices):
            index = number_in(choice, "index")
            degrading.tally.before.choices.add(index)
            if degrading.leaves_one and index != 0:
                continue
            degrading.tally.after.choices.add(index)
            if not degrading.rewrites or self._has_something_left(choice, index):
                kept.append(choice)
        if choices and degrading.rewrites:
            self._last = content
        if choices and not kept:
            return []
        content["choices"] = kept
        return [content]

    def _without_choices(self, content: dict[str, Any]) -> list[dict[str, Any]]:
        """Change an event of Anthropic's text completions, or of no dialect that is known."""
        piece = content.pop(_COMPLETION, None)
        degrade_object(content, self._degrading)
        if not isinstance(piece, str):
            return [content]
        self._degrading.tally.one_choice()
        if not self._degrading.rewrites:
            content[_COMPLETION] = piece
            return [content]
        self._last, self._field = content, _COMPLETION
        state, ends = self._state(0), content.get("stop_reason") is not None
        shown = state.feed(piece)
        if ends:
            shown += state.finish()
            del self._choices[0]
        content[_COMPLETION] = shown
        return [content] if shown or ends else []

    def finish(self) -> list[dict[str, Any]]:
        """Give what is still held back of a stream that ends without saying so of its texts."""
        head = {name: value for name, value in self._last.items() if name != "usage"}
        states, self._choices = self._choices, {}
        left: list[dict[str, Any]] = []
        for index, state in states.items():
            holder: dict[str, Any] = {}
            self._end_reasoning(state, holder)
            if text := state.finish():
                holder[self._field] = text
            if holder and self._field == _COMPLETION:
                return [{**head, **holder}]
            said = {"delta": holder} if self._field == "content" else holder
            left += [{"index": index, **said, "finish_reason": None}] if holder else []
        return [{**head, "choices": left}] if left else []

    def _has_something_left(self, choice: dict[str, Any], index: int) -> bool:
        """Change one choice of an event; say whether the client gets it."""
        state = self._state(index)
        if isinstance(choice.get("message"), dict):
            rewrite_message(choice["message"], self._degrading)
        delta = choice.get("delta")
        holder, name = (delta, "content") if isinstance(delta, dict) else (choice, "text")
        if holder is delta and choice.get("text"):
            # It says the same, and nobody would look into it.
            choice["text"] = ""
        self._field = name
        ends = choice.get("finish_reason") is not None
        dropped = self._hold_reasoning(state, choice)
        if holder is not choice:
            dropped = self._hold_reasoning(state, holder) or dropped
        said, shows = holder.get(name), False
        if ends or said or any(holder.get(field) for field in _SPEAKING):
            shows = self._end_reasoning(state, holder)
        if isinstance(said, str):
            holder[name] = state.feed(said)
            dropped = dropped or holder[name] != said
        elif isinstance(said, list):
            holder[name] = self._parts(state, said)
            dropped = dropped or not holder[name]
        if ends:
            self._close(index, state, holder, name)
        if isinstance(delta, dict):
            return bool(ends or choice.get("text") or any(delta.values()) or not dropped)
        return bool(ends or shows or holder.get(name) or not dropped)

    def _state(self, index: int) -> _Choice:
        if index not in self._choices:
            if len(self._choices) >= MOST_CHOICES:
                raise UndegradableError("more texts are under way than any API gives")
            self._choices[index] = _Choice(self._degrading)
        return self._choices[index]

    def _hold_reasoning(self, state: _Choice, holder: dict[str, Any]) -> bool:
        """Take reasoning out of a delta and hold it; say whether there was any field of it."""
        taken = take_reasoning(holder)
        for name, text in taken.items():
            if text:
                if name not in state.reasoning:
                    state.reasoning[name] = self._degrading.open_reasoning()
                state.reasoning[name].feed(text)
        return bool(taken)

    def _end_reasoning(self, state: _Choice, holder: dict[str, Any]) -> bool:
        """Show what is shown in place of the reasoning, now that it is over; say if that is any."""
        held, state.reasoning = state.reasoning, {}
        for name, reasoning in held.items():
            if shown := reasoning.finish():
                holder[name] = shown
        return any(name in holder for name in held)

    def _parts(self, state: _Choice, parts: list[Any]) -> list[Any]:
        """Change content that comes in parts, each a piece of what such a part says in the end."""
        shown: list[Any] = []
        for part in parts:
            kind = kind_of(part)
            if kind in HIDDEN_BLOCKS:
                state.parts = state.parts or self._degrading.open_reasoning()
                state.parts.feed(reasoning_of(part))
                continue
            shown += self._end_parts(state)
            if kind == "text" and isinstance(part.get("text"), str):
                part["text"] = state.feed(part["text"])
                shown += [part] if part["text"] else []
            else:
                shown += rewritten_parts([part], self._degrading)
        return shown

    def _end_parts(self, state: _Choice) -> list[Any]:
        held, state.parts = state.parts, None
        said = held.finish() if held is not None else ""
        return [reasoning_block({"type": "thinking"}, said)] if said else []

    def _close(self, index: int, state: _Choice, holder: dict[str, Any], name: str) -> None:
        """Let go of what was held back, now that the text has ended."""
        left, parts = state.finish(), self._end_parts(state)
        del self._choices[index]
        if isinstance(holder.get(name), list):
            holder[name] += parts + ([{"type": "text", "text": left}] if left else [])
        elif left:
            holder[name] = (holder.get(name) or "") + left
