"""The middleware under uvicorn, in front of an application that asks the model server."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from functools import partial
from http.client import HTTPConnection
from pathlib import Path
from typing import Any

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import StreamingResponse
from starlette.routing import Route
from tests.contracts.enforcers.harness import Harness
from tests.contracts.enforcers.scripted import ScriptedAuthenticator, ScriptedDecider
from tests.guard.guards import free_port

from cautery.guard.adapters.asgi import CauteryMiddleware
from cautery.guard.embedded import Judges


class AsgiHarness(Harness):
    """One process that serves an application."""

    def running(self, folder: Path, model_port: int) -> Any:
        port = free_port()
        (folder / "guard.toml").write_text(f'[watermark]\nheader = "{self.tag_header}"\n')
        return self.process(folder, self.module(str(folder), str(port), str(model_port)), port)


def _pieces(connection: HTTPConnection, answer: Any) -> Iterator[bytes]:
    try:
        yield from iter(partial(answer.read1, 1024), b"")
    finally:
        connection.close()


def application(model_port: int) -> Starlette:
    """Make an application that passes on what it is asked."""

    async def pass_on(request: Request) -> StreamingResponse:
        connection = HTTPConnection("127.0.0.1", model_port)
        connection.request("POST", request.url.path, await request.body(), dict(request.headers))
        answer = connection.getresponse()
        kind = answer.getheader("content-type")
        return StreamingResponse(_pieces(connection, answer), answer.status, media_type=kind)

    paths = HARNESS.paths
    return Starlette(routes=[Route(path, pass_on, methods=["POST"]) for path in paths])


def main(folder: Path, port: int, model_port: int) -> None:
    """Serve until the process is ended."""
    served = application(model_port)
    served.add_middleware(
        CauteryMiddleware,
        configuration=folder / "guard.toml",
        judges=Judges(decider=ScriptedDecider(folder), authenticator=ScriptedAuthenticator()),
    )
    uvicorn.run(served, host="127.0.0.1", port=port)


HARNESS = AsgiHarness()

if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]))
