"""Reads what an answer says of itself: tokens, model, why it ended; whole, or as it streams by.

Answers come from the operator's own server, so they are not hostile, but nothing here may break an
answer on its way: whatever cannot be read is *unknown*. Anthropic counts cached input apart, OpenAI
within; the exchange table counts all of it.
"""

from __future__ import annotations

import re
from typing import Any, Final, Generic, TypeVar

import msgspec

from cautery.guard.server_sent_events import EventSplitter, EventTooLongError, data_of

MOST_ANSWER_BYTES: Final = 8 * 2**20
"""Of an answer that is not streamed; of a longer one nothing is known."""
_TELLING: Final = re.compile(
    rb'"usage"\s*:\s*\{|_reason"\s*:\s*"|"error"|"response\.(?:completed|incomplete|failed)"'
    rb'|"message_start"'
)
"""Marks of the events that say something of the answer; the others are only counted."""


class _Details(msgspec.Struct):
    cached_tokens: int | None = None
    reasoning_tokens: int | None = None


class _Usage(msgspec.Struct):
    prompt_tokens: int | None = None
    completion_tokens: int | None = None
    input_tokens: int | None = None
    output_tokens: int | None = None
    cache_read_input_tokens: int | None = None
    cache_creation_input_tokens: int | None = None
    prompt_tokens_details: _Details | None = None
    completion_tokens_details: _Details | None = None
    input_tokens_details: _Details | None = None
    output_tokens_details: _Details | None = None


class _Choice(msgspec.Struct):
    finish_reason: str | None = None


class _SpokenChoice(_Choice):
    message: dict[str, Any] | None = None
    delta: dict[str, Any] | None = None
    text: str | None = None


_AnyChoice = TypeVar("_AnyChoice", bound=_Choice)


class _Answer(msgspec.Struct, Generic[_AnyChoice]):
    id: str | None = None
    model: str | None = None
    usage: _Usage | None = None
    choices: list[_AnyChoice] | None = None
    stop_reason: str | None = None
    status: str | None = None
    content: msgspec.Raw | msgspec.UnsetType = msgspec.UNSET
    output: msgspec.Raw | msgspec.UnsetType = msgspec.UNSET
    delta: msgspec.Raw | msgspec.UnsetType = msgspec.UNSET
    error: msgspec.Raw | msgspec.UnsetType = msgspec.UNSET
    message: msgspec.Raw | msgspec.UnsetType = msgspec.UNSET
    response: msgspec.Raw | msgspec.UnsetType = msgspec.UNSET


_ANSWER: Final = msgspec.json.Decoder(_Answer[_Choice])
_SPOKEN: Final = msgspec.json.Decoder(_Answer[_SpokenChoice])
"""With the texts, which take longer than all the rest and are wanted by few."""
_ANY: Final = msgspec.json.Decoder()


class AnswerFacts(msgspec.Struct, kw_only=True):
    """What is known of an answer; None is *unknown*."""

    response_id: str | None = None
    response_model: str | None = None
    finish_reason: str | None = None
    error_type: str | None = None
    input_tokens: int | None = None
    output_tokens: int | None = None
    cache_read_tokens: int | None = None
    cache_write_tokens: int | None = None
    reasoning_tokens: int | None = None
    events: int = 0
    """Events with data, of a stream: a lower bound of what it cost if it says nothing itself."""
    text: str | None = None
    """What it says, if text is wanted."""


class AnswerReader:
    """Reads one answer on its way to the client.

    Args:
        streamed: Whether it comes as server-sent events.
        most_characters: Of the text to keep; 0 keeps none.
    """

    __slots__ = ("_characters", "_most", "_parts", "_size", "_splitter", "_texts", "facts")

    def __init__(self, *, streamed: bool, most_characters: int = 0) -> None:
        self.facts = AnswerFacts()
        self._splitter: EventSplitter | None = EventSplitter() if streamed else None
        self._parts: list[bytes] = []
        self._size = 0
        self._most = most_characters
        self._texts: list[str] = []
        self._characters = 0

    def feed(self, piece: bytes) -> None:
        """Take a piece of the answer's body; never raises."""
        if self._splitter is None:
            self._size += len(piece)
            if self._size <= MOST_ANSWER_BYTES:
                self._parts.append(piece)
            else:
                self._parts.clear()
            return
        try:
            for event in self._splitter.feed(piece):
                self._read_event(event)
        except EventTooLongError:
            self._splitter = EventSplitter()

    def finish(self) -> AnswerFacts:
        """Give what is known now that the answer has ended, or was cut off; never raises."""
        if self._parts:
            self._read(b"".join(self._parts), whole=True)
            self._parts.clear()
        if self._most and self._texts:
            self.facts.text = "".join(self._texts)
        return self.facts

    def _read_event(self, event: bytes) -> None:
        data = data_of(event)
        if not data or data == b"[DONE]":
            return
        self.facts.events += 1
        if self._most or self.facts.events == 1 or _TELLING.search(data):
            self._read(data, whole=False)

    def _read(self, data: bytes, *, whole: bool) -> None:
        spoken: _Answer[_SpokenChoice] | None = None
        answer: _Answer[_Choice] | _Answer[_SpokenChoice]
        try:
            if self._characters < self._most:
                answer = spoken = _SPOKEN.decode(data)
            else:
                answer = _ANSWER.decode(data)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            return
        self._take_head(answer)
        for nested in (answer.message, answer.response):
            if nested is not msgspec.UNSET and (inner := _inner(nested)) is not None:
                self._take_head(inner)
        if answer.error is not msgspec.UNSET and isinstance(error := _value(answer.error), dict):
            self.facts.error_type = str(error.get("code") or error.get("type") or "error")[:100]
        if spoken is not None:
            self._take_text(spoken, whole=whole)

    def _take_head(self, answer: _Answer[_Choice] | _Answer[_SpokenChoice]) -> None:
        facts = self.facts
        if not facts.response_id:
            facts.response_id = answer.id
        if not facts.response_model:
            facts.response_model = answer.model
        reason = answer.stop_reason or answer.status
        if not reason and answer.choices:
            reason = answer.choices[0].finish_reason
        if answer.delta is not msgspec.UNSET:
            delta = _value(answer.delta)
            if isinstance(delta, dict) and isinstance(delta.get("stop_reason"), str):
                reason = delta["stop_reason"]
        if reason:
            facts.finish_reason = reason
        if answer.usage is not None:
            _take_usage(facts, answer.usage)

    def _take_text(self, answer: _Answer[_SpokenChoice], *, whole: bool) -> None:
        for text in _texts_of(answer, whole):
            kept = text[: self._most - self._characters]
            self._texts.append(kept)
            self._characters += len(kept)


def _take_usage(facts: AnswerFacts, usage: _Usage) -> None:
    if usage.prompt_tokens is not None:
        facts.input_tokens = usage.prompt_tokens
    elif usage.input_tokens is not None:
        read, written = usage.cache_read_input_tokens, usage.cache_creation_input_tokens
        facts.input_tokens = usage.input_tokens + (read or 0) + (written or 0)
        facts.cache_read_tokens, facts.cache_write_tokens = read, written
    output = usage.completion_tokens
    output = usage.output_tokens if output is None else output
    facts.output_tokens = facts.output_tokens if output is None else output
    cached = usage.prompt_tokens_details or usage.input_tokens_details
    if cached is not None:
        facts.cache_read_tokens = cached.cached_tokens
    details = usage.completion_tokens_details or usage.output_tokens_details
    if details is not None:
        facts.reasoning_tokens = details.reasoning_tokens


def _value(raw: msgspec.Raw | msgspec.UnsetType) -> Any:
    if raw is msgspec.UNSET:
        return None
    try:
        return _ANY.decode(raw)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None


def _inner(raw: msgspec.Raw) -> _Answer[_Choice] | None:
    if not bytes(raw).startswith(b"{"):
        return None
    try:
        return _ANSWER.decode(raw)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None


def _texts_of(answer: _Answer[_SpokenChoice], whole: bool) -> list[str]:
    """List the texts of an answer, or of one event of a stream, in either dialect."""
    found: list[Any] = []
    for choice in answer.choices or ():
        spoken = choice.message or choice.delta or {}
        found.append(spoken.get("content"))
        found.append(choice.text)
    if whole:
        blocks = _value(answer.content)
        items = _value(answer.output)
        for item in items if isinstance(items, list) else []:
            content = item.get("content") if isinstance(item, dict) else None
            blocks = [*(blocks or []), *(content if isinstance(content, list) else [])]
        for block in blocks if isinstance(blocks, list) else []:
            found.append(block.get("text") if isinstance(block, dict) else None)
    else:
        delta = _value(answer.delta)
        found.append(delta.get("text") if isinstance(delta, dict) else delta)
    return [text for text in found if isinstance(text, str)]
