"""Answers on their way back: streams, slow readers, servers that fail, clients that leave."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from tests.guard.deciders import FakeDecider
from tests.guard.proxying.proxies import (
    ANSWER,
    Asked,
    Running,
    body_of,
    ok,
    request,
    running,
    status_of,
    until,
)

from cautery.guard.proxying.settings import Limits
from cautery.records.decision import DEGRADATIONS

CHUNKED = (
    b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n"
    b"x-cautery-secret: 1\r\n\r\n"
)
EVENTS = [
    b'data: {"id":"c","model":"m","choices":[{"index":0,"delta":{"content":"h"}}]}\n\n',
    b": comment\r\n\r\n",
    b'data: {"choices":[{"index":0,"delta":{"content":"i"},"finish_reason":"stop"}]}\n\n',
    b'data: {"choices":[],"usage":{"prompt_tokens":4,"completion_tokens":2}}\n\n',
    b"data: [DONE]\n\n",
]


def chunk(content: bytes) -> bytes:
    return b"%x\r\n%b\r\n" % (len(content), content)


async def stream(asked: Asked, writer: asyncio.StreamWriter) -> None:
    writer.write(CHUNKED)
    for event in EVENTS:
        for part in (event[:5], event[5:]):
            writer.write(chunk(part))
            await writer.drain()
            await asyncio.sleep(0)
    writer.write(b"0\r\n\r\n")


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

        decider = FakeDecider("degrade", degradations=DEGRADATIONS)
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

        decider = FakeDecider("degrade", degradations=DEGRADATIONS)
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

        decider = FakeDecider("degrade", degradations=DEGRADATIONS)
        async with running(answer, decider, limits=Limits(answer_bytes=1000)) as proxy:
            answer_sent = await proxy.exchange(request())
            assert status_of(answer_sent) == 502
            assert b"SECRET" not in answer_sent

    asyncio.run(scenario())


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


def test_connections_are_kept_and_shared() -> None:
    """Many requests go over few connections; those that wait are served in turn."""

    async def scenario() -> None:
        async with running(upstream={"connections": 2}) as proxy:
            answers = await asyncio.gather(*(proxy.exchange(request()) for _ in range(20)))
            assert {status_of(answer) for answer in answers} == {200}
            assert proxy.server.connections <= 2

    asyncio.run(scenario())


def test_too_many_waiting_are_turned_away() -> None:
    """Beyond the bound a request is told that there are too many."""

    async def scenario() -> None:
        release = asyncio.Event()

        async def wait(asked: Asked, writer: asyncio.StreamWriter) -> None:
            await release.wait()
            writer.write(ok())

        async with running(wait, upstream={"connections": 1, "waiting": 1}) as proxy:
            tasks = [asyncio.create_task(proxy.exchange(request())) for _ in range(3)]
            done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
            assert [status_of(task.result()) for task in done] == [503]
            release.set()
            answers = await asyncio.gather(*tasks)
            assert sorted(map(status_of, answers)) == [200, 200, 503]

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
