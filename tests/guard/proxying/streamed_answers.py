"""An answer that a model server streams, in pieces that end anywhere."""

from __future__ import annotations

import asyncio

from tests.guard.proxying.proxies import Asked

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
    """Write one chunk of a body."""
    return b"%x\r\n%b\r\n" % (len(content), content)


async def stream(asked: Asked, writer: asyncio.StreamWriter) -> None:
    """Write the head and every event, each in two chunks."""
    writer.write(CHUNKED)
    for event in EVENTS:
        for part in (event[:5], event[5:]):
            writer.write(chunk(part))
            await writer.drain()
            await asyncio.sleep(0)
    writer.write(b"0\r\n\r\n")
