"""A client's connection, as the parts that answer on it see it."""

from __future__ import annotations

from typing import Protocol

from cautery.guard.answers import Answer


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
