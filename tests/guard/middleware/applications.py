"""Applications of the tests' own behind the middleware, served by a real uvicorn."""

from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response, StreamingResponse
from starlette.routing import Route, WebSocketRoute
from starlette.websockets import WebSocket

from cautery.guard.middleware.messages import Application

PEPPER = "5a" * 32
THOUGHT = "planted thought of the model"
SAID = "planted answer of the model"
PROBABILITIES = {"content": [{"token": "It", "logprob": -0.25, "bytes": None, "top_logprobs": []}]}
USAGE = {"prompt_tokens": 7, "completion_tokens": 3, "total_tokens": 10}


@dataclass
class Seen:
    """What reached the application."""

    bodies: list[dict[str, Any]] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)
    events: list[str] = field(default_factory=list)
    go_on: threading.Event = field(default_factory=threading.Event)


def chat(thought: str = THOUGHT, said: str = SAID) -> dict[str, Any]:
    """Write an answer of a chat that reasons."""
    message = {"role": "assistant", "content": said, "reasoning_content": thought}
    choice = {
        "index": 0,
        "message": message,
        "finish_reason": "stop",
        "logprobs": PROBABILITIES,
    }
    head = {"id": "chatcmpl-1", "object": "chat.completion", "created": 1, "model": "served"}
    return {**head, "choices": [choice], "usage": USAGE}


def chunks(thought: str = THOUGHT, said: str = SAID) -> list[bytes]:
    """Write the same as a stream, its reasoning once in a field and once between tags."""
    head = {"id": "chatcmpl-1", "object": "chat.completion.chunk", "created": 1, "model": "served"}
    deltas: list[dict[str, Any]] = [
        {"role": "assistant", "reasoning_content": thought},
        {"content": "<thi"},
        {"content": f"nk>{thought}</think>{said[:7]}"},
        {"content": said[7:]},
    ]
    events = [
        {**head, "choices": [{"index": 0, "delta": delta, "logprobs": PROBABILITIES}]}
        for delta in deltas
    ]
    events += [
        {**head, "choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}]},
        {**head, "choices": [], "usage": USAGE},
    ]
    return [f"data: {json.dumps(one)}\n\n".encode() for one in events] + [b"data: [DONE]\n\n"]


def unusual(wanted: str) -> Response | None:
    """Write an answer that cannot be changed."""
    if wanted == "not-json":
        return PlainTextResponse("planted text, longer than a kibibyte" * 40)
    if wanted == "compressed":
        return Response(b"xx", headers={"content-encoding": "gzip"})
    if wanted == "broken-event":
        pieces = [chunks()[0], b"data: {not json\n\n", *chunks()]
        return StreamingResponse(iter(pieces), media_type="text/event-stream")
    return None


def usual(*, streamed: bool) -> Response:
    """Write an answer as models give it."""
    if streamed:
        return StreamingResponse(iter(chunks()), media_type="text/event-stream")
    return JSONResponse(chat(), headers={"x-request-id": "the-applications-own"})


def model_application(seen: Seen) -> Starlette:
    """Make an application that answers chats, whole or streamed, and more that goes wrong."""

    async def completions(request: Request) -> Response:
        body = await request.json()
        seen.bodies.append(body)
        seen.headers.append(dict(request.headers))
        wanted = body.get("user", "")
        if wanted == "crash":
            raise RuntimeError("planted crash")
        if wanted == "slow":
            return StreamingResponse(slowly(), media_type="text/event-stream")
        return unusual(wanted) or usual(streamed=body.get("stream", False))

    async def slowly() -> AsyncIterator[bytes]:
        try:
            for piece in chunks()[:2]:
                yield piece
            while not seen.go_on.is_set():
                await asyncio.sleep(0.01)
                yield b": still here\n\n"
        finally:
            seen.events.append("stream ended")

    async def health(request: Request) -> Response:
        return PlainTextResponse("healthy")

    async def socket(websocket: WebSocket) -> None:
        await websocket.accept()
        await websocket.send_text("open")
        await websocket.close()

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        seen.events.append("began")
        yield
        seen.events.append("ended")

    return Starlette(
        routes=[
            Route("/v1/chat/completions", completions, methods=["POST"]),
            Route("/health", health),
            Route("/secret", health),
            WebSocketRoute("/v1/realtime", socket),
        ],
        lifespan=lifespan,
    )


def write_configuration(folder: Path, more: str = "") -> Path:
    """Write a configuration that records everything."""
    (folder / "records").mkdir(exist_ok=True)
    (folder / "pepper").write_text(PEPPER)
    path = folder / "guard.toml"
    path.write_text(
        '[identity]\npepper_file = "pepper"\n'
        f'[recording]\nfolder = "records"\ntext = "full"\n{more}'
    )
    return path


def records_in(folder: Path) -> list[dict[str, Any]]:
    """Read what was recorded, in the order of time."""
    files = sorted((folder / "records").glob("*.jsonl"))
    return [json.loads(line) for file in files for line in file.read_text().splitlines()]


@contextmanager
def served(application: Application, **options: Any) -> Iterator[int]:
    """Serve an application until the end of the block, and give its port."""
    told = uvicorn.Config(
        application,
        host="127.0.0.1",
        port=0,
        log_config=None,
        proxy_headers=False,
        timeout_graceful_shutdown=5,
        **options,
    )
    server = uvicorn.Server(told)

    def run() -> None:
        # It leaves the process where its application does not begin.
        with suppress(SystemExit):
            server.run()

    thread = threading.Thread(target=run)
    thread.start()
    try:
        while not server.started and thread.is_alive():
            thread.join(0.01)
        assert server.started, "the application did not begin"
        yield server.servers[0].sockets[0].getsockname()[1]
    finally:
        server.should_exit = True
        thread.join()
