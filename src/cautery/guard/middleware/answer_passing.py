"""Passes the application's answer on: read, changed as decided, under the guard's request id."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Final

from cautery.guard.answer_reading import AnswerFacts, AnswerReader
from cautery.guard.degrading.undegradable import UndegradableError
from cautery.guard.middleware.messages import Message, Send
from cautery.guard.proxying.answer_change import AnswerChange, AnswerTooLargeError
from cautery.guard.proxying.header_rules import is_returned

if TYPE_CHECKING:
    from cautery.guard.degrading.plans import Degrading

Failure = str
"""Name of what went wrong, as in ``upstream_failures_total``."""
_FIRST_ERROR: Final = 400


class AnswerCutError(Exception):
    """The answer may not go on; the application is stopped by it."""


class AnswerPassing:
    """The way out of one answer.

    Args:
        send: The server's.
        request_id: Of the request.
        degrading: What is done to the answer; None passes it on as it is.
        most_bytes: Of an answer that has to be held whole.
        most_characters: Of its text that is kept for the record; 0 keeps none.
        bodiless: Whether the method is HEAD.
        is_gone: Whether the client has left.
    """

    def __init__(
        self,
        send: Send,
        request_id: str,
        *,
        degrading: Degrading | None = None,
        most_bytes: int,
        most_characters: int = 0,
        bodiless: bool = False,
        is_gone: Callable[[], bool] = lambda: False,
    ) -> None:
        self._send = send
        self._request_id = request_id.encode()
        self._degrading = None if bodiless else degrading
        self._most_bytes = most_bytes
        self._most_characters = most_characters
        self._reader: AnswerReader | None = None
        self._change: AnswerChange | None = None
        self._start: Message | None = None
        self._is_gone = is_gone
        self.status_code = 0
        """Of the answer; 0 before it begins."""
        self.begun = False
        """Whether the client was sent anything."""
        self.ended = False
        """Whether all of it was sent to a client that was still there."""
        self.failure: Failure = ""
        """Why it was cut off; empty if it was not."""

    async def take(self, message: Message) -> None:
        """Take a message of the application.

        Raises:
            AnswerCutError: The answer cannot be changed as it must be.
        """
        if self.failure:
            raise AnswerCutError
        try:
            if message["type"] == "http.response.start":
                await self._begin(message)
            elif message["type"] == "http.response.body":
                await self._pass(bytes(message.get("body", b"")), bool(message.get("more_body")))
        except UndegradableError as error:
            too_large = isinstance(error, AnswerTooLargeError)
            self.failure = "answer_too_large" if too_large else "undegradable"
            raise AnswerCutError from error

    def facts(self) -> AnswerFacts:
        """Say what is known of the answer so far."""
        facts = AnswerFacts() if self._reader is None else self._reader.finish()
        if self.failure:
            facts.error_type = self.failure
        return facts

    async def _begin(self, message: Message) -> None:
        self.status_code = message["status"]
        headers = [(bytes(name).lower(), bytes(value)) for name, value in message["headers"]]
        named = dict(headers)
        streamed = named.get(b"content-type", b"").lower().startswith(b"text/event-stream")
        self._reader = AnswerReader(streamed=streamed, most_characters=self._most_characters)
        kept = [pair for pair in headers if is_returned(pair[0])]
        kept += [(b"x-request-id", self._request_id), (b"request-id", self._request_id)]
        length = named.get(b"content-length")
        if self._degrading is not None and self.status_code < _FIRST_ERROR:
            if named.get(b"content-encoding", b"identity").lower() != b"identity":
                raise UndegradableError("the answer is compressed")
            self._change = AnswerChange(
                self._degrading,
                streamed=streamed,
                most_bytes=self._most_bytes,
            )
            length = None
        if length is not None:
            kept.append((b"content-length", length))
        self._start = {**message, "headers": kept, "trailers": False}
        if self._change is None or not self._change.holds:
            await self._send_start()

    async def _send_start(self) -> None:
        if self._start is not None:
            start, self._start = self._start, None
            self.begun = True
            await self._send(start)

    async def _pass(self, piece: bytes, more: bool) -> None:
        if self._reader is not None:
            self._reader.feed(piece)
        if self._change is not None:
            piece = self._change.feed(piece)
            if not more:
                piece += self._change.finish()
            if self._change.holds:
                if more:
                    return
                if self._start is not None:
                    self._start["headers"].append((b"content-length", str(len(piece)).encode()))
        await self._send_start()
        # Once the answer has ended a server says of every client that it has left.
        gone = self._is_gone()
        await self._send({"type": "http.response.body", "body": piece, "more_body": more})
        self.ended = not (more or gone)
