"""The listener for whoever runs the guard."""

from __future__ import annotations

import asyncio

import pytest

from cautery.guard.admin import listen_admin
from cautery.guard.metrics import Metrics


async def ask(port: int, wire: bytes) -> bytes:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(wire)
    answer = await asyncio.wait_for(reader.read(), 20)
    writer.close()
    return answer


@pytest.mark.parametrize(
    ("line", "ready", "status", "words"),
    [
        (b"GET /healthz HTTP/1.1", True, b"200", b"ok"),
        (b"GET /readyz HTTP/1.1", True, b"200", b"ready"),
        (b"GET /readyz HTTP/1.1", False, b"503", b"not ready\nthe disk is full"),
        (b"GET /metrics?x=1 HTTP/1.1", True, b"200", b"cautery_guard_requests_total"),
        (b"HEAD /metrics HTTP/1.1", True, b"200", b""),
        (b"GET /v1/models HTTP/1.1", True, b"404", b""),
        (b"POST /metrics HTTP/1.1", True, b"405", b""),
        (b"nonsense", True, b"400", b""),
        (b"GET /" + b"x" * 20_000, True, b"400", b""),
    ],
    ids=range(9),
)
def test_answers(line: bytes, ready: bool, status: bytes, words: bytes) -> None:
    """Health, readiness and metrics, and nothing else."""

    async def scenario() -> None:
        metrics = Metrics()
        server = await listen_admin(
            "127.0.0.1", 0, metrics, lambda: [] if ready else ["the disk is full"]
        )
        port = server.sockets[0].getsockname()[1]
        answer = await ask(port, line + b"\r\nHost: a\r\n\r\n")
        assert answer.split(b" ")[1] == status
        assert words in answer
        server.close()

    asyncio.run(scenario())
