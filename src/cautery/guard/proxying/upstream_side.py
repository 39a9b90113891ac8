"""A connection to the model server, as the parts around it see it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Literal, Protocol

if TYPE_CHECKING:
    from cautery.guard.proxying.answer_heads import AnswerHead

Failure = Literal[
    "refused",
    "connect_timeout",
    "no_connection_free",
    "answer_timeout",
    "silence_timeout",
    "closed",
    "not_http",
    "undegradable",
    "answer_too_large",
]
"""How a request failed at the server."""
NEVER: Final = float("inf")
"""When what has no deadline ends."""


class UpstreamSide(Protocol):
    """What an answer's receiver needs of the connection that it comes on."""

    def send(self, receiver: Receiver, payload: bytes, *, is_head: bool) -> None:
        """Send a request."""
        ...

    def pause(self) -> None:
        """Read no more until the client has taken what it was sent."""
        ...

    def resume(self) -> None:
        """Read on."""
        ...

    def abort(self) -> None:
        """Let go of a request whose answer nobody wants."""
        ...


class Receiver(Protocol):
    """Who waits for an answer."""

    @property
    def wants_answer(self) -> bool:
        """Whether it still waits."""
        ...

    def take_connection(self, connection: UpstreamSide) -> None:
        """Get a connection, to send the request on it."""
        ...

    def take_head(self, head: AnswerHead, length: int | None) -> None:
        """Get the head of the answer; the length is None if only its end tells."""
        ...

    def take_body(self, piece: bytes) -> None:
        """Get a piece of the body."""
        ...

    def flush(self) -> None:
        """Pass on what came in one piece of the network."""
        ...

    def take_end(self) -> None:
        """Learn that the answer is whole; the connection is no longer its own."""
        ...

    def take_failure(self, failure: Failure, *, again: bool) -> None:
        """Learn that there will be no (whole) answer, and whether it may be asked for again."""
        ...
