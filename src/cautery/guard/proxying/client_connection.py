"""One connection of a client: requests one after the other, each bounded in size and in time.

A request is read whole before it is decided on. What a client sends on while its request is being
answered waits in a small buffer and then in the network, so that answers come in order.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Final, Literal, cast

from cautery.guard.answers import Answer, Refusal, answer_refusal
from cautery.guard.proxying.chunked_body import BadChunkError, BodyTooLargeError
from cautery.guard.proxying.header_rules import answer_head
from cautery.guard.proxying.request_head import ALLOW, BadHeadError
from cautery.guard.proxying.request_reader import RequestReader
from cautery.guard.proxying.upstream_side import NEVER

if TYPE_CHECKING:
    from cautery.guard.proxying.client_side import BeginTurn, Turn
    from cautery.guard.proxying.request_head import RequestHead
    from cautery.guard.proxying.serving import Serving

Phase = Literal["head", "body", "idle", "write", "linger"]
"""What a client is waited for."""
_AHEAD_BYTES: Final = 64 * 1024
"""What a client may send ahead while its request is being answered."""
_LINGER_SECONDS: Final = 2.0
_CONTINUE: Final = b"HTTP/1.1 100 Continue\r\n\r\n"


class ClientConnection(asyncio.Protocol):
    """A client's connection.

    Args:
        service: What the connections of a process have in common.
        begin: Makes of each request what answers it.
    """

    __slots__ = (
        "_advancing",
        "_begin",
        "_exchange",
        "_held_bytes",
        "_lingers",
        "_reader",
        "_service",
        "_stopped",
        "_takes_nothing",
        "_transport",
        "certificate",
        "deadline",
        "peer",
        "phase",
        "scheme",
    )

    def __init__(self, service: Serving, begin: BeginTurn) -> None:
        self._service = service
        self._begin = begin
        self._transport: asyncio.Transport | None = None
        self._reader = RequestReader()
        self._exchange: Turn | None = None
        self._held_bytes = 0
        self._advancing = False
        self._lingers = False
        self._stopped = False
        self._takes_nothing = False
        self.peer = ""
        self.scheme = b"http"
        self.certificate = b""
        self.phase: Phase = "idle"
        self.deadline = NEVER

    @property
    def is_idle(self) -> bool:
        """Whether no request is under way."""
        return self._exchange is None and self._reader.is_empty

    @property
    def _is_held_up(self) -> bool:
        return self._lingers or self._takes_nothing

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Begin, unless there are too many."""
        self._transport = cast("asyncio.Transport", transport)
        peer = transport.get_extra_info("peername")
        self.peer = self._service.plain_peer(peer)
        tls = transport.get_extra_info("ssl_object")
        if tls is not None:
            self.scheme = b"https"
            self.certificate = tls.getpeercert(binary_form=True) or b""
        self._service.connections.add(self)
        self._wait("head", self._service.serving.limits.head_seconds)
        if len(self._service.connections) > self._service.serving.limits.connections:
            self._refuse("overloaded")

    def connection_lost(self, exc: Exception | None) -> None:
        """End; whatever is asked for is not wanted any more."""
        self._service.forget(self)
        exchange, self._exchange = self._exchange, None
        self._let_go()
        self._reader.clear()
        if exchange is not None:
            exchange.cancel()

    def data_received(self, data: bytes) -> None:
        """Read on."""
        if self._lingers:
            return
        if self._exchange is None and self._reader.is_empty:
            limits = self._service.serving.limits
            whole = None if self._takes_nothing else self._reader.read_whole(data, limits)
            if whole is not None:
                try:
                    self._take(*whole)
                except BadHeadError as error:
                    self._refuse(error.refusal)
                return
            self._wait("head", limits.head_seconds)
        self._reader.buffer += data
        if self._exchange is None and not self._takes_nothing:
            self._advance()
        elif len(self._reader.buffer) > _AHEAD_BYTES and not self._stopped:
            self._stopped = True
            cast("asyncio.Transport", self._transport).pause_reading()

    def pause_writing(self) -> None:
        """Stop the answer until the client has taken what it was sent."""
        self._takes_nothing = True
        self._wait("write", self._service.serving.limits.write_seconds)
        if self._exchange is not None:
            self._exchange.pause()

    def resume_writing(self) -> None:
        """Let the answer go on, or the next request."""
        self._takes_nothing = False
        if self._lingers:
            self._wait("linger", _LINGER_SECONDS)
        elif self._exchange is not None:
            self.deadline = NEVER
            self._exchange.resume()
        else:
            self._go_on()

    def write(self, content: bytes) -> None:
        """Send bytes of an answer."""
        if self._transport is not None:
            self._service.writes.write(self._transport, content)

    def send(self, answer: Answer, request_id: str, *, keep_alive: bool, bodiless: bool) -> None:
        """Send a whole answer of the guard's own.

        Args:
            answer: The answer.
            request_id: Of the request.
            keep_alive: Whether the connection stays.
            bodiless: Whether the method is HEAD.
        """
        framing = b"content-length: %d\r\n%b" % (
            len(answer.body),
            b"" if keep_alive else b"connection: close\r\n",
        )
        headers = [(name.encode(), value.encode("latin-1")) for name, value in answer.headers]
        head = answer_head(answer.status_code, headers, request_id, framing)
        self._service.metrics.count("answers_total", str(answer.status_code))
        self.write(head if bodiless else head + answer.body)

    def finished(self, *, keep_alive: bool) -> None:
        """Go on to the next request, now that one is answered.

        Args:
            keep_alive: Whether there may be one.
        """
        self._exchange = None
        self._let_go()
        if self._transport is None or self._transport.is_closing():
            return
        if not keep_alive or self._service.draining:
            self._linger()
        elif not self._takes_nothing:
            self._go_on()

    def _go_on(self) -> None:
        """Take the next request, which may have come already."""
        self._wait("idle", self._service.serving.limits.idle_seconds)
        if self._stopped:
            self._stopped = False
            cast("asyncio.Transport", self._transport).resume_reading()
        if self._reader.buffer and not self._advancing:
            self._wait("head", self._service.serving.limits.head_seconds)
            self._advance()

    def cut(self) -> None:
        """Close after what was sent, so that the client sees that the answer is not whole."""
        self._exchange = None
        self._let_go()
        if self._transport is not None:
            self._service.writes.flush()
            self._transport.close()

    def expire(self) -> None:
        """Give up on a client that is too slow."""
        if self._transport is None:
            return
        if self.phase in {"head", "body"} and not self._reader.is_empty:
            self._service.metrics.count("client_timeouts_total", self.phase)
            self._refuse("request_timeout")
        elif self.phase == "write":
            self._service.metrics.count("client_timeouts_total", "write")
            self._transport.abort()
        else:
            self._transport.abort()

    def close_if_idle(self) -> None:
        """Close, if no request is under way."""
        if self.is_idle and self._transport is not None:
            self._transport.close()

    def abort(self) -> None:
        """Close at once."""
        if self._transport is not None:
            self._transport.abort()

    def _advance(self) -> None:
        """Read requests off the buffer, as long as each is answered at once."""
        self._advancing = True
        reader = self._reader
        try:
            while self._exchange is None and not reader.is_empty and not self._is_held_up:
                waited = reader.waits_for_body
                request = reader.read(self._service.serving.limits)
                if request is None:
                    self._await_rest(begun=not waited and reader.waits_for_body)
                    break
                self._take(*request)
        except BadHeadError as error:
            self._refuse(error.refusal)
        except BadChunkError:
            self._refuse("bad_request")
        except BodyTooLargeError:
            self._refuse("body_too_large")
        finally:
            self._advancing = False

    def _take(self, head: RequestHead, body: bytes) -> None:
        self._hold(len(body))
        self.deadline = NEVER
        self._exchange = self._begin(self, head, body)
        self._exchange.start()

    def _await_rest(self, *, begun: bool) -> None:
        """Wait for the rest of a request; what is held counts as it comes, not as it is promised.

        Args:
            begun: Whether its body has just begun.
        """
        self._hold(self._reader.held_bytes)
        if begun:
            self._wait("body", self._service.serving.limits.body_seconds)
            if self._reader.head is not None and self._reader.head.expects_continue:
                self.write(_CONTINUE)

    def _hold(self, size: int) -> None:
        """Count what this connection holds in memory, or refuse to hold more."""
        self._service.buffered_bytes += size - self._held_bytes
        self._held_bytes = size
        if self._service.buffered_bytes > self._service.serving.limits.buffered_bytes:
            raise BadHeadError("overloaded", "too much is held already")

    def _let_go(self) -> None:
        self._service.buffered_bytes -= self._held_bytes
        self._held_bytes = 0

    def _wait(self, phase: Phase, seconds: float) -> None:
        # The clock of the last sweep: what is that coarse need not be read anew for every request.
        self.phase = phase
        self.deadline = self._service.tick + seconds

    def _refuse(self, refusal: Refusal) -> None:
        """Answer what cannot be read, and read no more of this connection."""
        request_id = self._service.identifier("req_")
        self._service.metrics.count("refusals_total", refusal)
        headers = (ALLOW,) if refusal == "method_not_allowed" else ()
        answer = answer_refusal(refusal, request_id, headers)
        self.send(answer, request_id, keep_alive=False, bodiless=False)
        self._let_go()
        self._linger()

    def _linger(self) -> None:
        """Close in a way that lets the client read the answer before it learns of the close."""
        transport = cast("asyncio.Transport", self._transport)
        self._service.writes.flush()
        self._reader.clear()
        if not transport.can_write_eof():
            transport.close()
            return
        self._lingers = True
        self._wait("linger", _LINGER_SECONDS)
        transport.write_eof()
