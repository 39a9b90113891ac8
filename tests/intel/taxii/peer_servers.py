"""A sharing server of the tests' own that answers whatever it is told to."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from cautery.intel.taxii.media_types import TAXII

Asked = tuple[str, str, bytes]
"""Method, target and body."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """What it answers; None of a body drops the connection."""

    body: bytes | None = b"{}"
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass
class PeerServer:
    """Where it is, what it was asked, and what it says."""

    answer: Callable[[int, Asked], Said]
    url: str = ""
    asked: list[Asked] = field(default_factory=list)
    headers: list[Mapping[str, str]] = field(default_factory=list)


@contextmanager
def peer_server(answer: Callable[[int, Asked], Said]) -> Iterator[PeerServer]:
    """Run a server; it is given the number of the request and the request."""
    told = PeerServer(answer)

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            self._answer()

        def do_POST(self) -> None:
            self._answer()

        def _answer(self) -> None:
            body = self.rfile.read(int(self.headers.get("content-length", "0")))
            asked = (self.command, self.path, body)
            told.asked.append(asked)
            told.headers.append(dict(self.headers.items()))
            said = told.answer(len(told.asked) - 1, asked)
            if said.body is None:
                self.close_connection = True
                return
            self.send_response(said.status)
            for name, value in {
                "content-type": TAXII,
                "content-length": str(len(said.body)),
                **said.headers,
            }.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(said.body)

        def log_message(self, *_: Any) -> None:
            """Keep the tests' output clean."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    told.url = f"http://127.0.0.1:{server.server_port}/api/collections/one/"
    try:
        yield told
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
