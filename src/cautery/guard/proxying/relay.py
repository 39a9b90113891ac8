"""Passes one answer on from the server to the client, as fast as the slower of the two."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Protocol

import msgspec

from cautery.guard.answer_reading import AnswerFacts, AnswerReader
from cautery.guard.degrading.undegradable import UndegradableError
from cautery.guard.proxying.answer_change import AnswerChange, AnswerTooLargeError
from cautery.guard.proxying.answer_heads import AnswerHead
from cautery.guard.proxying.header_rules import relayed_head

if TYPE_CHECKING:
    from cautery.guard.degrading.plans import Degrading
    from cautery.guard.proxying.client_side import ClientSide
    from cautery.guard.proxying.request_head import RequestHead
    from cautery.guard.proxying.service import ProxyService
    from cautery.guard.proxying.upstream_side import Failure, UpstreamSide


_PLAIN: Final = frozenset({b"", b"identity"})


class RelayOrder(msgspec.Struct, frozen=True, kw_only=True):
    """What is sent to the server, and what becomes of its answer."""

    request_id: str
    """Of the request."""
    payload: bytes
    """Head and body, as the server gets them."""
    keep_alive: bool
    """Whether the client's connection may stay."""
    degrading: Degrading | None = None
    """What is done to the answer; None passes it on byte for byte."""


class Asker(Protocol):
    """Whose request it is."""

    def conclude(self, status_code: int, answer: AnswerFacts) -> None:
        """Learn that the answer has ended."""
        ...

    def refuse_upstream(self, failure: Failure) -> None:
        """Learn that there is none, and that nothing was sent to the client yet."""
        ...


class Relay:
    """One answer on its way.

    Args:
        service: What the process has in common.
        connection: The client's.
        head: Of the request.
        order: What to do.
        asker: Who is told of the end.
    """

    __slots__ = (
        "_asker",
        "_asks_again",
        "_begun",
        "_change",
        "_chunked",
        "_connection",
        "_done",
        "_head",
        "_held_head",
        "_keep_alive",
        "_order",
        "_parts",
        "_paused",
        "_pool",
        "_reader",
        "_service",
        "_status",
        "_upstream",
    )

    def __init__(
        self,
        service: ProxyService,
        connection: ClientSide,
        head: RequestHead,
        order: RelayOrder,
        asker: Asker,
    ) -> None:
        self._service = service
        self._pool = service.pool
        self._connection = connection
        self._head = head
        self._order = order
        self._asker = asker
        self._keep_alive = order.keep_alive
        self._upstream: UpstreamSide | None = None
        self._reader: AnswerReader | None = None
        self._change: AnswerChange | None = None
        self._held_head: AnswerHead | None = None
        self._parts: list[bytes] = []
        self._status = 0
        self._asks_again = False
        self._begun = False
        self._chunked = False
        self._paused = False
        self._done = False

    @property
    def wants_answer(self) -> bool:
        """Whether the client still waits."""
        return not self._done

    def start(self) -> None:
        """Ask for a connection to the server."""
        self._pool.acquire(self)

    def take_connection(self, connection: UpstreamSide) -> None:
        """Send the request."""
        self._upstream = connection
        connection.send(self, self._order.payload, is_head=self._head.method == "HEAD")

    def take_head(self, head: AnswerHead, length: int | None) -> None:
        """Begin the answer."""
        self._status = head.status_code
        streamed = head.is_stream
        self._reader = AnswerReader(
            streamed=streamed, most_characters=self._service.kept_characters
        )
        degrading = self._order.degrading
        if degrading is not None and head.status_code < 400 and self._head.method != "HEAD":
            if head.encoding not in _PLAIN:
                self._give_up("undegradable")
                return
            self._change = AnswerChange(
                degrading,
                streamed=streamed,
                most_bytes=self._service.settings.limits.answer_bytes,
            )
            if self._change.holds:
                # The head waits: the length is known once the answer is changed.
                self._held_head = head
                return
            length = None
        self._begin(head, length)

    def take_body(self, piece: bytes) -> None:
        """Take a piece of the body."""
        if self._done or self._reader is None:
            return
        self._reader.feed(piece)
        if self._change is not None:
            try:
                piece = self._change.feed(piece)
            except UndegradableError as error:
                too_large = isinstance(error, AnswerTooLargeError)
                self._give_up("answer_too_large" if too_large else "undegradable")
                return
        if self._chunked:
            self._add(piece)
        elif piece:
            self._parts.append(piece)

    def flush(self) -> None:
        """Send what came."""
        if self._parts:
            parts, self._parts = self._parts, []
            self._connection.write(parts[0] if len(parts) == 1 else b"".join(parts))

    def take_end(self) -> None:
        """End the answer."""
        self._upstream = None
        if self._done or self._reader is None:
            return
        if self._change is not None:
            try:
                self._end_changed(self._change)
            except UndegradableError:
                self._give_up("undegradable")
                return
        if self._chunked:
            self._parts.append(b"0\r\n\r\n")
        self.flush()
        self._done = True
        self._service.metrics.counts["answers_total", (str(self._status),)] += 1
        self._asker.conclude(self._status, self._reader.finish())
        self._connection.finished(keep_alive=self._keep_alive)

    def take_failure(self, failure: Failure, *, again: bool) -> None:
        """Ask once more, or tell the client, or break off."""
        self._upstream = None
        if self._done:
            return
        if again and not self._asks_again:
            self._asks_again = True
            self._pool.acquire(self, fresh=True)
            return
        self._give_up(failure)

    def pause(self) -> None:
        """Read no more from the server until the client has caught up."""
        self._paused = True
        if self._upstream is not None:
            self._upstream.pause()

    def resume(self) -> None:
        """Read on."""
        self._paused = False
        if self._upstream is not None:
            self._upstream.resume()

    def cancel(self) -> AnswerFacts:
        """Let go of the server, and say what is known of the answer so far."""
        self._done = True
        if self._upstream is not None:
            self._upstream.abort()
            self._upstream = None
        return AnswerFacts() if self._reader is None else self._reader.finish()

    def _begin(self, head: AnswerHead, length: int | None) -> None:
        self._begun = True
        self._parts.append(relayed_head(head, self._order.request_id, self._framing(length)))

    def _framing(self, length: int | None) -> bytes:
        """Say how the body ends, and whether the connection stays."""
        ending = b""
        if length is not None:
            if self._status not in {204, 304}:
                ending = b"content-length: %d\r\n" % length
        elif self._head.method != "HEAD":
            if self._head.http_1_1:
                self._chunked = True
                ending = b"transfer-encoding: chunked\r\n"
            else:
                self._keep_alive = False
        if not self._keep_alive:
            return ending + b"connection: close\r\n"
        return ending if self._head.http_1_1 else ending + b"connection: keep-alive\r\n"

    def _add(self, piece: bytes) -> None:
        if not piece:
            return
        if self._chunked:
            self._parts.append(b"%x\r\n%b\r\n" % (len(piece), piece))
        else:
            self._parts.append(piece)

    def _end_changed(self, change: AnswerChange) -> None:
        """Send the rest of an answer that is changed."""
        content = change.finish()
        if self._held_head is not None:
            self._begin(self._held_head, len(content))
        self._add(content)

    def _give_up(self, failure: Failure) -> None:
        """Answer with an error if nothing was sent yet, else cut the answer off."""
        self._done = True
        if self._upstream is not None:
            self._upstream.abort()
            self._upstream = None
        self._service.metrics.count("upstream_failures_total", failure)
        if not self._begun:
            self._asker.refuse_upstream(failure)
            return
        self.flush()
        facts = AnswerFacts() if self._reader is None else self._reader.finish()
        facts.error_type = failure
        self._asker.conclude(self._status, facts)
        self._connection.cut()
