"""Reads a request's body whole, bounded in size and time, and learns when the client leaves."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Final

from cautery.guard.answers import Refusal
from cautery.guard.middleware.messages import Message, Receive

if TYPE_CHECKING:
    from cautery.guard.proxying.settings import Limits

_NOTHING: Final = b""


class ClientLeftError(Exception):
    """The client left before its request was whole."""


class HeldBytes:
    """How much of all bodies one process holds."""

    def __init__(self) -> None:
        self.total = 0


class BodyReading:
    """The way in of one request.

    Args:
        receive: The server's.
        limits: Bounds.
        held: What all requests hold together.
    """

    def __init__(self, receive: Receive, limits: Limits, held: HeldBytes) -> None:
        self._receive = receive
        self._limits = limits
        self._held = held
        self._size = 0
        self._body: bytes | None = None
        self._watch: asyncio.Task[Message] | None = None
        self.left = False
        """Whether the client has left."""

    async def read(self) -> tuple[bytes, Refusal | None]:
        """Read the body.

        Returns:
            The body, and why the request is refused, None if it is not.

        Raises:
            ClientLeftError: The client left.
        """
        try:
            async with asyncio.timeout(self._limits.body_seconds):
                return await self._read()
        except TimeoutError:
            return _NOTHING, "request_timeout"

    async def _read(self) -> tuple[bytes, Refusal | None]:
        parts: list[bytes] = []
        while True:
            message = await self._receive()
            if message["type"] == "http.disconnect":
                raise ClientLeftError
            part = bytes(message.get("body", b""))
            self._size += len(part)
            self._held.total += len(part)
            if self._size > self._limits.body_bytes:
                return _NOTHING, "body_too_large"
            if self._held.total > self._limits.buffered_bytes:
                return _NOTHING, "overloaded"
            parts.append(part)
            if not message.get("more_body", False):
                return b"".join(parts), None

    def pass_on(self, body: bytes) -> Receive:
        """Give the application a way in on which it finds the body as it was written anew.

        Args:
            body: All of it.

        Returns:
            What the application takes for the server's.
        """
        self._body = body
        self._watch = asyncio.create_task(self._wait())
        return self._next

    async def _wait(self) -> Message:
        message = await self._receive()
        self.left = message["type"] == "http.disconnect"
        return message

    async def _next(self) -> Message:
        if self._body is not None:
            body, self._body = self._body, None
            return {"type": "http.request", "body": body, "more_body": False}
        if self._watch is None:
            return {"type": "http.disconnect"}
        # Whoever waits for it may be cancelled, which must not cancel it for the others.
        return await asyncio.shield(self._watch)

    def end(self) -> None:
        """Let go of the body and of the watch for the client."""
        self._held.total -= self._size
        self._size = 0
        if self._watch is not None:
            self._watch.cancel()
            self._watch = None
