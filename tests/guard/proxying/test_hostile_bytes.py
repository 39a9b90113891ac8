"""Bytes of hostile clients through a running proxy: nothing crashes, nothing gets past."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.guard.deciders import GOOD_KEY
from tests.guard.proxying.proxies import request, running, status_of
from tests.guard.proxying.test_request_head import SMUGGLED

from cautery.guard.proxying.settings import Limits

KEPT = request(b'{"n":1}', close=False)
LAST = request(b'{"n":2}')
IN_CHUNKS = (
    b"POST /v1/chat/completions HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer %b\r\n"
    b"Transfer-Encoding: chunked\r\n\r\n" % GOOD_KEY.encode()
)


@pytest.mark.parametrize("name", SMUGGLED)
def test_nothing_smuggled_reaches_the_server(name: str) -> None:
    """A head with two readings is refused, and with it all that follows on its connection."""

    async def scenario() -> None:
        async with running() as proxy:
            answer = await proxy.exchange(SMUGGLED[name] + LAST)
            assert proxy.server.asked == []
            assert answer.count(b"HTTP/1.1 ") == 1
            assert 400 <= status_of(answer) < 500
            assert b"connection: close" in answer

    asyncio.run(scenario())


@pytest.mark.parametrize(
    "body",
    [
        b"2;x=\ny\r\n{}\r\n0\r\n\r\n",
        b"2\r\n{}\r\n0\r\nX: y\r\n\r\n",
        b"2\r\n{}0\r\n\r\n",
        b"2\n{}\n0\n\n",
        b"ffffffffff\r\n",
        b"",
    ],
)
def test_bad_chunks_are_refused(body: bytes) -> None:
    """What is no body in chunks is not passed on, nor what follows it."""

    async def scenario() -> None:
        async with running(limits=Limits(body_seconds=0.2)) as proxy:
            answer = await proxy.exchange(IN_CHUNKS + body + (LAST if body else b""))
            assert proxy.server.asked == []
            assert status_of(answer) == (400 if body else 408)

    asyncio.run(scenario())


PIECES = st.sampled_from(
    [KEPT, LAST, IN_CHUNKS, b"2\r\n{}\r\n0\r\n\r\n", b"0\r\n\r\n", *list(SMUGGLED.values())[:20]]
)


@settings(max_examples=60)
@given(st.lists(PIECES, min_size=1, max_size=4), st.data())
def test_no_crash_and_no_bypass(pieces: list[bytes], data: Any) -> None:
    """Whatever raw bytes a client sends: the server sees only what was decided on, framed anew.

    Nothing of it can be a second request, since each request that the server read was one that the
    decision core was asked about, and no exception reaches the loop.
    """
    wire = b"".join(pieces)
    for _ in range(data.draw(st.integers(0, 3))):
        place = data.draw(st.integers(0, len(wire)))
        piece = data.draw(st.binary(max_size=3) | st.sampled_from([b"\r\n", b"\n", b" ", b"\x00"]))
        wire = wire[:place] + piece + wire[place + data.draw(st.integers(0, 2)) :]

    async def scenario() -> None:
        crashes: list[Any] = []
        asyncio.get_running_loop().set_exception_handler(lambda _, what: crashes.append(what))
        limits = Limits(head_seconds=0.0, body_seconds=0.0, idle_seconds=0.0)
        async with running(limits=limits) as proxy:
            reader, writer = await proxy.connect()
            writer.write(wire)
            writer.write_eof()
            answer = await asyncio.wait_for(reader.read(), 10)
            writer.close()
            assert crashes == []
            assert len(proxy.server.asked) <= len(proxy.decider.asked)
            assert all(asked.line.endswith("HTTP/1.1") for asked in proxy.server.asked)
            assert not answer or answer.startswith(b"HTTP/1.1 ")
            for asked in proxy.server.asked:
                assert asked.raw_head.count(b"content-length:") <= 1
                assert b"transfer-encoding" not in asked.raw_head.lower()

    asyncio.run(scenario())
