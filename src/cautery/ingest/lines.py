"""Splits a stream into lines of bounded length, whatever the stream holds."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple, Protocol

if TYPE_CHECKING:
    from collections.abc import Iterator

BLOCK_BYTES: Final = 2**20
"""Bytes read at once."""
KEPT_BYTES: Final = 400
"""How much is kept of a line that is too long: enough to show where it stands."""


BYTE_ORDER_MARK: Final = b"\xef\xbb\xbf"
"""Windows tools put it before UTF-8 text."""


class Readable(Protocol):
    """The one thing that is needed of a stream."""

    def read(self, size: int = -1, /) -> bytes:
        """Read some bytes; none at the end."""
        ...


class Line(NamedTuple):
    """One line of a log."""

    number: int
    """The first line is 1."""
    text: bytes
    """The line without its end; only the beginning if it is too long."""
    too_long: bool


def bounded_lines(
    stream: Readable, longest_bytes: int, *, keep_blank: bool = False, first_number: int = 1
) -> Iterator[Line]:
    r"""Yield the lines of a stream that are not blank.

    Memory is bounded by one block and the longest line, even if the stream is one endless line,
    as a decompression bomb may be.

    Args:
        stream: Decompressed bytes.
        longest_bytes: Longest line that is kept whole.
        keep_blank: Yield blank lines too, which matter inside quotes.
        first_number: Number of the stream's first line, above one inside a log.

    Yields:
        Lines in order.

    Example:
        >>> from io import BytesIO
        >>> [line.text for line in bounded_lines(BytesIO(b"a\n\n" + b"b" * 500), 450)][0]
        b'a'
    """
    number = first_number - 1
    carry = b""
    first = first_number == 1
    overlong = False
    while block := stream.read(BLOCK_BYTES):
        if first:
            block, first = block.removeprefix(BYTE_ORDER_MARK), False
        start = 0
        # Faster than split, which looks at every byte in a loop of its own.
        while (end := block.find(b"\n", start)) >= 0:
            text = carry + block[start:end] if carry else block[start:end]
            carry, start = b"", end + 1
            number += 1
            if overlong:
                overlong = False
            elif len(text) > longest_bytes:
                yield Line(number, text[:KEPT_BYTES], too_long=True)
            elif keep_blank or (text and not text.isspace()):
                yield Line(number, text, too_long=False)
        if overlong:
            continue
        carry += block[start:]
        if len(carry) > longest_bytes:
            yield Line(number + 1, carry[:KEPT_BYTES], too_long=True)
            carry, overlong = b"", True
    if carry and (keep_blank or not carry.isspace()):
        yield Line(number + 1, carry, too_long=False)
