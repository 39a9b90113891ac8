"""Heads of the server's answers, most of which differ from the last one in their length only.

A server sends the same head with every answer of a connection but for ``content-length``, and for
the date once a second. What the parser read out of it before, it would read out of the same bytes
again. So an answer that comes whole in one piece under a head that is known, to the byte, is not
given to the parser at all. Every other answer is.
"""

from __future__ import annotations

import re
from typing import Final

import msgspec

_LENGTH: Final = re.compile(rb"\r\ncontent-length:[ \t]*([0-9]{1,15})[ \t]*\r\n", re.IGNORECASE)
_MOST_DIGITS: Final = 15
_MOST_BYTES: Final = 8 * 1024
"""Of a head that is remembered."""
_TRIED: Final = 8
"""Heads that were no use before only every so manieth is remembered."""


class AnswerHead(msgspec.Struct, kw_only=True):
    """What the head of an answer says; shared by answers that differ in their length only."""

    status_code: int
    """The server's."""
    headers: list[tuple[bytes, bytes]]
    """Names in lower case and values; the length is that of the first of its kind."""
    is_stream: bool = False
    """Whether the body is one of server-sent events."""
    encoding: bytes = b""
    """Of the body, in lower case; empty if it does not say."""
    returned_lines: bytes = b""
    """What goes on to the client of it, once that was written (``header_rules``)."""


class KnownHead:
    r"""The head of the last answer of a connection.

    Example:
        >>> known = KnownHead()
        >>> first = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}"
        >>> known.learn(first, AnswerHead(status_code=200, headers=[(b"content-length", b"2")]))
        >>> known.begins(b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n"), known.length
        (39, 10)
        >>> known.begins(b"HTTP/1.1 404 No\r\nContent-Length: 10\r\n\r\n")
        0
    """

    __slots__ = ("_after", "_before", "_useless", "head", "length")

    def __init__(self) -> None:
        # What stands before the length and after it, blanks and ends of lines included.
        self._before = self._after = b""
        self._useless = 0
        self.head: AnswerHead | None = None
        """The head; None if none is known."""
        self.length = 0
        """Bytes of the body of the head that ``begins`` recognised last."""

    def begins(self, content: bytes) -> int:
        """Say whether bytes begin with a head that differs from the known one in its length only.

        Args:
            content: As it came from the network.

        Returns:
            Bytes of that head; 0 if it may be another one.
        """
        before = self._before
        if self.head is None or not content.startswith(before):
            return 0
        begin = len(before)
        end = content.find(self._after[:1], begin, begin + _MOST_DIGITS + 1)
        digits = content[begin:end]
        if end < 0 or not digits.isdigit() or not content.startswith(self._after, end):
            return 0
        self.length = int(digits)
        self._useless = 0
        return end + len(self._after)

    def learn(self, content: bytes, head: AnswerHead) -> None:
        """Remember a head.

        Args:
            content: A whole answer that the parser has read: with a length, on a connection that
                stays.
            head: What it read.
        """
        self._useless += 1
        if self._useless > _TRIED and self._useless % _TRIED:
            return
        self.head = None
        end = content.find(b"\r\n\r\n", 0, _MOST_BYTES)
        match = _LENGTH.search(content, 0, end + 2)
        if end < 0 or match is None or content[9:12] != b"%d" % head.status_code:
            return
        if int(match[1]) != len(content) - end - 4:
            # Something else came before the answer.
            return
        self._before, self._after = content[: match.start(1)], content[match.end(1) : end + 4]
        self.head = head
