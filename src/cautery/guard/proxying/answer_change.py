"""Does to one answer on its way what a decision says, streamed or whole.

What does that is imported with the first answer to which something is done.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from cautery.guard.degrading.undegradable import UndegradableError

if TYPE_CHECKING:
    from cautery.guard.degrading.plans import Degrading
    from cautery.guard.degrading.stream import StreamDegrader


class AnswerTooLargeError(UndegradableError):
    """An answer that would have to be held whole, and is longer than may be held."""


class AnswerChange:
    """Changes one answer.

    Args:
        degrading: What is done.
        streamed: Whether it comes as server-sent events, each of which goes on by itself; any other
            answer is held until its end.
        most_bytes: Of an answer that is held.

    Example:
        >>> from cautery.guard.degrading.plans import Degrading
        >>> change = AnswerChange(Degrading(["drop_logprobs"]), streamed=False, most_bytes=100)
        >>> change.feed(b'{"choices":[{"logprobs"'), change.feed(b':{}}]}')
        (b'', b'')
        >>> change.finish()
        b'{"choices":[{"logprobs":null}]}'
    """

    __slots__ = ("_degrader", "_degrading", "_held", "_held_bytes", "_most")

    def __init__(self, degrading: Degrading, *, streamed: bool, most_bytes: int) -> None:
        self._degrading = degrading
        self._most = most_bytes
        self._held: list[bytes] = []
        self._held_bytes = 0
        self._degrader: StreamDegrader | None = None
        if streamed:
            from cautery.guard.degrading.stream import StreamDegrader

            self._degrader = StreamDegrader(degrading)

    @property
    def holds(self) -> bool:
        """Whether nothing goes on before the answer's end, so that its head has to wait as well."""
        return self._degrader is None

    def feed(self, piece: bytes) -> bytes:
        """Take a piece of the body, and give what the client may have now.

        Raises:
            UndegradableError: An event is not JSON, or does not end.
            AnswerTooLargeError: More would have to be held than may be.
        """
        if self._degrader is not None:
            return self._degrader.feed(piece)
        self._held.append(piece)
        self._held_bytes += len(piece)
        if self._held_bytes > self._most:
            raise AnswerTooLargeError("the answer is too large to be changed")
        return b""

    def finish(self) -> bytes:
        """Give the rest now that the answer has ended.

        Raises:
            UndegradableError: It is not what it says, so nobody knows what it holds.
        """
        if self._degrader is not None:
            return self._degrader.finish()
        content = b"".join(self._held)
        if not content:
            return b""
        from cautery.guard.degrading.whole import degrade_answer

        return degrade_answer(content, self._degrading)
