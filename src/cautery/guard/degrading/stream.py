"""What *degrade* does to a stream, event by event; what a defence needs whole is held back."""

from __future__ import annotations

from typing import Any, Final

import msgspec

from cautery.guard.degrading.blocks import BlocksStream
from cautery.guard.degrading.choices import ChoicesStream
from cautery.guard.degrading.fields import drop_probabilities
from cautery.guard.degrading.items import ItemsStream
from cautery.guard.degrading.plans import Degrading
from cautery.guard.degrading.tally import Tally
from cautery.guard.degrading.undegradable import UndegradableError
from cautery.guard.server_sent_events import (
    EventSplitter,
    EventTooLongError,
    data_of,
    with_data,
)

_DONE: Final = b"[DONE]"


class StreamDegrader:
    """Changes one stream on its way to the client.

    Args:
        degrading: What is done.
    """

    def __init__(self, degrading: Degrading) -> None:
        self._degrading = degrading
        self._splitter = EventSplitter()
        self._choices = ChoicesStream(degrading)
        self._blocks = BlocksStream(degrading)
        self._items = ItemsStream(degrading)

    def feed(self, piece: bytes) -> bytes:
        """Take a piece of the stream, and give what the client may have of it.

        Raises:
            UndegradableError: An event is not JSON, or does not end; or more would have to be held
                back than may be, and the operator wants an error then.
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
        last = self._changed(rest + b"\n\n") if rest.strip() else b""
        return last + self._held_back()

    def _held_back(self) -> bytes:
        return b"".join(b"data: %b\n\n" % msgspec.json.encode(one) for one in self.left())

    def left(self) -> list[dict[str, Any]]:
        """Give the events of what is still held back of texts whose end nobody told."""
        return self._choices.finish()

    def _changed(self, event: bytes) -> bytes:
        data = data_of(event)
        if not data:
            # A comment or an empty event, which keeps the connection open.
            return event if event.lstrip().startswith((b":", b"event:", b"retry:")) else b"\n"
        if data.strip() == _DONE:
            return self._held_back() + event
        try:
            content = msgspec.json.decode(data)
            if not isinstance(content, dict):
                raise UndegradableError("an event is no JSON object")
            return b"".join(
                with_data(event, msgspec.json.encode(one))
                if one is content
                else _named_event(str(one.get("type")), one)
                for one in self.change(content)
            )
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            raise UndegradableError("an event is no JSON, or too deep") from None

    def change(self, content: dict[str, Any]) -> list[dict[str, Any]]:
        """Change one event that is decoded already.

        Args:
            content: Its data; it may be changed in place.

        Returns:
            What takes its place: often one event, sometimes several or none.

        Raises:
            UndegradableError: It is not what its kind should be.
        """
        kind = content.get("type")
        if self._degrading.drops_chances:
            repeats = str(kind).startswith("response.") and not str(kind).endswith(".delta")
            drop_probabilities(content, Tally() if repeats else self._degrading.tally)
        if isinstance(kind, str) and kind.startswith("response."):
            return self._items.change(kind, content)
        if isinstance(kind, str) and (kind.startswith(("content_block", "message"))):
            return self._blocks.change(kind, content)
        return self._choices.change(content)


def _named_event(name: str, content: dict[str, Any]) -> bytes:
    return b"event: %b\ndata: %b\n\n" % (name.encode(), msgspec.json.encode(content))
