"""A proxy before a server of the tests' own, both on one event loop."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from typing import Any

from tests.guard.deciders import GOOD_KEY, FakeAuthenticator, FakeDecider

from cautery.guard.adapters.proxy import MEMBER
from cautery.guard.metrics import Metrics
from cautery.guard.proxying.service import ProxyService
from cautery.guard.proxying.settings import Limits, ProxySettings, UpstreamSettings

Handler = Callable[["Asked", asyncio.StreamWriter], Awaitable[None]]
PATH = "/v1/chat/completions"
ANSWER = (
    b'{"id":"c-1","model":"m-1","choices":[{"message":{"content":"hi"},"finish_reason":"stop"}],'
    b'"usage":{"prompt_tokens":3,"completion_tokens":2}}'
)


@dataclass
class Asked:
    """A request as the server got it."""

    line: str
    headers: dict[str, str]
    body: bytes
    raw_head: bytes = b""


def ok(body: bytes = ANSWER, kind: str = "application/json", more: str = "") -> bytes:
    head = f"HTTP/1.1 200 OK\r\ncontent-type: {kind}\r\ncontent-length: {len(body)}\r\n{more}\r\n"
    return head.encode() + body


async def until(condition: Callable[[], object], *, seconds: float = 20.0) -> None:
    """Wait for something that the proxy does by itself."""
    async with asyncio.timeout(seconds):
        while not condition():  # noqa: ASYNC110 - it is the code under test that nobody can await
            await asyncio.sleep(0.01)


@dataclass
class Server:
    """A model server that answers as it is told."""

    handler: Handler | None = None
    asked: list[Asked] = field(default_factory=list)
    closed: list[str] = field(default_factory=list)
    connections: int = 0

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        try:
            while True:
                head = await reader.readuntil(b"\r\n\r\n")
                line, *lines = head.decode("latin-1").split("\r\n")
                headers = dict(one.split(": ", 1) for one in lines if one)
                body = await reader.readexactly(int(headers.get("content-length", 0)))
                asked = Asked(line, headers, body, head)
                self.asked.append(asked)
                if self.handler is None:
                    writer.write(ok())
                else:
                    await self.handler(asked, writer)
        except (asyncio.IncompleteReadError, ConnectionError):
            self.closed.append("closed")
        finally:
            writer.close()


@dataclass
class Running:
    """A proxy at work."""

    service: ProxyService
    server: Server
    decider: FakeDecider
    port: int
    upstream_port: int

    @property
    def metrics(self) -> Metrics:
        return self.service.metrics

    async def connect(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        return await asyncio.open_connection("127.0.0.1", self.port)

    async def exchange(self, wire: bytes, *, patience: float = 10.0) -> bytes:
        """Send bytes and read until the proxy closes."""
        reader, writer = await self.connect()
        try:
            writer.write(wire)
            return await asyncio.wait_for(reader.read(), patience)
        except ConnectionError:
            return b""
        finally:
            writer.close()


def request(
    body: bytes = b'{"model":"m","messages":[{"role":"user","content":"hello"}]}',
    *lines: str,
    path: str = PATH,
    method: str = "POST",
    close: bool = True,
    key: str = GOOD_KEY,
) -> bytes:
    """Write a request."""
    head = [f"{method} {path} HTTP/1.1", "Host: api", f"Authorization: Bearer {key}", *lines]
    if body:
        head += ["Content-Type: application/json", f"Content-Length: {len(body)}"]
    if close:
        head.append("Connection: close")
    return "\r\n".join(head).encode("latin-1") + b"\r\n\r\n" + body


def status_of(answer: bytes) -> int:
    return int(answer.split(b" ", 2)[1]) if answer else 0


def body_of(answer: bytes) -> bytes:
    """Take the body out of an answer, its chunks put together."""
    head, _, body = answer.partition(b"\r\n\r\n")
    if b"transfer-encoding: chunked" not in head.lower():
        return body
    content = b""
    while body:
        size, _, body = body.partition(b"\r\n")
        length = int(size, 16)
        content += body[:length]
        body = body[length + 2 :]
        if length == 0:
            break
    return content


@asynccontextmanager
async def running(
    handler: Handler | None = None,
    decider: FakeDecider | None = None,
    *,
    limits: Limits | None = None,
    upstream: dict[str, Any] | None = None,
    service: dict[str, Any] | None = None,
    **settings: Any,
) -> AsyncIterator[Running]:
    """Run a proxy and a server."""
    server, decider = Server(handler), decider or FakeDecider()
    listening = await asyncio.start_server(server.serve, "127.0.0.1", 0)
    upstream_port = listening.sockets[0].getsockname()[1]
    told = ProxySettings(
        decider=decider,
        authenticator=settings.pop("authenticator", None) or FakeAuthenticator(),
        upstream=replace(
            UpstreamSettings(host="127.0.0.1", port=upstream_port), **(upstream or {})
        ),
        limits=limits or Limits(),
        **settings,
    )
    working = ProxyService(
        told, Metrics(), asyncio.get_running_loop(), sweep_seconds=0.05, **(service or {})
    )
    proxy = await MEMBER.listen(working, "127.0.0.1", 0)
    port = proxy.sockets[0].getsockname()[1]
    try:
        yield Running(working, server, decider, port, upstream_port)
    finally:
        proxy.close()
        for connection in list(working.connections):
            connection.abort()
        working.close()
        listening.close()
        await asyncio.sleep(0)
