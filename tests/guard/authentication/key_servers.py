"""An issuer's web server for the tests: a real one, on this machine."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


class KeyServer:
    """What the server answers; a test changes it."""

    def __init__(self) -> None:
        self.keys: list[Any] = []
        self.status = 200
        self.raw: bytes | None = None
        self.drip_seconds = 0.0
        self.location = ""
        self.asked = 0
        self.url = ""
        self.released = threading.Event()

    def body(self) -> bytes:
        """Give the body of an answer."""
        return json.dumps({"keys": self.keys}).encode() if self.raw is None else self.raw


@contextmanager
def serving(state: KeyServer) -> Iterator[KeyServer]:
    """Serve until the end of the block."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            state.asked += 1
            body = state.body()
            self.send_response(state.status)
            if state.location:
                self.send_header("location", state.location)
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            if state.drip_seconds:
                self.wfile.write(body[:1])
                self.wfile.flush()
                state.released.wait(state.drip_seconds)
                return
            self.wfile.write(body)

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    state.url = f"http://127.0.0.1:{server.server_address[1]}/keys?v=1"
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    try:
        yield state
    finally:
        state.released.set()
        server.shutdown()
        server.server_close()
        thread.join()
