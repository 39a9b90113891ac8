"""Cuts a log into blocks of whole lines, so that each block can be read on its own."""

from __future__ import annotations

from io import BytesIO
from itertools import islice
from typing import TYPE_CHECKING, Final, NamedTuple

from cautery.ingest.lines import BLOCK_BYTES, BYTE_ORDER_MARK, Readable

if TYPE_CHECKING:
    from collections.abc import Iterator

LINE_BLOCK_BYTES: Final = 16 * 2**20
"""Bytes in one block, give or take one read and one line: some 5,000 exchanges with prompts, so
that what a batch costs by itself hardly counts, and a few of them fit into any memory."""
MOST_LINES: Final = 65_536
"""Lines in one block: it bounds what is kept of a block in which every line is bad."""


class LineBlock(NamedTuple):
    """Some whole lines of a log."""

    first_line: int
    """Number of the first of them; a log begins with 1."""
    text: bytes


def begins_with_object(head: bytes) -> bool:
    r"""Tell whether a log begins with a JSON object, so that it has to be JSON Lines.

    Args:
        head: Its first bytes.

    Returns:
        Whether the first character is an opening brace.

    Example:
        >>> begins_with_object(b'\n {"a": 1}'), begins_with_object(b'[{"a": 1}]')
        (True, False)
    """
    return head.removeprefix(BYTE_ORDER_MARK).lstrip().startswith(b"{")


def line_blocks(
    stream: Readable,
    longest_bytes: int,
    *,
    block_bytes: int = LINE_BLOCK_BYTES,
    most_lines: int = MOST_LINES,
) -> Iterator[LineBlock]:
    r"""Cut a stream into blocks; where is a matter of its bytes alone.

    A line that is too long keeps just enough of its beginning to be found too long again, so that
    memory is bounded by one block and the longest line.

    Args:
        stream: Decompressed bytes.
        longest_bytes: Longest line that is kept whole.
        block_bytes: Bytes from which a block is full.
        most_lines: Lines in a block at most.

    Yields:
        All lines, in order.

    Example:
        >>> list(line_blocks(BytesIO(b"a\nb\nc"), 9, block_bytes=1, most_lines=2))
        [LineBlock(first_line=1, text=b'a\nb\n'), LineBlock(first_line=3, text=b'c')]
    """
    first_line = 1
    pieces: list[bytes] = []
    size, skipping = 0, False
    while piece := stream.read(BLOCK_BYTES):
        if skipping:
            end = piece.find(b"\n")
            if end < 0:
                continue
            piece, skipping = piece[end:], False
        pieces.append(piece)
        size += len(piece)
        if size < block_bytes:
            continue
        text = b"".join(pieces)
        end = text.rfind(b"\n") + 1
        for block in _cut(text[:end], first_line, most_lines):
            yield block.block
            first_line = block.next_line
        rest = text[end:]
        if len(rest) > longest_bytes:
            rest, skipping = rest[: longest_bytes + 1], True
        pieces, size = [rest], len(rest)
    for block in _cut(b"".join(pieces), first_line, most_lines):
        yield block.block


class _Cut(NamedTuple):
    block: LineBlock
    next_line: int


def _cut(text: bytes, first_line: int, most_lines: int) -> Iterator[_Cut]:
    lines, start = BytesIO(text), 0
    while count := sum(1 for _ in islice(lines, most_lines)):
        block = LineBlock(first_line, text[start : lines.tell()])
        first_line += count
        yield _Cut(block, first_line)
        start = lines.tell()
