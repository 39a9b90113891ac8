"""Requests that come in one piece are those that the buffer would have given."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cautery.guard.proxying.chunked_body import BadChunkError, BodyTooLargeError
from cautery.guard.proxying.request_head import BadHeadError
from cautery.guard.proxying.request_reader import RequestReader
from cautery.guard.proxying.settings import Limits

LIMITS = Limits(head_bytes=200, body_bytes=50)


def post(body: bytes, *lines: bytes, length: bytes = b"") -> bytes:
    written = length or b"%d" % len(body)
    head = [b"POST /v1/a HTTP/1.1", b"Host: a", b"Content-Length: " + written, *lines]
    return b"\r\n".join(head) + b"\r\n\r\n" + body


PIECES = st.sampled_from(
    [
        post(b"{}"),
        post(b"[1, 2]"),
        post(b""),
        post(b"x" * 50),
        post(b"x" * 51),
        post(b"{}", b"X-A: 1"),
        post(b"{}", b"Content-Length: 2"),
        post(b"{}", b"Transfer-Encoding: chunked"),
        post(b"{}", b"X: " + b"a" * 300),
        post(b"{}", length=b"+2"),
        post(b"{}", length=b"0002"),
        post(b"{}", length=b"2 "),
        post(b"{}", length=b"2, 2"),
        post(b"{}", length=b"1" * 16),
        post(b"{}", length=b"1"),
        post(b"{}", length=b"3"),
        post(b"{}") + post(b"[]"),
        post(b"{}")[:20],
        post(b"{}")[20:],
        post(b"{}").replace(b"Host: a", b"Host: b"),
        post(b"{}").replace(b"\r\n", b"\n"),
        b"GET /v1/models HTTP/1.1\r\nHost: a\r\n\r\n",
    ]
)


def read_all(pieces: list[bytes], *, at_once: bool) -> list[Any]:
    """Read as a connection does; give the requests, and the refusal that ended it."""
    reader = RequestReader()
    found: list[Any] = []
    try:
        for piece in pieces:
            if at_once and reader.is_empty:
                whole = reader.read_whole(piece, LIMITS)
                if whole is not None:
                    found.append(shown(whole))
                    continue
            reader.buffer += piece
            while not reader.is_empty and (request := reader.read(LIMITS)) is not None:
                found.append(shown(request))
    except BadHeadError as error:
        found.append(error.refusal)
    except (BadChunkError, BodyTooLargeError) as error:
        found.append(type(error).__name__)
    return [found, bytes(reader.buffer)]


def shown(request: tuple[Any, bytes]) -> tuple[Any, ...]:
    """Show all of a request but the length, which heads share with the first of their kind."""
    head, body = request
    headers = [pair for pair in head.headers if pair[0] != b"content-length"]
    return head.method, head.target, headers, head.chunked, head.header_order, body


@settings(max_examples=300)
@given(st.lists(PIECES, min_size=1, max_size=6), st.integers(0, 70), st.binary(max_size=2))
def test_one_piece_reads_as_the_buffer_does(pieces: list[bytes], place: int, other: bytes) -> None:
    """Whatever comes, in any order: the same requests, the same refusals, the same rest."""
    last = pieces[-1]
    changed = last[:place] + other + last[place + len(other) :]
    pieces = [*pieces, changed, last]
    assert read_all(pieces, at_once=True) == read_all(pieces, at_once=False)


@pytest.mark.parametrize("length", [0, 2, 50])
def test_a_request_under_a_known_head_is_taken_whole(length: int) -> None:
    """It shares its head with the one before, and has a body of its own."""
    reader = RequestReader()
    reader.buffer += post(b"{}")
    first = reader.read(LIMITS)
    again = reader.read_whole(post(b"x" * length), LIMITS)
    assert first is not None
    assert again is not None
    assert again[0] is first[0]
    assert again[1] == b"x" * length


@pytest.mark.parametrize(
    "content",
    [post(b"x" * 51), post(b"{}") + b"G", post(b"{}")[:-1], post(b"{}", b"X: y"), b""],
    ids=["too large", "more", "less", "another head", "nothing"],
)
def test_anything_else_goes_through_the_buffer(content: bytes) -> None:
    """Which refuses it, waits for the rest of it, or takes one request after the other."""
    reader = RequestReader()
    reader.buffer += post(b"{}")
    reader.read(LIMITS)
    assert reader.read_whole(content, LIMITS) is None
