"""Tests of cutting logs into blocks of whole lines."""

from __future__ import annotations

from io import BytesIO

from hypothesis import given
from hypothesis import strategies as st

from cautery.ingest.line_blocks import line_blocks
from cautery.ingest.lines import KEPT_BYTES, Line, bounded_lines

LONGEST = 600


class Trickle:
    """A stream that gives a few bytes at a time."""

    def __init__(self, data: bytes, step: int) -> None:
        self._data = BytesIO(data)
        self._step = step

    def read(self, size: int = -1, /) -> bytes:
        return self._data.read(self._step)


def lines_in_blocks(data: bytes, step: int, block_bytes: int, most_lines: int) -> list[Line]:
    blocks = line_blocks(
        Trickle(data, step), LONGEST, block_bytes=block_bytes, most_lines=most_lines
    )
    return [
        line
        for block in blocks
        for line in bounded_lines(BytesIO(block.text), LONGEST, first_number=block.first_line)
    ]


PIECES = st.sampled_from(
    [b"a", b"\n", b"{}\n", b"\n\n", b" ", b"x" * 300, b"y" * 700, b"\xef\xbb\xbf", b"\r\n"]
)


@given(st.lists(PIECES).map(b"".join), st.integers(1, 900), st.integers(1, 900), st.integers(1, 5))
def test_blocks_hold_the_lines_of_the_log(
    data: bytes, step: int, block_bytes: int, most_lines: int
) -> None:
    """Whatever the blocks, their lines and numbers are those of the log read in one piece."""
    whole = list(bounded_lines(BytesIO(data), LONGEST))
    assert lines_in_blocks(data, step, block_bytes, most_lines) == whole


def test_an_endless_line_takes_no_memory() -> None:
    """Of a line that never ends just enough is kept to be found too long."""
    data = b"a\n" + b"x" * 50_000 + b"\nb\n"
    blocks = list(line_blocks(Trickle(data, 100), LONGEST, block_bytes=400))
    assert max(len(block.text) for block in blocks) < 2 * LONGEST
    assert lines_in_blocks(data, 100, 400, 9) == [
        Line(1, b"a", too_long=False),
        Line(2, b"x" * KEPT_BYTES, too_long=True),
        Line(3, b"b", too_long=False),
    ]
