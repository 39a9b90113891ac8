"""Requests that are not as they should be, and clients that leave."""

from __future__ import annotations

import asyncio
import json
import socket
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.guard.deciders import GOOD_KEY, FakeAuthenticator, FakeDecider
from tests.guard.middleware.applications import records_in
from tests.guard.middleware.guarded import CHAT, guarded, wait_for

from cautery.guard.metrics import Metrics
from cautery.guard.middleware.body_reading import BodyReading, HeldBytes
from cautery.guard.middleware.http_exchange import HttpExchange
from cautery.guard.middleware.messages import Message, Receive, Scope, Send
from cautery.guard.middleware.scope_reading import read_scope
from cautery.guard.opt_outs import STRIPPED_FIELDS
from cautery.guard.proxying.exchange_service import ExchangeService
from cautery.guard.proxying.settings import ExchangeSettings
from cautery.guard.request_paths import read_target


@pytest.mark.parametrize(
    ("body", "headers", "status", "code"),
    [
        (b'{"model":', {}, 400, "invalid_request"),
        (b'{"model":"served","n":"5"}', {}, 400, "invalid_request"),
        (b"{}", {"content_encoding": "gzip"}, 415, "unsupported_media_type"),
        (b"{}", {"authorization": "Bearer wrong"}, 401, "invalid_api_key"),
        (b"[" + b" " * 4096 + b"]", {}, 413, "request_too_large"),
    ],
    ids=["not-json", "wrong-type", "compressed", "unknown-key", "too-large"],
)
def test_what_cannot_be_read_is_refused(
    tmp_path: Path, body: bytes, headers: dict[str, str], status: int, code: str
) -> None:
    """The application never sees it."""
    with guarded(tmp_path, more='[limits]\nbody_size = "2 KiB"\n') as guard:
        answered, named, content = guard.ask(body, **headers)
        assert (answered, json.loads(content)["error"]["code"]) == (status, code)
        assert named["x-request-id"].startswith("req_")
        assert guard.seen.bodies == []
        assert guard.decider.asked == []


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/health", 200),
        ("/secret", 404),
        ("/healthy", 404),
        ("/v1/%63hat/completions", 400),
        ("/health/../v1/chat/completions", 400),
        ("//v1/chat/completions", 400),
    ],
)
def test_paths_have_one_spelling(tmp_path: Path, path: str, status: int) -> None:
    """Open paths pass, others are not found, and those with two readings are refused."""
    with guarded(tmp_path) as guard, socket.create_connection(("127.0.0.1", guard.port)) as wire:
        wire.sendall(f"GET {path} HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n".encode())
        answer = b"".join(iter(lambda: wire.recv(65536), b""))
        assert int(answer.split(b" ")[1]) == status
        assert guard.decider.asked == []


def test_headers_that_stand_twice_are_refused(tmp_path: Path) -> None:
    """One server takes the first credential, another the last."""
    with guarded(tmp_path) as guard, socket.create_connection(("127.0.0.1", guard.port)) as wire:
        wire.sendall(
            b"POST /v1/chat/completions HTTP/1.1\r\nhost: a\r\nconnection: close\r\n"
            b"authorization: Bearer a\r\nauthorization: Bearer b\r\ncontent-length: 2\r\n\r\n{}"
        )
        answer = b"".join(iter(lambda: wire.recv(65536), b""))
        assert int(answer.split(b" ")[1]) == 400


def test_a_client_that_leaves_is_let_go(tmp_path: Path) -> None:
    """The application learns of it, and what was streamed until then is charged."""
    with guarded(tmp_path) as guard:
        body = json.dumps({**CHAT, "user": "slow"}).encode()
        with socket.create_connection(("127.0.0.1", guard.port)) as wire:
            head = f"authorization: Bearer {GOOD_KEY}\r\ncontent-length: {len(body)}\r\n\r\n"
            wire.sendall(
                b"POST /v1/chat/completions HTTP/1.1\r\nhost: a\r\n" + head.encode() + body
            )
            assert b"200" in wire.recv(200)
        wait_for(lambda: "stream ended" in guard.seen.events)
        wait_for(lambda: guard.decider.settled)
    assert guard.decider.settled[0].status_code == 0
    assert records_in(tmp_path)[0]["error_type"] == "client_closed"


def test_a_client_that_leaves_before_its_body_is_whole(tmp_path: Path) -> None:
    """Nothing was asked, so nothing is decided on."""
    with guarded(tmp_path, more='[limits]\nbody_timeout = "200ms"\n') as guard:
        with socket.create_connection(("127.0.0.1", guard.port)) as wire:
            head = f"authorization: Bearer {GOOD_KEY}\r\ncontent-length: 100\r\n\r\n"
            wire.sendall(b"POST /v1/chat/completions HTTP/1.1\r\nhost: a\r\n" + head.encode())
        with socket.create_connection(("127.0.0.1", guard.port)) as wire:
            wire.sendall(b"POST /v1/chat/completions HTTP/1.1\r\nhost: a\r\n" + head.encode())
            assert b" 408 " in wire.recv(200)
        assert guard.ask(CHAT)[0] == 200
    assert len(guard.decider.asked) == 1


@settings(max_examples=60, deadline=None)
@given(
    fields=st.dictionaries(
        st.sampled_from([*sorted(STRIPPED_FIELDS), "n", "Logprobs", "cautery_x", "extra_body"]),
        st.one_of(st.none(), st.booleans(), st.integers(0, 9), st.text(max_size=4)),
        max_size=4,
    ),
    nested=st.booleans(),
)
def test_no_opt_out_reaches_the_application(fields: dict[str, Any], *, nested: bool) -> None:
    """Whatever a client writes where, at the top or in what engines take as extras."""
    told = {"extra_body": fields} if nested else fields
    body = json.dumps({"model": "m", "messages": [], **told}).encode()
    status, reached = asyncio.run(exchanged(body))
    if status == 200:
        inner = reached.get("extra_body", {}) if nested else reached
        names = {name.casefold() for name in inner} if isinstance(inner, dict) else set()
        assert not names & STRIPPED_FIELDS
        assert not any(name.startswith("cautery_") for name in names)
    else:
        assert (status, reached) == (400, {})


async def exchanged(body: bytes) -> tuple[int, dict[str, Any]]:
    """Send one request through the middleware by hand; give its status and what it came to."""
    reached: list[bytes] = []
    statuses: list[int] = []

    async def application(_: Scope, receive: Receive, send: Send) -> None:
        reached.append((await receive())["body"])
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b"{}"})

    async def receive() -> Message:
        return {"type": "http.request", "body": body}

    async def send(message: Message) -> None:
        if message["type"] == "http.response.start":
            statuses.append(message["status"])

    path = "/v1/chat/completions"
    key = (b"authorization", f"Bearer {GOOD_KEY}".encode())
    scope = {"type": "http", "method": "POST", "path": path, "headers": [key]}
    head, operation = read_scope(scope), read_target(path)
    assert head is not None
    assert operation is not None
    told = ExchangeSettings(decider=FakeDecider(), authenticator=FakeAuthenticator())
    service = ExchangeService(told, Metrics(), asyncio.get_running_loop())
    reading = BodyReading(receive, told.limits, HeldBytes())
    exchange = HttpExchange(service, told, head, operation, reading=reading, send=send)
    await exchange.run(application, scope)
    return statuses[0], json.loads(reached[0]) if reached else {}
