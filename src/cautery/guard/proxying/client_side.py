"""A client's connection, as the parts that answer on it see it."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Protocol

from cautery.guard.answers import Answer

if TYPE_CHECKING:
    from cautery.guard.proxying.request_head import RequestHead


class ClientSide(Protocol):
    """What a request needs of the connection that it came on."""

    peer: str
    """Address of the other end."""
    scheme: bytes
    """``http`` or ``https``."""
    certificate: bytes
    """The client's, in DER; empty if it has none."""
    deadline: float
    """When it is given up, by the clock of the event loop."""

    def write(self, content: bytes) -> None:
        """Send bytes of an answer."""
        ...

    def send(self, answer: Answer, request_id: str, *, keep_alive: bool, bodiless: bool) -> None:
        """Send a whole answer of the guard's own."""
        ...

    def finished(self, *, keep_alive: bool) -> None:
        """Go on to the next request."""
        ...

    def cut(self) -> None:
        """Close, so that the client sees that the answer is not whole."""
        ...

    def expire(self) -> None:
        """Give up on a client that is too slow."""
        ...

    def close_if_idle(self) -> None:
        """Close, if no request is under way."""
        ...

    def abort(self) -> None:
        """Close at once."""
        ...


class Turn(Protocol):
    """One request and what answers it, as its connection sees them."""

    def start(self) -> None:
        """Begin; the answer may be there when this returns."""
        ...

    def pause(self) -> None:
        """Stop the answer: the client does not take it as fast as it comes."""
        ...

    def resume(self) -> None:
        """Let the answer go on."""
        ...

    def cancel(self) -> None:
        """Let go of a request whose client has left."""
        ...


BeginTurn = Callable[["ClientSide", "RequestHead", bytes], Turn]
"""Makes of a request, head and body, what answers it."""
