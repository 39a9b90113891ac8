"""Bodies in chunks, as they arrive."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cautery.guard.proxying.chunked_body import (
    MOST_CHUNKS,
    BadChunkError,
    BodyTooLargeError,
    ChunkedBody,
)


def in_chunks(parts: list[bytes]) -> bytes:
    return b"".join(b"%x\r\n%b\r\n" % (len(part), part) for part in parts) + b"0\r\n\r\n"


@given(st.lists(st.binary(min_size=1, max_size=20), max_size=8), st.data())
def test_arrives_in_any_pieces(parts: list[bytes], data: st.DataObject) -> None:
    """However the network cuts it, the body is the same, and what follows is left alone."""
    wire = in_chunks(parts) + b"GET / HTTP"
    body, buffer, done = ChunkedBody(1000), bytearray(), False
    while wire:
        size = data.draw(st.integers(1, max(1, len(wire))))
        buffer += wire[:size]
        wire = wire[size:]
        done = done or body.feed(buffer)
    assert done
    assert body.content() == b"".join(parts)
    assert buffer == b"GET / HTTP"


@pytest.mark.parametrize(
    "wire",
    [
        b"5;a=b\r\nhello\r\n0\r\n\r\n",
        b"5\nhello\r\n0\r\n\r\n",
        b"5\r\nhello\n0\r\n\r\n",
        b"5\r\nhelloX\r\n0\r\n\r\n",
        b" 5\r\nhello\r\n",
        b"+5\r\nhello\r\n",
        b"0x5\r\nhello\r\n",
        b"-1\r\n",
        b"g\r\n",
        b"\r\n",
        b"000000005\r\nhello\r\n",
        b"FFFFFFFFF\r\n",
        b"0\r\nTrailer: x\r\n\r\n",
        b"0\r\n\n",
        b"5 \r\nhello\r\n",
    ],
)
def test_refuses(wire: bytes) -> None:
    """Extensions, trailers, bare line feeds and sizes that are none are refused."""
    with pytest.raises(BadChunkError):
        ChunkedBody(1000).feed(bytearray(wire))


@pytest.mark.parametrize("cut", range(1, 12))
def test_refuses_whatever_the_pieces(cut: int) -> None:
    """A bad chunk is refused also if it comes byte by byte."""
    wire, body, buffer = b"5\r\nhelloX\r\n0\r\n\r\n", ChunkedBody(1000), bytearray()

    def arrive() -> None:
        for start in range(0, len(wire), cut):
            buffer.extend(wire[start : start + cut])
            body.feed(buffer)

    with pytest.raises(BadChunkError):
        arrive()


def test_is_bounded() -> None:
    """Neither a large body nor very many chunks are taken."""
    with pytest.raises(BodyTooLargeError):
        ChunkedBody(10).feed(bytearray(b"b\r\n"))
    with pytest.raises(BadChunkError):
        ChunkedBody(10**9).feed(bytearray(b"1\r\na\r\n" * (MOST_CHUNKS + 1)))
