"""A model server that reasons, in both manners of speech; it keeps what reached it."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

PROMPT = "planted prompt of the customer"
SECRET = "planted thought of the model"
GIST = "I add the columns."
THOUGHT = f"{GIST} Then 7 and 5 is 12, the {SECRET}, and with the carry 1 and 3 is 5, so 52."
"""Reasoning, of which a summary may show the gist and nothing with figures."""
EXPLAINED = "planted explanation of the model\n\n"
SAID = "planted answer of the model"
SLOWLY = "planted prompt that is answered without an end"
_PROBABILITIES = {"content": [{"token": "It", "logprob": -0.25, "bytes": None, "top_logprobs": []}]}
_USAGE = {"prompt_tokens": 7, "completion_tokens": 3, "total_tokens": 10}
_USAGE_OF_ANTHROPIC = {"input_tokens": 7, "output_tokens": 3}


@dataclass
class Reached:
    """One request that reached the server."""

    path: str
    headers: dict[str, str]
    body: dict[str, Any]


@dataclass
class ModelServer:
    """The server, and what reached it."""

    port: int
    reached: list[Reached] = field(default_factory=list)


def _chat(body: dict[str, Any]) -> bytes:
    message = {"role": "assistant", "content": EXPLAINED + SAID, "reasoning_content": THOUGHT}
    choice = {"index": 0, "message": message, "finish_reason": "stop", "logprobs": _PROBABILITIES}
    head = {"id": "chatcmpl-1", "object": "chat.completion", "created": 1, "model": body["model"]}
    return json.dumps({**head, "choices": [choice], "usage": _USAGE}).encode()


def _chat_stream(body: dict[str, Any]) -> bytes:
    head = {"id": "chatcmpl-1", "object": "chat.completion.chunk", "created": 1}
    deltas: list[dict[str, Any]] = [
        {"role": "assistant", "reasoning_content": THOUGHT},
        {"content": "<thi"},
        {"content": f"nk>{THOUGHT}</think>{EXPLAINED}{SAID[:7]}"},
        {"content": SAID[7:]},
    ]
    choices: list[list[dict[str, Any]]] = [
        [{"index": 0, "delta": delta, "logprobs": _PROBABILITIES}] for delta in deltas
    ]
    choices.append([{"index": 0, "delta": {}, "finish_reason": "stop"}])
    events = [{**head, "model": body["model"], "choices": one} for one in choices]
    events.append({**head, "model": body["model"], "choices": [], "usage": _USAGE})
    return b"".join(f"data: {json.dumps(one)}\n\n".encode() for one in events) + b"data: [DONE]\n\n"


def _message(body: dict[str, Any]) -> bytes:
    content = [
        {"type": "thinking", "thinking": THOUGHT, "signature": "sig"},
        {"type": "text", "text": EXPLAINED + SAID},
    ]
    head = {"id": "msg_1", "type": "message", "role": "assistant", "model": body["model"]}
    end = {"stop_reason": "end_turn", "stop_sequence": None, "usage": _USAGE_OF_ANTHROPIC}
    return json.dumps({**head, "content": content, **end}).encode()


def _message_stream(body: dict[str, Any]) -> bytes:
    message = {**json.loads(_message(body)), "content": [], "stop_reason": None}
    events: list[dict[str, Any]] = [{"type": "message_start", "message": message}]
    blocks = (
        ("thinking", {"thinking": "", "signature": ""}, "thinking_delta", {"thinking": THOUGHT}),
        ("text", {"text": ""}, "text_delta", {"text": EXPLAINED + SAID}),
    )
    for index, (kind, empty, delta, said) in enumerate(blocks):
        block = {"type": kind, **empty}
        events += [
            {"type": "content_block_start", "index": index, "content_block": block},
            {"type": "content_block_delta", "index": index, "delta": {"type": delta, **said}},
            {"type": "content_block_stop", "index": index},
        ]
    end = {"stop_reason": "end_turn", "stop_sequence": None}
    events += [
        {"type": "message_delta", "delta": end, "usage": _USAGE_OF_ANTHROPIC},
        {"type": "message_stop"},
    ]
    return b"".join(f"event: {one['type']}\ndata: {json.dumps(one)}\n\n".encode() for one in events)


def _answer(path: str, body: dict[str, Any]) -> tuple[bytes, str]:
    streamed = bool(body.get("stream"))
    if path.endswith("/messages"):
        content = _message_stream(body) if streamed else _message(body)
    else:
        content = _chat_stream(body) if streamed else _chat(body)
    return content, "text/event-stream" if streamed else "application/json"


@contextmanager
def model_server() -> Iterator[ModelServer]:
    """Run the server in threads until the end of the block."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["content-length"])) or b"{}")
            headers = {name.lower(): value for name, value in self.headers.items()}
            told.reached.append(Reached(self.path, headers, body))
            if body["messages"][0]["content"] == SLOWLY:
                self._speak_until_nobody_listens(body)
                return
            content, kind = _answer(self.path, body)
            self.send_response(200)
            self.send_header("content-type", kind)
            self.send_header("content-length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def _speak_until_nobody_listens(self, body: dict[str, Any]) -> None:
            self.send_response(200)
            self.send_header("content-type", "text/event-stream")
            self.send_header("connection", "close")
            self.end_headers()
            event = _chat_stream(body).split(b"\n\n")[-4] + b"\n\n"
            with suppress(OSError):
                while not ended.is_set():
                    self.wfile.write(event)
                    self.wfile.flush()
                    ended.wait(0.02)
            self.close_connection = True

        def log_message(self, *_: Any) -> None:
            """Keep the tests' output clean."""

    ended = threading.Event()
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    told = ModelServer(server.server_port)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield told
    finally:
        ended.set()
        server.shutdown()
        thread.join()
        server.server_close()
