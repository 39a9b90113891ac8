"""Heads of answers that are known are read as the parser read them, and no others are."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.guard.proxying.proxies import ANSWER, Asked, body_of, ok, request, running, status_of

from cautery.guard.proxying.answer_heads import AnswerHead, KnownHead
from cautery.guard.proxying.upstream_connection import UpstreamConnection

HEAD = b"HTTP/1.1 200 OK\r\nDate: %b\r\nContent-Length:  %d\r\nX-Kept: a\r\n\r\n"
NOON, LATER = b"Sun, 29 Nov 2026 12:00:00 GMT", b"Sun, 29 Nov 2026 12:00:01 GMT"


def answer(body: bytes, date: bytes = NOON) -> bytes:
    return HEAD % (date, len(body)) + body


def learned(content: bytes = answer(b"{}"), status_code: int = 200) -> KnownHead:
    known = KnownHead()
    known.learn(content, AnswerHead(status_code=status_code, headers=[]))
    return known


@pytest.mark.parametrize("body", [b"", b"{}", b"x" * 100_000])
def test_another_length_is_the_same_head(body: bytes) -> None:
    """The body begins where it does, and is as long as it says."""
    known, content = learned(), answer(body)
    assert content[known.begins(content) :] == body
    assert known.length == len(body)


@pytest.mark.parametrize(
    "content",
    [
        answer(b"{}", LATER),
        answer(b"{}").replace(b"200 OK", b"500 No"),
        answer(b"{}").replace(b"X-Kept: a", b"X-Kept: b"),
        answer(b"{}").replace(b"  2\r\n", b"  -2\r\n"),
        answer(b"{}").replace(b"  2\r\n", b"  \r\n"),
        answer(b"{}").replace(b"  2\r\n", b"  2 \r\n"),
        answer(b"{}").replace(b"  2\r\n", b"  2, 2\r\n"),
        answer(b"{}").replace(b"  2\r\n", b"  " + b"1" * 16 + b"\r\n"),
        answer(b"{}").replace(b"  2\r\n", "  \u0662\r\n".encode()),
        answer(b"{}").replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n"),
        answer(b"{}")[:40],
        answer(b"{}")[:75],
        b"",
    ],
)
def test_anything_else_is_another_head(content: bytes) -> None:
    """It goes to the parser."""
    assert learned().begins(content) == 0


@pytest.mark.parametrize(
    ("content", "status_code"),
    [
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n", 200),
        (b"HTTP/1.1 100 Continue\r\n\r\n" + answer(b"{}"), 200),
        (b"HTTP/1.1 103 Early Hints\r\nContent-Length: 2\r\n\r\n{}", 200),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}{}", 200),
        (b"HTTP/1.1 304 Not Modified\r\nContent-Length: 2\r\n\r\n", 304),
        (b"HTTP/1.1 200 OK\r\nX: " + b"a" * 9_000 + b"\r\nContent-Length: 2\r\n\r\n{}", 200),
    ],
    ids=["chunks", "a word before", "hints with a length", "too much", "no body", "a long head"],
)
def test_what_is_not_plain_is_not_remembered(content: bytes, status_code: int) -> None:
    """Nothing is known after it, not even what was known before."""
    known = learned()
    known.learn(content, AnswerHead(status_code=status_code, headers=[]))
    assert known.head is None
    assert known.begins(content) == 0


def test_heads_that_never_come_again_are_seldom_remembered() -> None:
    """A server that writes another identifier into each head costs little more than before."""
    known = KnownHead()
    remembered = set()
    for number in range(100):
        content = answer(b"{}", b"%d" % number)
        known.learn(content, AnswerHead(status_code=200, headers=[]))
        remembered.add(known.begins(content) > 0)
        known._useless = max(known._useless, number)
    assert remembered == {True, False}


class Told:
    """Keeps what it is told of an answer."""

    wants_answer = True

    def __init__(self) -> None:
        self.told: list[Any] = []

    def take_head(self, head: AnswerHead, length: int | None) -> None:
        plain = [pair for pair in head.headers if pair[0] != b"content-length"]
        self.told.append((head.status_code, plain, head.is_stream, head.encoding, length))

    def take_body(self, piece: bytes) -> None:
        self.told.append(piece)

    def take_end(self) -> None:
        self.told.append("end")

    def take_failure(self, failure: str, *, again: bool) -> None:
        self.told.append((failure, again))

    def take_connection(self, connection: object) -> None:
        """Nothing is asked of it."""

    def flush(self) -> None:
        """Nothing is held back."""


class Pooled:
    """Stands in for the pool, the network and the clock."""

    def __init__(self) -> None:
        self.settings: Any = self
        self.writes: Any = self
        self.answer_seconds = self.silence_seconds = 1.0
        self.closed = False

    def now(self) -> float:
        return 0.0

    def write(self, transport: object, content: bytes) -> None:
        """What is asked does not matter."""

    def release(self, connection: object) -> None:
        """There is one connection."""

    discard = forget = release

    def is_closing(self) -> bool:
        return self.closed

    def abort(self) -> None:
        self.closed = True


def told_of(answers: list[bytes], *, knows: bool) -> list[Any]:
    """Answer requests on one connection, each in one piece, and say what its receivers heard."""
    pool: Any = Pooled()
    connection = UpstreamConnection(pool)
    connection.connection_made(pool)
    heard = []
    for content in answers:
        receiver: Any = Told()
        connection.send(receiver, b"", is_head=False)
        if not knows:
            connection._known = KnownHead()
        connection.data_received(content)
        heard.append((receiver.told, pool.closed))
        if pool.closed or connection.is_busy:
            break
    return heard


ANSWERS = st.sampled_from(
    [
        answer(b"{}"),
        answer(b"[1,2,3]"),
        answer(b""),
        answer(b"{}", LATER),
        answer(b"{}") + b"x",
        answer(b"{}")[:-1],
        answer(b"{}").replace(b"200 OK", b"404 No"),
        answer(b"{}").replace(b"X-Kept: a", b"Content-Type: text/event-stream"),
        answer(b"{}").replace(b"X-Kept: a", b"Connection: close"),
        answer(b"{}").replace(b"X-Kept: a", b"Content-Encoding: gzip"),
        answer(b"{}").replace(b"X-Kept: a", b"Content-Length: 2"),
        b"HTTP/1.1 100 Continue\r\n\r\n" + answer(b"{}"),
        b"HTTP/1.1 204 No Content\r\nContent-Length: 0\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n",
        b"HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\n{}",
    ]
)


@settings(max_examples=300)
@given(st.lists(ANSWERS, max_size=6), st.integers(0, 120), st.binary(max_size=2))
def test_whoever_knows_heads_hears_what_the_parser_says(
    answers: list[bytes], place: int, other: bytes
) -> None:
    """Whatever a server sends, in any order, the same is heard with and without known heads."""
    if answers:
        last = answers[-1]
        answers = [*answers, last[:place] + other + last[place + len(other) :], last]
    assert told_of(answers, knows=True) == told_of(answers, knows=False)


def test_answers_of_one_connection_reach_their_clients() -> None:
    """Lengths, bodies and identifiers are those of each answer, not of the first."""

    async def scenario() -> None:
        bodies = [ANSWER.replace(b"hi", b"h" * number) for number in range(1, 30)]

        async def serve(_asked: Asked, writer: asyncio.StreamWriter) -> None:
            writer.write(ok(bodies[len(proxy.server.asked) - 1], more="x-kept: a\r\n"))

        async with running(serve) as proxy:
            seen = set()
            for body in bodies:
                got = await proxy.exchange(request())
                assert status_of(got) == 200
                assert body_of(got) == body
                assert got.count(b"content-length: %d\r\n" % len(body)) == 1
                assert got.count(b"x-kept: a\r\n") == 1
                seen.add(got.partition(b"x-request-id: ")[2][:28])
            assert len(seen) == len(bodies)
            assert len(proxy.service.pool) == 1

    asyncio.run(scenario())
