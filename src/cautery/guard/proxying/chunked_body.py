r"""A request's body in chunks (RFC 9112, section 7.1), without the parts that parsers differ in.

Chunk extensions and trailers are refused: no client library of a model API sends them, and they
are where desynchronising requests were hidden (a line feed inside an extension, CVE-2025-55315).
"""

from __future__ import annotations

import re
from typing import Final

_SIZE_LINE: Final = re.compile(rb"([0-9A-Fa-f]{1,8})\r\n")
_SIZE_LINE_BYTES: Final = 10
_LINE_END: Final = b"\r\n"
MOST_CHUNKS: Final = 16_384
"""Of one body: a chunk a byte would cost more time than the whole request is worth."""


class BadChunkError(ValueError):
    """A chunk that is refused."""


class BodyTooLargeError(ValueError):
    """More than the limit."""


class ChunkedBody:
    """Takes a body out of a connection's bytes as they arrive.

    Args:
        most_bytes: Of the whole body.
    """

    __slots__ = ("_chunks", "_content", "_is_last", "_left", "_most_bytes")

    def __init__(self, most_bytes: int) -> None:
        self._most_bytes = most_bytes
        self._content = bytearray()
        self._left = 0
        self._is_last = False
        self._chunks = 0

    def feed(self, buffer: bytearray) -> bool:
        """Take what belongs to the body off the front of a buffer.

        Args:
            buffer: Bytes of the connection; what follows the body stays in it.

        Returns:
            Whether the body is whole.

        Raises:
            BadChunkError: They are no chunks, or there are too many.
            BodyTooLargeError: It grows past the limit.
        """
        while True:
            if self._left == 0:
                if self._is_last:
                    return self._take_line_end(buffer)
                size = self._take_size(buffer)
                if size is None:
                    return False
                self._is_last = size == 0
                self._left = size + len(_LINE_END) if size else 0
            elif not self._take_content(buffer):
                return False

    def _take_size(self, buffer: bytearray) -> int | None:
        match = _SIZE_LINE.match(buffer)
        if match is None:
            if len(buffer) >= _SIZE_LINE_BYTES or not _may_become_size(buffer):
                raise BadChunkError("a chunk's size is not one")
            return None
        size = int(match[1], 16)
        # The match holds on to the buffer, which cannot shrink before it is gone.
        end = match.end()
        del match
        del buffer[:end]
        self._chunks += 1
        if self._chunks > MOST_CHUNKS:
            raise BadChunkError("too many chunks")
        if len(self._content) + size > self._most_bytes:
            raise BodyTooLargeError
        return size

    def _take_content(self, buffer: bytearray) -> bool:
        """Take what there is of a chunk, and the end of its line; say whether all of it came."""
        part = min(len(buffer), self._left - len(_LINE_END))
        if part > 0:
            self._content += buffer[:part]
            del buffer[:part]
            self._left -= part
        if self._left > len(_LINE_END) or not self._take_line_end(buffer):
            return False
        self._left = 0
        return True

    def _take_line_end(self, buffer: bytearray) -> bool:
        if not _LINE_END.startswith(buffer[: len(_LINE_END)]):
            raise BadChunkError("no end of line where the size says, or trailers")
        if len(buffer) < len(_LINE_END):
            return False
        del buffer[: len(_LINE_END)]
        return True

    def __len__(self) -> int:
        """Count the bytes taken so far."""
        return len(self._content)

    def content(self) -> bytes:
        """Give the body, once it is whole."""
        return bytes(self._content)


_SIZE_START: Final = re.compile(rb"[0-9A-Fa-f]{0,8}\r?")


def _may_become_size(buffer: bytearray) -> bool:
    return _SIZE_START.fullmatch(buffer) is not None
