"""A guard as a process of its own, before a model server in a thread of the tests'."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import cautery

SOURCES = str(Path(cautery.__file__).parents[1])
PEPPER = "5a" * 32
PROMPT = "planted prompt of the customer"
ANSWER_TEXT = "planted answer of the model"
USAGE = {"prompt_tokens": 7, "completion_tokens": 3}


@dataclass
class ModelServer:
    """What the guard stands in front of."""

    port: int = 0
    asked: list[dict[str, Any]] = field(default_factory=list)
    delay_seconds: float = 0.0
    fails: bool = False


@contextmanager
def model_server() -> Iterator[ModelServer]:
    """Run a server that answers chats, whole or streamed."""
    told = ModelServer()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["content-length"])) or b"{}")
            told.asked.append({"headers": dict(self.headers), "body": body})
            time.sleep(told.delay_seconds)
            if told.fails:
                self.connection.shutdown(socket.SHUT_RDWR)
                self.close_connection = True
            elif body.get("stream"):
                self._stream()
            else:
                choice = {"message": {"content": ANSWER_TEXT}, "finish_reason": "stop"}
                answer = {"id": "c-1", "model": "m-1", "choices": [choice], "usage": USAGE}
                self._send(json.dumps(answer).encode(), "application/json")

        def _stream(self) -> None:
            delta = {"id": "c-1", "model": "m-1", "choices": [{"delta": {"content": ANSWER_TEXT}}]}
            last = {"id": "c-1", "choices": [], "usage": USAGE}
            events = b"".join(
                b"data: " + json.dumps(one).encode() + b"\n\n" for one in (delta, last)
            )
            self._send(events + b"data: [DONE]\n\n", "text/event-stream")

        def _send(self, body: bytes, kind: str) -> None:
            self.send_response(200)
            self.send_header("content-type", kind)
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: Any) -> None:
            """Keep the tests' output clean."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    told.port = server.server_port
    try:
        yield told
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@dataclass
class RunningGuard:
    """A guard that serves."""

    process: subprocess.Popen[str]
    port: int
    admin_port: int
    path: Path
    log_path: Path
    decision_port: int = 0

    def chat(
        self,
        key: str = "sk-planted-key",
        *,
        stream: bool = False,
        fields: dict[str, Any] | None = None,
    ) -> bytes:
        """Ask the model through the guard."""
        messages = [{"role": "user", "content": PROMPT}]
        body = {"model": "m", "messages": messages, "stream": stream, **(fields or {})}
        request = urllib.request.Request(
            f"http://127.0.0.1:{self.port}/v1/chat/completions",
            json.dumps(body).encode(),
            {"authorization": f"Bearer {key}", "content-type": "application/json"},
        )
        with urllib.request.urlopen(request, timeout=20) as answer:  # noqa: S310 - the same
            return bytes(answer.read())

    def page(self, path: str) -> str:
        """Read a page of the admin listener."""
        url = f"http://127.0.0.1:{self.admin_port}{path}"
        with urllib.request.urlopen(url, timeout=20) as answer:
            return bytes(answer.read()).decode()

    def log(self) -> list[dict[str, Any]]:
        """Read its log so far."""
        lines = self.log_path.read_text().splitlines()
        return [json.loads(line) for line in lines if line.endswith("}")]

    def wait_for(self, event: str) -> dict[str, Any]:
        """Wait until it logs an event."""
        end = time.monotonic() + 20
        while time.monotonic() < end:
            for line in self.log():
                if line["event"] == event:
                    return line
            time.sleep(0.02)
        raise AssertionError(f"no '{event}' in the log: {self.log_path.read_text()}")

    def signal(self, number: signal.Signals) -> None:
        self.process.send_signal(number)

    def stop(self) -> int:
        """Stop it in peace."""
        self.signal(signal.SIGTERM)
        return self.process.wait(timeout=30)


def write_configuration(folder: Path, upstream_port: int, more: str = "", guard: str = "") -> Path:
    """Write a configuration that records everything."""
    (folder / "records").mkdir(exist_ok=True)
    (folder / "pepper").write_text(PEPPER)
    path = folder / "guard.toml"
    path.write_text(
        f'[guard]\nlisten = "127.0.0.1:0"\nadmin = "127.0.0.1:0"\n{guard}'
        f'[upstream]\nurl = "http://127.0.0.1:{upstream_port}"\n'
        f'[identity]\npepper_file = "pepper"\n'
        f'[recording]\nfolder = "records"\n{more}'
    )
    return path


@contextmanager
def running_guard(path: Path) -> Iterator[RunningGuard]:
    """Run a guard by a configuration file."""
    log_path = path.parent / "guard.log"
    paths = os.pathsep.join([SOURCES, os.environ.get("PYTHONPATH", "")])
    environment = {**os.environ, "PYTHONPATH": paths}
    with log_path.open("w") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "cautery.cli", "guard", "serve", str(path)],
            stdout=subprocess.PIPE,
            stderr=log,
            text=True,
            env=environment,
        )
    try:
        assert process.stdout is not None
        line = process.stdout.readline()
        assert line, log_path.read_text()
        ports = json.loads(line)
        numbers = (ports["port"], ports["admin_port"])
        yield RunningGuard(process, *numbers, path, log_path, ports["decision_port"])
    finally:
        if process.poll() is None:
            process.kill()
        process.wait()
        if process.stdout is not None:
            process.stdout.close()


def free_port(next_too: int = 0) -> int:
    """Find a port that nobody listens at; nor at so many after it, which further workers take."""
    while True:
        with ExitStack() as probes:
            first = probes.enter_context(socket.socket())
            first.bind(("127.0.0.1", 0))
            port = int(first.getsockname()[1])
            try:
                for number in range(port + 1, port + 1 + next_too):
                    probes.enter_context(socket.socket()).bind(("127.0.0.1", number))
            except (OSError, OverflowError):
                continue
            return port
