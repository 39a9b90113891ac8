"""Server-sent events (WHATWG HTML, section 9.2), cut out of a stream as it arrives."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

_END: Final = re.compile(rb"(?>\r\n|\n|\r){2}")
_LINE_END: Final = re.compile(rb"\r\n|\n|\r")
MOST_EVENT_BYTES: Final = 4 * 2**20
"""Of one event; the largest carries a whole answer at the end of a stream."""


class EventTooLongError(ValueError):
    """An event that does not end."""


class EventSplitter:
    r"""Cuts a stream into events.

    Example:
        >>> splitter = EventSplitter()
        >>> list(splitter.feed(b"data: 1\n\nda")), list(splitter.feed(b"ta: 2\n\n"))
        ([b'data: 1\n\n'], [b'data: 2\n\n'])
    """

    __slots__ = ("_rest",)

    def __init__(self) -> None:
        self._rest = b""

    def feed(self, piece: bytes) -> Iterator[bytes]:
        """Take a piece of the stream, and give the events that are whole now.

        Args:
            piece: Bytes in the order of the stream.

        Yields:
            Each event with the empty line that ends it, byte for byte.

        Raises:
            EventTooLongError: An event grows past the bound.
        """
        content = self._rest + piece if self._rest else piece
        start = 0
        for match in _END.finditer(content):
            yield content[start : match.end()]
            start = match.end()
        self._rest = content[start:]
        if len(self._rest) > MOST_EVENT_BYTES:
            raise EventTooLongError

    def rest(self) -> bytes:
        """Give what came after the last whole event."""
        return self._rest


def data_of(event: bytes) -> bytes:
    r"""Take the data out of an event.

    Example:
        >>> data_of(b'event: ping\ndata: {"a":\ndata:1}\n\n')
        b'{"a":\n1}'
    """
    if event.startswith(b"data: ") and event.count(b"\n") == 2 and b"\r" not in event:
        return event[6:-2]
    lines = [line[5:] for line in _LINE_END.split(event) if line.startswith(b"data:")]
    return b"\n".join(line.removeprefix(b" ") for line in lines)


def with_data(event: bytes, data: bytes) -> bytes:
    r"""Put other data into an event, and keep its name and its id.

    Args:
        event: As it came.
        data: On one line.

    Returns:
        The event.

    Example:
        >>> with_data(b"event: a\ndata: 1\n\n", b"2")
        b'event: a\ndata: 2\n\n'
    """
    kept = [line for line in _LINE_END.split(event) if line and not line.startswith(b"data:")]
    return b"\n".join([*kept, b"data: " + data]) + b"\n\n"
