"""Servers that fail, fall silent or answer in the old manner; and what the client sees of it."""

from __future__ import annotations

import asyncio

import pytest
from tests.guard.proxying.proxies import (
    ANSWER,
    Asked,
    body_of,
    ok,
    request,
    running,
    status_of,
)
from tests.guard.proxying.streamed_answers import CHUNKED, EVENTS, chunk


@pytest.mark.parametrize(
    ("sent", "failure"),
    [
        (b"", "closed"),
        (b"HTTP/1.1 200 OK\r\ncontent-le", "closed"),
        (b"nonsense\r\n\r\n", "not_http"),
        (b"HTTP/1.1 200 OK\r\ncontent-length: 1\r\ntransfer-encoding: chunked\r\n\r\n", "not_http"),
        (
            b"HTTP/1.1 101 Switching Protocols\r\nupgrade: x\r\nconnection: upgrade\r\n\r\n",
            "closed",
        ),
    ],
    ids=["nothing", "half a head", "nonsense", "two lengths", "another protocol"],
)
def test_a_server_that_fails_before_its_answer(sent: bytes, failure: str) -> None:
    """The client gets an error that its library may try again on, and the failure is counted."""

    async def scenario() -> None:
        async def fail(asked: Asked, writer: asyncio.StreamWriter) -> None:
            writer.write(sent)
            writer.close()

        async with running(fail) as proxy:
            assert status_of(await proxy.exchange(request())) == 502
            counted = {
                name: proxy.metrics.value("upstream_failures_total", name)
                for name in ("closed", "not_http")
            }
            assert sum(counted.values()) == 1
            assert failure == "closed" or counted["not_http"] == 1
            assert len(proxy.service.pool) == 0

    asyncio.run(scenario())


def test_a_server_that_is_not_there() -> None:
    """Refused connections are answered at once."""

    async def scenario() -> None:
        async with running(upstream={"port": 1}) as proxy:
            assert status_of(await proxy.exchange(request())) == 502
            assert proxy.metrics.value("upstream_failures_total", "refused") == 1

    asyncio.run(scenario())


@pytest.mark.parametrize(
    "begun", [CHUNKED + chunk(EVENTS[0]), ok()[:-5]], ids=["in a stream", "in an answer"]
)
def test_a_server_killed_in_its_answer(begun: bytes) -> None:
    """What came is passed on, and the client can see that it is not whole."""

    async def scenario() -> None:
        async def die(asked: Asked, writer: asyncio.StreamWriter) -> None:
            writer.write(begun)
            await writer.drain()
            await asyncio.sleep(0.02)
            writer.transport.abort()

        async with running(die) as proxy:
            answer = await proxy.exchange(request())
            assert status_of(answer) == 200
            assert not answer.endswith(b"0\r\n\r\n")
            assert len(body_of(answer)) < len(ANSWER)
            assert proxy.metrics.value("upstream_failures_total", "closed") == 1
            assert len(proxy.decider.settled) == 1
            assert proxy.service.in_flight == 0

    asyncio.run(scenario())


def test_a_kept_connection_that_the_server_closed_is_no_failure() -> None:
    """The request goes again on a new connection, once."""

    async def scenario() -> None:
        async def once(asked: Asked, writer: asyncio.StreamWriter) -> None:
            if len(proxy.server.asked) == 2:
                writer.transport.abort()
            else:
                writer.write(ok())

        async with running(once) as proxy:
            answers = [await proxy.exchange(request()) for _ in range(2)]
            assert [status_of(answer) for answer in answers] == [200, 200]
            assert proxy.server.connections == 2

    asyncio.run(scenario())


@pytest.mark.parametrize(("begun", "status"), [(b"", 504), (CHUNKED + chunk(EVENTS[0]), 200)])
def test_a_server_that_falls_silent(begun: bytes, status: int) -> None:
    """Before its answer it is a timeout to the client, within it the answer is cut off."""

    async def scenario() -> None:
        async def hang(asked: Asked, writer: asyncio.StreamWriter) -> None:
            writer.write(begun)
            await asyncio.sleep(30)

        told = {"answer_seconds": 0.2, "silence_seconds": 0.2}
        async with running(hang, upstream=told) as proxy:
            answer = await proxy.exchange(request())
            assert status_of(answer) == status
            assert not answer.endswith(b"0\r\n\r\n")

    asyncio.run(scenario())


@pytest.mark.parametrize("status", [204, 304])
def test_answers_without_a_body(status: int) -> None:
    """A status that has no body ends with its head, and the connection stays."""

    async def scenario() -> None:
        async def empty(asked: Asked, writer: asyncio.StreamWriter) -> None:
            writer.write(b"HTTP/1.1 %d x\r\n\r\n" % status)

        async with running(empty) as proxy:
            wire = request(b"", method="GET", path="/v1/models", close=False)
            answer = await proxy.exchange(wire + request(b"", method="GET", path="/v1/models"))
            assert answer.count(b"HTTP/1.1 %d" % status) == 2

    asyncio.run(scenario())


def test_head_has_the_length_and_no_body() -> None:
    """The next answer on the connection is not taken for a body."""

    async def scenario() -> None:
        async def head(asked: Asked, writer: asyncio.StreamWriter) -> None:
            answer = ok()
            writer.write(answer.partition(b"\r\n\r\n")[0] + b"\r\n\r\n")

        async with running(head) as proxy:
            wire = request(b"", method="HEAD", path="/v1/models")
            answer = await proxy.exchange(wire)
            assert answer.endswith(b"\r\n\r\n")
            assert b"content-length: %d\r\n" % len(ANSWER) in answer

    asyncio.run(scenario())


def test_an_answer_without_a_length_ends_with_its_connection() -> None:
    """A server of the old manner is understood."""

    async def scenario() -> None:
        async def old(asked: Asked, writer: asyncio.StreamWriter) -> None:
            writer.write(b"HTTP/1.0 200 OK\r\n\r\n" + ANSWER)
            writer.close()

        async with running(old) as proxy:
            answer = await proxy.exchange(request())
            assert body_of(answer) == ANSWER
            assert answer.endswith(b"0\r\n\r\n")

    asyncio.run(scenario())
