"""Messages to a receiver: signed, fresh, told again until they are taken."""

from __future__ import annotations

import json
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import pytest
from tests.guard.deciders import ALLOW, NOW

from cautery.guard.webhooks import TOLERANCE_SECONDS, Webhook, sign, verify
from cautery.records.decision import Reason
from cautery.records.key import Secret
from cautery.records.request import RequestFacts

SECRET = Secret(b"s" * 32)
FACTS = RequestFacts(arrived_at=NOW, request_id="req_1", account_id="acct-1", key_id="key-1")
BLOCK = replace(
    ALLOW,
    action="block",
    enforced_action="block",
    reasons=(Reason(rule="r", text="t", evidence=("e",)),),
)


@dataclass
class Received:
    """What a receiver got."""

    port: int = 0
    messages: list[tuple[dict[str, str], bytes]] = field(default_factory=list)
    statuses: list[int] = field(default_factory=list)


@contextmanager
def receiver(*statuses: int) -> Iterator[Received]:
    received = Received(statuses=list(statuses))

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            headers = {name.lower(): value for name, value in self.headers.items()}
            received.messages.append((headers, body))
            self.send_response(received.statuses.pop(0) if received.statuses else 204)
            self.send_header("content-length", "0")
            self.end_headers()

        def log_message(self, *_: Any) -> None:
            """Keep the tests' output clean."""

    server = HTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    received.port = server.server_port
    try:
        yield received
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def webhook_to(port: int, counted: Counter[str]) -> Webhook:
    def count(outcome: str, by: int) -> None:
        counted[outcome] += by

    url = f"http://127.0.0.1:{port}/hook"
    return Webhook(url, SECRET, frozenset({"block"}), count, clock=lambda: 1000.0)


def test_tells_what_is_told_and_signs_it() -> None:
    """The receiver can verify the message once; another secret cannot."""
    counted: Counter[str] = Counter()
    with receiver() as received:
        webhook = webhook_to(received.port, counted)
        webhook.announce(replace(ALLOW, action="tag", enforced_action="tag"), FACTS)
        webhook.announce(BLOCK, FACTS)
        webhook.flush()
        webhook.close()
    [(headers, body)] = received.messages
    told = json.loads(body)
    assert told["schema"] == "cautery.webhook/1"
    assert told["decisions"][0]["enforced_action"] == "block"
    assert told["decisions"][0]["key_id"] == "key-1"
    seen: set[str] = set()
    assert not verify(Secret(b"x" * 32), headers, body, now=1000, seen=seen)
    assert verify(SECRET, headers, body, now=1000, seen=seen)
    assert not verify(SECRET, headers, body, now=1000, seen=seen)
    assert counted == {"written": 1}


def test_tells_again_what_was_not_taken() -> None:
    """An error at the receiver, or no receiver, loses nothing."""
    counted: Counter[str] = Counter()
    with receiver(500) as received:
        webhook = webhook_to(received.port, counted)
        webhook.announce(BLOCK, FACTS)
        webhook.flush()
        webhook.flush()
        webhook.close()
    assert len(received.messages) == 2
    assert counted["written"] == 1
    assert counted["failed"] >= 1
    ids = {headers["webhook-id"] for headers, _ in received.messages}
    assert len(ids) == 2


def test_nobody_there_is_counted() -> None:
    """What cannot be told before the end is counted as dropped."""
    counted: Counter[str] = Counter()
    webhook = webhook_to(1, counted)
    webhook.announce(BLOCK, FACTS)
    webhook.close()
    assert counted["dropped"] == 1


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("webhook-id", "other"),
        ("webhook-id", ""),
        ("webhook-timestamp", "1001"),
        ("webhook-timestamp", "x"),
        ("webhook-timestamp", "9" * 30),
        ("webhook-signature", ""),
        ("webhook-signature", "v1,AAAA"),
        ("webhook-signature", "v1,\u00e9"),
    ],
)
def test_refuses_what_was_changed(name: str, value: str) -> None:
    """Each part is under the signature."""
    headers = {
        "webhook-id": "m",
        "webhook-timestamp": "1000",
        "webhook-signature": sign(SECRET, "m", 1000, b"{}"),
    }
    assert verify(SECRET, headers, b"{}", now=1000, seen=set())
    assert not verify(SECRET, {**headers, name: value}, b"{}", now=1000, seen=set())
    assert not verify(SECRET, headers, b"{} ", now=1000, seen=set())


@pytest.mark.parametrize("now", [1000 + TOLERANCE_SECONDS + 1, 1000 - TOLERANCE_SECONDS - 1])
def test_refuses_what_is_not_fresh(now: float) -> None:
    """An old message that was caught cannot be told again."""
    headers = {
        "webhook-id": "m",
        "webhook-timestamp": "1000",
        "webhook-signature": sign(SECRET, "m", 1000, b"{}"),
    }
    assert not verify(SECRET, headers, b"{}", now=now, seen=set())
