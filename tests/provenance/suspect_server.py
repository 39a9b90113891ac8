"""A real HTTP server that stands for a suspect's endpoint, honest or not."""

from __future__ import annotations

import json
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

Reply = tuple[int, dict[str, str], bytes]
Behaviour = Callable[[int, dict[str, Any]], Reply]
"""From the number of the request and its body."""


def completion(text: str, **more: Any) -> Reply:
    """Answer as an honest endpoint does."""
    body = {
        "model": "suspect",
        "choices": [{"message": {"content": text}, "finish_reason": "stop"}],
        "usage": {"prompt_tokens": 3, "completion_tokens": 5},
        **more,
    }
    return 200, {}, json.dumps(body).encode()


@dataclass
class SuspectServer:
    """Where it listens, and what it was asked."""

    url: str
    asked: list[tuple[str, dict[str, str], dict[str, Any]]] = field(default_factory=list)


@contextmanager
def suspect_server(
    behaviour: Behaviour, *, slow_seconds: float = 0.0, tls: ssl.SSLContext | None = None
) -> Iterator[SuspectServer]:
    """Serve on a free port of this machine.

    Args:
        behaviour: What it answers. A content-length of its own is sent as it says.
        slow_seconds: Pause after each byte of a body.
        tls: Serve with it.
    """

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            content = self.rfile.read(int(self.headers["content-length"]))
            body = json.loads(content)
            headers = {name.lower(): value for name, value in self.headers.items()}
            served.asked.append((self.path, headers, body))
            status, more, answer = behaviour(len(served.asked), body)
            self.send_response(status)
            for name, value in {"content-length": str(len(answer)), **more}.items():
                self.send_header(name, value)
            self.end_headers()
            try:
                if not slow_seconds:
                    self.wfile.write(answer)
                for place in range(len(answer) if slow_seconds else 0):
                    self.wfile.write(answer[place : place + 1])
                    time.sleep(slow_seconds)
            except OSError:
                pass

        def log_message(self, *_: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    if tls is not None:
        server.socket = tls.wrap_socket(server.socket, server_side=True)
    scheme = "https" if tls else "http"
    served = SuspectServer(f"{scheme}://127.0.0.1:{server.server_address[1]}/v1")
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield served
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
