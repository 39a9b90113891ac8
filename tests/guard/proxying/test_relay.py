"""Answers on their way back: streams, slow readers, servers that fail, clients that leave."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from tests.guard.deciders import FakeDecider
from tests.guard.degrading.answer_cases import HIDING
from tests.guard.proxying.proxies import (
    Asked,
    Running,
    body_of,
    ok,
    request,
    running,
    status_of,
    until,
)
from tests.guard.proxying.streamed_answers import CHUNKED, EVENTS, chunk, stream

from cautery.guard.proxying.settings import Limits


def test_a_stream_is_passed_on_byte_for_byte() -> None:
    """Nothing of it changes, and what it cost is settled."""

    async def scenario() -> None:
        async with running(stream) as proxy:
            answer = await proxy.exchange(request())
            assert body_of(answer) == b"".join(EVENTS)
            assert b"x-cautery" not in answer
            usage = proxy.decider.settled[0]
            assert (usage.input_tokens, usage.output_tokens) == (4, 2)

    asyncio.run(scenario())


def test_events_are_not_held_back() -> None:
    """The client has the first event before the server makes the second."""

    async def scenario() -> None:
        seen = asyncio.Event()

        async def wait(asked: Asked, writer: asyncio.StreamWriter) -> None:
            writer.write(CHUNKED + chunk(EVENTS[0]))
            await asyncio.wait_for(seen.wait(), 10)
            writer.write(chunk(EVENTS[-1]) + b"0\r\n\r\n")

        async with running(wait) as proxy:
            reader, writer = await proxy.connect()
            writer.write(request())
            await reader.readuntil(EVENTS[0])
            seen.set()
            assert (await reader.read()).endswith(b"0\r\n\r\n")
            writer.close()

    asyncio.run(scenario())


def test_a_client_of_http_1_0_gets_no_chunks() -> None:
    """The end of the connection is the end of the answer."""

    async def scenario() -> None:
        async with running(stream) as proxy:
            answer = await proxy.exchange(request().replace(b"HTTP/1.1", b"HTTP/1.0"))
            head, _, body = answer.partition(b"\r\n\r\n")
            assert b"chunked" not in head
            assert body == b"".join(EVENTS)

    asyncio.run(scenario())


def test_a_degraded_stream_hides_as_it_goes() -> None:
    """Reasoning and log-probabilities are gone from the wire."""

    async def scenario() -> None:
        async def think(asked: Asked, writer: asyncio.StreamWriter) -> None:
            assert "logprobs" not in json.loads(asked.body)
            writer.write(CHUNKED)
            for delta in ({"reasoning_content": "SECRET"}, {"content": "shown"}):
                event = {"choices": [{"index": 0, "delta": delta, "logprobs": {"a": "SECRET"}}]}
                writer.write(chunk(b"data: " + json.dumps(event).encode() + b"\n\n"))
            writer.write(chunk(b"data: [DONE]\n\n") + b"0\r\n\r\n")

        decider = FakeDecider("degrade", degradations=HIDING)
        async with running(think, decider) as proxy:
            body = body_of(await proxy.exchange(request(b'{"logprobs":true,"stream":true}')))
            assert b"shown" in body
            assert b"SECRET" not in body
            assert body.endswith(b"data: [DONE]\n\n")

    asyncio.run(scenario())


def test_a_degraded_answer_has_its_new_length() -> None:
    """A whole answer is changed before its head is written."""

    async def scenario() -> None:
        async def think(asked: Asked, writer: asyncio.StreamWriter) -> None:
            choices = [{"message": {"content": "shown", "reasoning": "SECRET"}}, {"text": "SECRET"}]
            writer.write(ok(json.dumps({"choices": choices}).encode()))

        decider = FakeDecider("degrade", degradations=HIDING)
        async with running(think, decider) as proxy:
            answer = await proxy.exchange(request())
            body = body_of(answer)
            assert b"content-length: %d\r\n" % len(body) in answer
            assert json.loads(body) == {"choices": [{"message": {"content": "shown"}}]}

    asyncio.run(scenario())


@pytest.mark.parametrize(
    "sent",
    [
        ok(b"<html>SECRET</html>", "text/html"),
        ok(b"\x1f\x8bSECRET", more="content-encoding: gzip\r\n"),
        ok(b'{"a":"SECRET"' + b" " * 3000 + b"}"),
    ],
    ids=["no JSON", "compressed", "too large"],
)
def test_an_answer_that_cannot_be_degraded_is_not_sent(sent: bytes) -> None:
    """What nobody can look into is an error at the server, to the client."""

    async def scenario() -> None:
        async def answer(asked: Asked, writer: asyncio.StreamWriter) -> None:
            writer.write(sent)

        decider = FakeDecider("degrade", degradations=HIDING)
        async with running(answer, decider, limits=Limits(answer_bytes=1000)) as proxy:
            answer_sent = await proxy.exchange(request())
            assert status_of(answer_sent) == 502
            assert b"SECRET" not in answer_sent

    asyncio.run(scenario())


@asynccontextmanager
async def endless(proxy_settings: dict[str, Any]) -> AsyncIterator[tuple[Running, list[int]]]:
    """Run a server that streams as fast as it is read, and counts what it sent."""
    sent = [0]

    async def pour(asked: Asked, writer: asyncio.StreamWriter) -> None:
        writer.write(CHUNKED)
        while True:
            writer.write(chunk(b"data: x\n\n" * 1000))
            await writer.drain()
            sent[0] += 9000

    async with running(pour, **proxy_settings) as proxy:
        yield proxy, sent


def test_a_slow_reader_slows_the_server() -> None:
    """What a client does not read, the server does not send: memory is bounded."""

    async def scenario() -> None:
        async with endless({}) as (proxy, sent):
            reader, writer = await proxy.connect()
            writer.write(request())
            await reader.readuntil(b"data: x")
            writer.transport.pause_reading()  # type: ignore[attr-defined]
            before = -1
            while sent[0] != before:
                before = sent[0]
                await asyncio.sleep(0.2)
            assert before < 30_000_000
            writer.transport.resume_reading()  # type: ignore[attr-defined]
            while sent[0] < before + 1_000_000:
                await reader.read(100_000)
            writer.close()

    asyncio.run(scenario())


def test_a_reader_that_stops_is_given_up() -> None:
    """After a while its connection and the server's are closed."""

    async def scenario() -> None:
        async with endless({"limits": Limits(write_seconds=0.3)}) as (proxy, _):
            reader, writer = await proxy.connect()
            writer.write(request())
            await reader.readuntil(b"data: x")
            writer.transport.pause_reading()  # type: ignore[attr-defined]
            await until(lambda: proxy.server.closed)
            assert proxy.metrics.value("client_timeouts_total", "write") == 1
            writer.close()

    asyncio.run(scenario())


def test_a_client_that_leaves_cancels_the_servers_work() -> None:
    """The server sees its connection close, and what was given until then is charged."""

    async def scenario() -> None:
        async with endless({}) as (proxy, _):
            reader, writer = await proxy.connect()
            writer.write(request())
            await reader.readuntil(b"data: x")
            writer.transport.abort()
            await until(lambda: proxy.server.closed)
            assert proxy.metrics.value("cancelled_total") == 1
            usage = proxy.decider.settled[0]
            assert usage.status_code == 0
            assert usage.output_tokens > 0

    asyncio.run(scenario())
