"""Tests of splitting streams into bounded lines."""

from __future__ import annotations

import tracemalloc
from io import BytesIO

from hypothesis import given
from hypothesis import strategies as st

from cautery.ingest.lines import BLOCK_BYTES, bounded_lines


@given(lines=st.lists(st.binary(max_size=30).filter(lambda line: b"\n" not in line), max_size=20))
def test_lines_are_those_of_the_stream(lines: list[bytes]) -> None:
    """Every line that is not blank comes once, with its number."""
    # A byte-order mark before the first line is not part of it.
    data = b"\n" + b"\n".join(lines)
    expected = [(number, line) for number, line in enumerate(data.split(b"\n"), 1) if line.strip()]
    assert [(line.number, line.text) for line in bounded_lines(BytesIO(data), 100)] == expected
    every = list(bounded_lines(BytesIO(data + b"\n"), 100, keep_blank=True))
    assert [line.number for line in every] == list(range(1, len(lines or [b""]) + 2))


def test_byte_order_mark_is_dropped() -> None:
    """The mark that Windows tools write is not part of the first line."""
    assert next(bounded_lines(BytesIO(b"\xef\xbb\xbf{}"), 100)).text == b"{}"


def test_long_lines_across_blocks() -> None:
    """A line longer than several blocks is told once, cut, and the next one is whole."""
    data = b"x" * (3 * BLOCK_BYTES) + b"\nshort\n" + b"y" * (BLOCK_BYTES + 7)
    lines = list(bounded_lines(BytesIO(data), BLOCK_BYTES))
    assert [(line.number, line.too_long, len(line.text)) for line in lines] == [
        (1, True, 400),
        (2, False, 5),
        (3, True, 400),
    ]


class Endless:
    """A stream of one line without end, as from a decompression bomb, that stops after a while."""

    def __init__(self, blocks: int) -> None:
        self._blocks = blocks

    def read(self, size: int = -1, /) -> bytes:
        self._blocks -= 1
        return b"0" * size if self._blocks >= 0 else b""


def test_an_endless_line_takes_no_memory() -> None:
    """A gigabyte without a newline costs a few blocks of memory."""
    tracemalloc.start()
    lines = list(bounded_lines(Endless(1000), 2 * BLOCK_BYTES))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert [line.too_long for line in lines] == [True]
    assert peak < 12 * BLOCK_BYTES
