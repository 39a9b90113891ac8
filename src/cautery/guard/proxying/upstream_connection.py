"""One connection to the model server: a request at a time, its answer handed on as it comes."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any, Final, Protocol, cast

import httptools

from cautery.guard.proxying.answer_heads import AnswerHead, KnownHead
from cautery.guard.proxying.upstream_side import NEVER

if TYPE_CHECKING:
    from collections.abc import Callable

    from cautery.guard.proxying.gathered_writes import GatheredWrites
    from cautery.guard.proxying.settings import UpstreamSettings
    from cautery.guard.proxying.upstream_side import Failure, Receiver

_MOST_HEAD_BYTES: Final = 2**20
"""Of what comes before the end of an answer's head, in whole pieces of the network."""
_BODILESS: Final = frozenset({204, 304})


class Pool(Protocol):
    """Where a connection belongs."""

    settings: UpstreamSettings
    writes: GatheredWrites
    now: Callable[[], float]

    def release(self, connection: UpstreamConnection) -> None:
        """Take back a connection whose answer is whole."""
        ...

    def discard(self, connection: UpstreamConnection) -> None:
        """Give it to nobody any more; it is about to close."""
        ...

    def forget(self, connection: UpstreamConnection) -> None:
        """Learn that it is closed."""
        ...


class UpstreamConnection(asyncio.Protocol):
    """A connection of a pool.

    Args:
        pool: Where it goes back to.
    """

    __slots__ = (
        "_came",
        "_complete",
        "_head",
        "_head_bytes",
        "_headers",
        "_interim",
        "_is_head",
        "_known",
        "_parser",
        "_paused",
        "_pool",
        "_receiver",
        "_spoilt",
        "_transport",
        "_until_end",
        "deadline",
        "is_open",
        "used",
    )

    def __init__(self, pool: Pool) -> None:
        self._pool = pool
        self._transport: asyncio.Transport | None = None
        self._parser: Any = httptools.HttpResponseParser(self)
        self._receiver: Receiver | None = None
        self._headers: list[tuple[bytes, bytes]] = []
        self._head: AnswerHead | None = None
        self._known = KnownHead()
        self._spoilt = False
        self.is_open = False
        """Whether a request can be sent on it."""
        self.used = False
        self.deadline = NEVER
        self._begin(is_head=False)

    def _begin(self, *, is_head: bool) -> None:
        self._is_head = is_head
        self._came = False
        self._complete = False
        self._head = None
        self._head_bytes = 0
        self._interim = False
        self._until_end = False
        self._paused = False

    @property
    def is_busy(self) -> bool:
        """Whether somebody waits for an answer on it."""
        return self._receiver is not None

    def send(self, receiver: Receiver, payload: bytes, *, is_head: bool) -> None:
        """Send a request.

        Args:
            receiver: Who gets the answer.
            payload: Head and body.
            is_head: Whether the method is HEAD, whose answer has no body.
        """
        transport = cast("asyncio.Transport", self._transport)
        self._receiver = receiver
        self._begin(is_head=is_head)
        self.deadline = self._pool.now() + self._pool.settings.answer_seconds
        self._pool.writes.write(transport, payload)

    def pause(self) -> None:
        """Read no more until the client has taken what it was sent."""
        if not self._paused and self._transport is not None:
            self._paused = True
            self.deadline = NEVER
            self._transport.pause_reading()

    def resume(self) -> None:
        """Read on."""
        if self._paused and self._transport is not None:
            self._paused = False
            self.deadline = self._pool.now() + self._pool.settings.silence_seconds
            self._transport.resume_reading()

    def abort(self) -> None:
        """Let go of a request whose answer nobody wants; the server sees the connection close."""
        self._receiver = None
        self._close()

    def expire(self) -> None:
        """Give up on an answer that took too long, or close a connection that is not used."""
        if self._receiver is not None:
            self._fail("answer_timeout" if self._head is None else "silence_timeout")
        else:
            self._close()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Begin."""
        self._transport = cast("asyncio.Transport", transport)
        self.is_open = True

    def eof_received(self) -> None:
        """Learn that the server will send no more; the connection closes by itself."""
        self.is_open = False

    def data_received(self, data: bytes) -> None:
        """Read a piece of the answer."""
        receiver = self._receiver
        if receiver is None:
            # Nobody asked: what comes now would be taken for the answer to the next request.
            self._close()
            return
        known, came = self._known, self._came
        if not came and not self._is_head:
            end = known.begins(data)
            if end and end + known.length == len(data) and known.head is not None:
                self._take_known(receiver, known.head, data[end:])
                return
        self._came = True
        if self._head is None:
            self._head_bytes += len(data)
            if self._head_bytes > _MOST_HEAD_BYTES:
                self._fail("not_http")
                return
        try:
            self._parser.feed_data(data)
        except (httptools.HttpParserError, httptools.HttpParserUpgrade):
            self._fail("not_http")
            return
        if self._receiver is None:
            return
        if self._complete:
            if not came and self._head is not None and self._is_plain:
                known.learn(data, self._head)
            self._end()
            return
        if not self._paused:
            self.deadline = self._pool.now() + self._pool.settings.silence_seconds
        receiver.flush()

    @property
    def _is_plain(self) -> bool:
        """Whether an answer had a length, on a connection that stays."""
        return not (self._spoilt or self._until_end or self._is_head)

    def _take_known(self, receiver: Receiver, head: AnswerHead, body: bytes) -> None:
        """Hand on an answer that came whole, under a head that is known."""
        self._came = True
        self._head = head
        receiver.take_head(head, len(body))
        if body and self._receiver is receiver:
            receiver.take_body(body)
        if self._receiver is receiver:
            self._complete = True
            self._end()

    def connection_lost(self, exc: Exception | None) -> None:
        """Learn that the server has left."""
        self.is_open = False
        self._pool.forget(self)
        if self._receiver is None:
            return
        if self._until_end and exc is None:
            self._end()
        else:
            self._fail("closed")

    def on_message_begin(self) -> None:
        """Begin to read an answer."""
        if self._complete:
            self._spoilt = True

    def on_header(self, name: bytes, value: bytes) -> None:
        """Read a header."""
        self._headers.append((name.lower(), value))

    def on_headers_complete(self) -> None:
        """Hand the head on, if it is the final one."""
        headers, self._headers = self._headers, []
        status_code = self._parser.get_status_code()
        if status_code < 200:
            self._interim = True
            return
        if self._receiver is None or self._complete:
            return
        named = dict(headers)
        written, chunked = named.get(b"content-length"), b"transfer-encoding" in named
        length = None if written is None else int(written)
        self._head = head = AnswerHead(
            status_code=status_code,
            headers=headers,
            is_stream=named.get(b"content-type", b"").lower().startswith(b"text/event-stream"),
            encoding=named.get(b"content-encoding", b"").lower(),
        )
        if self._is_head or status_code in _BODILESS:
            # The parser would wait for a body that the length speaks of.
            self._complete = self._spoilt = self._is_head
            self._receiver.take_head(head, length or 0)
            return
        self._until_end = length is None and not chunked
        self._receiver.take_head(head, None if chunked else length)

    def on_body(self, piece: bytes) -> None:
        """Hand a piece on."""
        if self._receiver is not None and not self._complete:
            self._receiver.take_body(piece)

    def on_message_complete(self) -> None:
        """Note the end of an answer, or of a word before it."""
        if self._interim:
            self._interim = False
        else:
            self._complete = True
            # The parser knows only now; afterwards it has begun to wait for the next answer.
            self._spoilt = self._spoilt or not self._parser.should_keep_alive()

    def _end(self) -> None:
        receiver, self._receiver = self._receiver, None
        self.used = True
        if self._spoilt or self._until_end:
            self._close()
        else:
            if self._paused and self._transport is not None:
                self._transport.resume_reading()
                self._paused = False
            self._pool.release(self)
        if receiver is not None:
            receiver.take_end()

    def _fail(self, failure: Failure) -> None:
        receiver, self._receiver = self._receiver, None
        self._close()
        if receiver is not None:
            # A kept connection that closes before a word was most likely closed while it idled.
            receiver.take_failure(
                failure, again=self.used and not self._came and failure == "closed"
            )

    def _close(self) -> None:
        self.is_open = False
        self._pool.discard(self)
        if self._transport is not None:
            self._transport.abort()
