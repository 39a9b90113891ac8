"""Takes one request after the other out of the bytes of a connection, as they arrive."""

from __future__ import annotations

from typing import Final

from cautery.guard.proxying.chunked_body import BodyTooLargeError, ChunkedBody
from cautery.guard.proxying.request_head import BadHeadError, HeadReader, RequestHead
from cautery.guard.proxying.settings import Limits

_HEAD_END: Final = b"\r\n\r\n"
_FIRST_LETTER, _LAST_LETTER = ord("A"), ord("Z")


class RequestReader:
    r"""The bytes of a connection that are not yet a request.

    Example:
        >>> reader = RequestReader()
        >>> reader.buffer += b"POST /v1/a HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\n{"
        >>> reader.read(Limits()) is None, reader.waits_for_body
        (True, True)
        >>> reader.buffer += b"}GET"
        >>> reader.read(Limits())[1], bytes(reader.buffer)
        (b'{}', b'GET')
    """

    __slots__ = ("_chunks", "_heads", "_length", "_searched", "buffer", "head")

    def __init__(self) -> None:
        self.buffer = bytearray()
        """Bytes as they came; whoever reads the connection appends to it."""
        self.head: RequestHead | None = None
        """Of the request whose body is waited for."""
        self._heads = HeadReader()
        self._chunks: ChunkedBody | None = None
        self._length = 0
        self._searched = 0

    @property
    def is_empty(self) -> bool:
        """Whether no request has begun."""
        return self.head is None and not self.buffer

    @property
    def waits_for_body(self) -> bool:
        """Whether a head is read and its body is not whole."""
        return self.head is not None

    @property
    def held_bytes(self) -> int:
        """Bytes of a request that is not whole."""
        return len(self.buffer) + (0 if self._chunks is None else len(self._chunks))

    def read(self, limits: Limits) -> tuple[RequestHead, bytes] | None:
        """Take a request off the buffer.

        Args:
            limits: Of head and body.

        Returns:
            Head and body, None if it is not whole.

        Raises:
            BadHeadError: The head is refused.
            BadChunkError: The body in chunks is.
            BodyTooLargeError: The body is too large, or says that it will be.
        """
        if self.head is None and not self._take_head(limits):
            return None
        head, body = self.head, self._take_body()
        if head is None or body is None:
            return None
        self.head = self._chunks = None
        return head, body

    def read_whole(self, content: bytes, limits: Limits) -> tuple[RequestHead, bytes] | None:
        """Take a request that came in one piece, under a head like the one before; most do.

        Args:
            content: All that came; nothing waits before it.
            limits: Of head and body.

        Returns:
            Head and body; None if it has to be read in the buffer, which may refuse it.
        """
        heads = self._heads
        end, head = heads.begins(content), heads.last
        length = heads.length
        if head is None or not end or end + length != len(content):
            return None
        if end > limits.head_bytes or length > limits.body_bytes:
            return None
        return head, content[end:]

    def clear(self) -> None:
        """Forget everything: nothing more is read of this connection."""
        self.buffer.clear()
        self.head = self._chunks = None

    def _take_head(self, limits: Limits) -> bool:
        buffer = self.buffer
        end = buffer.find(_HEAD_END, self._searched)
        if end < 0 or end > limits.head_bytes:
            if len(buffer) > limits.head_bytes:
                raise BadHeadError("head_too_large", "no end of the head")
            if not _FIRST_LETTER <= buffer[0] <= _LAST_LETTER:
                raise BadHeadError("bad_request", "no method")
            self._searched = max(0, len(buffer) - len(_HEAD_END) + 1)
            return False
        content = bytes(buffer[: end + len(_HEAD_END)])
        del buffer[: end + len(_HEAD_END)]
        self._searched = 0
        head = self._heads.read(content)
        self._length = self._heads.length
        if self._length > limits.body_bytes:
            raise BodyTooLargeError
        if head.chunked:
            self._chunks = ChunkedBody(limits.body_bytes)
        self.head = head
        return True

    def _take_body(self) -> bytes | None:
        buffer = self.buffer
        if self._chunks is not None:
            return self._chunks.content() if self._chunks.feed(buffer) else None
        length = self._length
        if len(buffer) < length:
            return None
        body = bytes(buffer[:length])
        del buffer[:length]
        return body
