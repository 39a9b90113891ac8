"""Splits one big JSON array into its items without decoding or holding it.

Database dumps are often one array. Only strings and brackets matter to find where an item ends,
so one regular expression walks over both; each item is decoded later, like a line.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from cautery.ingest.lines import BLOCK_BYTES, BYTE_ORDER_MARK, KEPT_BYTES, Line, Readable

if TYPE_CHECKING:
    from collections.abc import Iterator

_TOKEN: Final = re.compile(rb'[{}\[\],]|"[^"\\]*+(?:\\.[^"\\]*+)*+("?)', re.DOTALL)
_STRING_REST: Final = re.compile(rb'[^"\\]*+(?:\\.[^"\\]*+)*+("?)', re.DOTALL)


def is_array(head: bytes) -> bool:
    """Tell whether a JSON log is one array rather than lines.

    Args:
        head: Its first bytes.

    Returns:
        Whether the first character is an opening bracket.

    Example:
        >>> is_array(b' [{"a": 1}]'), is_array(b'{"a": []}')
        (True, False)
    """
    return head.removeprefix(BYTE_ORDER_MARK).lstrip().startswith(b"[")


class _Splitter:
    """State of the walk: how deep, inside a string or not, and the item so far."""

    def __init__(self, longest_bytes: int) -> None:
        self._longest = longest_bytes
        self._depth = 0
        self._in_string = False
        self._pieces: list[bytes] = []
        self._size = 0
        self._line = 1
        self._item_line = 0
        self._carry = b""

    def feed(self, block: bytes) -> Iterator[Line]:
        block = self._carry + block
        self._carry = b""
        place = start = 0
        while place < len(block):
            pattern = _STRING_REST if self._in_string else _TOKEN
            match = pattern.match(block, place) if self._in_string else pattern.search(block, place)
            if match is None:
                break
            token = block[match.start() : match.start() + 1]
            place = match.end()
            if self._in_string or token == b'"':
                self._in_string = not match.group(1)
                if self._in_string:
                    break
            elif token in (b"{", b"["):
                self._depth += 1
                if self._depth == 1 and token == b"[":
                    self._add(block[start : place - 1])
                    start = self._advance(block, start, place)
                    yield from self._finish()
            elif token == b"," and self._depth == 1:
                self._add(block[start : place - 1])
                start = self._advance(block, start, place)
                yield from self._finish()
            elif token in (b"}", b"]"):
                self._depth -= 1
                if self._depth == 0:
                    self._add(block[start : place - 1])
                    start = self._advance(block, start, place)
                    yield from self._finish()
        self._keep(block, start)

    def end(self) -> Iterator[Line]:
        self._add(self._carry)
        yield from self._finish()

    def _keep(self, block: bytes, start: int) -> None:
        """Keep the unfinished rest; a backslash at the very end waits for what it escapes."""
        rest = block[start:]
        if self._in_string and rest.endswith(b"\\"):
            slashes = len(rest) - len(rest.rstrip(b"\\"))
            if slashes % 2:
                rest, self._carry = rest[:-1], b"\\"
        self._add(rest)
        self._line += rest.count(b"\n")

    def _advance(self, block: bytes, start: int, place: int) -> int:
        self._line += block.count(b"\n", start, place)
        return place

    def _add(self, piece: bytes) -> None:
        if not self._item_line and piece.strip():
            blank = len(piece) - len(piece.lstrip())
            self._item_line = self._line + piece.count(b"\n", 0, blank)
        self._size += len(piece)
        if self._size <= self._longest:
            self._pieces.append(piece)
        elif sum(map(len, self._pieces)) > KEPT_BYTES:
            self._pieces = [b"".join(self._pieces)[:KEPT_BYTES]]
        elif not self._pieces:
            self._pieces = [piece[:KEPT_BYTES]]

    def _finish(self) -> Iterator[Line]:
        text = b"".join(self._pieces).strip()
        too_long = self._size > self._longest
        line = self._item_line
        self._pieces, self._size, self._item_line = [], 0, 0
        if text:
            yield Line(line, text[:KEPT_BYTES] if too_long else text, too_long)


def array_items(stream: Readable, longest_bytes: int) -> Iterator[Line]:
    r"""Yield the items of a JSON array as bytes, with the line on which each begins.

    Args:
        stream: Decompressed bytes of one array.
        longest_bytes: Longest item that is kept whole.

    Yields:
        Items in order; what follows the array comes as one more item, which is not JSON.

    Example:
        >>> from io import BytesIO
        >>> [item.text for item in array_items(BytesIO(b'[{"a": ","},\n{"b": [1]}]'), 99)]
        [b'{"a": ","}', b'{"b": [1]}']
    """
    splitter = _Splitter(longest_bytes)
    head = stream.read(BLOCK_BYTES)
    block = head.removeprefix(BYTE_ORDER_MARK)
    while block:
        yield from splitter.feed(block)
        block = stream.read(BLOCK_BYTES)
    yield from splitter.end()
