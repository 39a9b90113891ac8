"""Connections of clients: order, limits, patience, and nothing smuggled."""

from __future__ import annotations

import asyncio
import re

import pytest
from tests.guard.deciders import GOOD_KEY, FakeDecider
from tests.guard.proxying.proxies import Asked, ok, request, running, status_of, until

from cautery.guard.proxying.client_connection import ClientConnection
from cautery.guard.proxying.settings import Limits

KEPT = request(b'{"n":1}', close=False)
LAST = request(b'{"n":2}')
IN_CHUNKS = (
    b"POST /v1/chat/completions HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer %b\r\n"
    b"Transfer-Encoding: chunked\r\n\r\n" % GOOD_KEY.encode()
)


def test_answers_come_in_order() -> None:
    """Requests that are sent ahead are answered one after the other."""

    async def scenario() -> None:
        async def echo(asked: Asked, writer: asyncio.StreamWriter) -> None:
            await asyncio.sleep(0.02 if b"1" in asked.body else 0)
            writer.write(ok(asked.body))

        async with running(echo) as proxy:
            bodies = [b'{"n":1}', b'{"n":2}', b'{"n":1}', b'{"n":4}']
            wire = b"".join(request(body, close=False) for body in bodies[:-1])
            answer = await proxy.exchange(wire + request(bodies[-1]))
            assert re.findall(rb'\{"n":\d\}', answer) == bodies

    asyncio.run(scenario())


@pytest.mark.parametrize("size", [1, 2, 7, 50])
def test_any_pieces(size: int) -> None:
    """However the network cuts a connection, the requests are the same."""

    async def scenario() -> None:
        async with running() as proxy:
            reader, writer = await proxy.connect()
            wire = KEPT + IN_CHUNKS + b'3\r\n{"n\r\n4\r\n":3}\r\n0\r\n\r\n' + LAST
            for start in range(0, len(wire), size):
                writer.write(wire[start : start + size])
                await asyncio.sleep(0)
            answer = await asyncio.wait_for(reader.read(), 10)
            writer.close()
            assert answer.count(b"HTTP/1.1 200 OK") == 3
            assert [asked.body for asked in proxy.server.asked] == [
                b'{"n":1}',
                b'{"n":3}',
                b'{"n":2}',
            ]

    asyncio.run(scenario())


@pytest.mark.parametrize(
    ("wire", "status"),
    [
        (b"GET /v1/models HTTP/1.1\r\nX: " + b"a" * 40_000, 431),
        (request(b"{}").replace(b"Content-Length: 2", b"Content-Length: 99999"), 413),
        (IN_CHUNKS + b"fffff\r\n", 413),
        (b"\x16\x03\x01\x02\x00\x01\x00", 400),
        (request(b"{}", "Expect: nonsense"), 417),
    ],
    ids=["head", "body", "chunks", "TLS on a plain port", "expectation"],
)
def test_what_is_too_large_or_strange(wire: bytes, status: int) -> None:
    """It is answered before it is read to its end."""

    async def scenario() -> None:
        async with running(limits=Limits(body_bytes=1000)) as proxy:
            assert status_of(await proxy.exchange(wire)) == status
            assert proxy.service.buffered_bytes == 0

    asyncio.run(scenario())


def test_says_go_on_to_who_waits_for_it() -> None:
    """``Expect: 100-continue`` is answered before the body comes, and not passed on."""

    async def scenario() -> None:
        async with running() as proxy:
            reader, writer = await proxy.connect()
            head, _, body = request(b'{"n":1}', "Expect: 100-continue").partition(b"\r\n\r\n")
            writer.write(head + b"\r\n\r\n")
            assert await reader.readuntil(b"\r\n\r\n") == b"HTTP/1.1 100 Continue\r\n\r\n"
            writer.write(body)
            assert status_of(await reader.read()) == 200
            assert "expect" not in str(proxy.server.asked).lower()
            writer.close()

    asyncio.run(scenario())


@pytest.mark.parametrize(
    ("wire", "phase"),
    [(b"POST /v1/chat", "head"), (request(b"{}")[:-1], "body"), (IN_CHUNKS + b"2\r\n{", "body")],
    ids=["head", "body", "chunks"],
)
def test_slow_clients_are_given_up(wire: bytes, phase: str) -> None:
    """A client that dribbles has as long as one that is silent: bytes do not buy time."""

    async def scenario() -> None:
        limits = Limits(head_seconds=0.3, body_seconds=0.3)
        async with running(limits=limits) as proxy:
            reader, writer = await proxy.connect()
            answered = asyncio.create_task(reader.read())
            for byte in wire:
                writer.write(bytes([byte]))
                await asyncio.sleep(0)
            assert status_of(await asyncio.wait_for(answered, 10)) == 408
            assert proxy.metrics.value("client_timeouts_total", phase) == 1
            writer.close()

    asyncio.run(scenario())


def test_silent_connections_are_closed_without_a_word() -> None:
    """Nobody asked anything, so nothing is answered."""

    async def scenario() -> None:
        limits = Limits(head_seconds=0.2, idle_seconds=0.2)
        async with running(limits=limits) as proxy:
            assert await proxy.exchange(b"") == b""
            answer = await proxy.exchange(KEPT)
            assert answer.count(b"HTTP/1.1") == 1

    asyncio.run(scenario())


def test_too_many_connections_are_turned_away() -> None:
    """One more than the limit is told so, and closed."""

    async def scenario() -> None:
        async with running(limits=Limits(connections=2)) as proxy:
            opened = [await proxy.connect() for _ in range(2)]
            await asyncio.sleep(0.05)
            assert status_of(await proxy.exchange(b"")) == 503
            for _, writer in opened:
                writer.close()

    asyncio.run(scenario())


def test_too_much_at_once_is_turned_away() -> None:
    """All bodies together are bounded, so that many large ones do not fill the memory."""

    async def scenario() -> None:
        async with running(limits=Limits(buffered_bytes=1000, body_bytes=900)) as proxy:
            reader, writer = await proxy.connect()
            writer.write(request(b"x" * 800)[:-1])
            await asyncio.sleep(0.05)
            assert status_of(await proxy.exchange(request(b"x" * 800)[:-1])) == 503
            writer.close()
            await asyncio.sleep(0.05)
            assert proxy.service.buffered_bytes == 0
            del reader

    asyncio.run(scenario())


def test_a_promise_of_much_holds_nothing() -> None:
    """Clients that announce large bodies and send nothing do not shut others out."""

    async def scenario() -> None:
        async with running(limits=Limits(buffered_bytes=1000, body_bytes=900)) as proxy:
            idle = [await proxy.connect() for _ in range(5)]
            for _, writer in idle:
                writer.write(request(b"x" * 800)[:-800])
            await asyncio.sleep(0.05)
            assert status_of(await proxy.exchange(LAST)) == 200
            for _, writer in idle:
                writer.close()

    asyncio.run(scenario())


def test_a_flood_ahead_is_bounded() -> None:
    """A client that sends on without reading fills neither buffer."""

    async def scenario() -> None:
        decider = FakeDecider("block")
        async with running(decider=decider) as proxy:
            reader, writer = await proxy.connect()
            writer.transport.pause_reading()  # type: ignore[attr-defined]
            wire = KEPT * 500
            before = -1
            for _ in range(400):
                writer.write(wire)
                if len(decider.asked) == before:
                    break
                before = len(decider.asked)
                await asyncio.sleep(0.02)
            connection = next(iter(proxy.service.connections))
            assert isinstance(connection, ClientConnection)
            assert len(connection._reader.buffer) < 1_000_000
            assert len(decider.asked) < 400 * 500
            writer.transport.abort()
            del reader

    asyncio.run(scenario())


def test_draining_ends_what_is_under_way_and_nothing_else() -> None:
    """A request under way is answered, with a word that the connection closes."""

    async def scenario() -> None:
        go = asyncio.Event()

        async def wait(asked: Asked, writer: asyncio.StreamWriter) -> None:
            await go.wait()
            writer.write(ok())

        async with running(wait) as proxy:
            idle = await proxy.connect()
            busy = asyncio.create_task(proxy.exchange(KEPT))
            await until(lambda: proxy.server.asked)
            drained = asyncio.create_task(proxy.service.drain())
            assert await idle[0].read() == b""
            idle[1].close()
            assert not drained.done()
            go.set()
            answer = await busy
            assert status_of(answer) == 200
            await asyncio.wait_for(drained, 10)

    asyncio.run(scenario())
