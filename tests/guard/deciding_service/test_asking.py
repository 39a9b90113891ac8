"""Questions on their connections: order, patience, and what waits for a disk."""

from __future__ import annotations

import re
import socket
import threading
from concurrent.futures import Future
from dataclasses import replace
from typing import Any

import pytest
from tests.guard.deciders import ALLOW, GOOD_KEY
from tests.guard.deciding_service.services import (
    BY_LOOPBACK,
    CALLER_SECRET,
    of_client,
    running_service,
)

from cautery.guard.deciding_service.guardrail_forms import GUARDRAIL_PATH
from cautery.guard.proxying.settings import Limits
from cautery.records.decision import Decision
from cautery.records.request import RequestFacts, UsageFacts


def wire(path: str = "/authz/nginx", *, close: bool = False) -> bytes:
    lines = [f"GET {path} HTTP/1.1", "Host: guard", f"X-Cautery-Caller: {CALLER_SECRET}"]
    lines += [f"{name}: {value}" for name, value in of_client().items()]
    lines += ["Connection: close"] if close else []
    return "\r\n".join([*lines, "", ""]).encode()


def exchange(port: int, content: bytes, *, patience: float = 20) -> bytes:
    """Send bytes and read until the service closes."""
    received = b""
    with socket.create_connection(("127.0.0.1", port), timeout=patience) as connection:
        connection.sendall(content)
        while piece := connection.recv(65_536):
            received += piece
    return received


class SlowDecider:
    """Decides when it is let."""

    reads_templates = True

    def __init__(self) -> None:
        self.begun: list[Future[Decision]] = []
        self.asked: list[RequestFacts] = []
        self.waits = threading.Event()

    def decide(self, request: RequestFacts) -> Decision:
        return replace(ALLOW, request_id=request.request_id)

    def begin(self, request: RequestFacts) -> Decision | Future[Decision]:
        self.asked.append(request)
        future: Future[Decision] = Future()
        self.begun.append(future)
        self.waits.set()
        return future

    def settle(self, usage: UsageFacts) -> None:
        """Nothing is charged."""


def test_questions_on_one_connection_are_answered_in_order() -> None:
    """A gateway keeps its connections, and may send the next question before the answer."""
    with running_service() as running:
        answer = exchange(running.port, wire() + wire("/authz/nothing") + wire(close=True))
        assert re.findall(rb"HTTP/1\.1 (\d+)", answer) == [b"200", b"404", b"200"]
        ids = re.findall(rb"x-cautery-request-id: (req_\w+)", answer)
        assert len(set(ids)) == len(running.decider.asked) == 2
        assert answer.count(b"connection: close") == 1


def test_what_is_not_on_record_in_time_is_a_no() -> None:
    """A disk that does not answer lets nothing pass, and holds no question for ever."""
    slow = SlowDecider()
    with running_service(slow, callers=BY_LOOPBACK, decision_seconds=0.05) as running:
        nginx = running.ask("/authz/nginx", of_client())
        assert (nginx.status, nginx.headers["x-cautery-status"]) == (403, "503")
        envoy = running.ask(
            "/authz/envoy/v1/models", {"authorization": f"Bearer {GOOD_KEY}"}, secret=""
        )
        assert envoy.status == 429
        assert running.ask_json("/v1/decide", b'{"account_id":"a"}').status == 503
        assert running.ask_json(GUARDRAIL_PATH, b'{"texts":[]}').status == 503
        for future in slow.begun:
            future.set_result(ALLOW)
        # What came too late changes nothing, and the service goes on.
        assert running.ask("/openapi.json").status == 200
        assert running.service.in_flight == 0


def test_a_decision_that_another_thread_makes() -> None:
    """The answer is sent once the decision is on record."""
    slow = SlowDecider()
    answers: list[Any] = []
    with running_service(slow) as running:
        asking = threading.Thread(
            target=lambda: answers.append(running.ask("/authz/nginx", of_client()))
        )
        asking.start()
        assert slow.waits.wait(20)
        slow.begun[0].set_result(replace(ALLOW, decision_id="dec_late"))
        asking.join(20)
        assert answers[0].status == 200
        assert answers[0].headers["x-cautery-decision-id"] == "dec_late"


def test_a_caller_that_leaves() -> None:
    """Its question is let go of; what is decided later is sent to nobody."""
    slow = SlowDecider()
    with running_service(slow) as running:
        with socket.create_connection(("127.0.0.1", running.port), timeout=20) as connection:
            connection.sendall(wire())
            assert slow.waits.wait(20)
        gone = threading.Event()
        while running.metrics.value("cancelled_total") == 0:
            gone.wait(0.01)
        slow.begun[0].set_result(ALLOW)
        assert running.ask("/openapi.json").status == 200
        assert running.service.in_flight == 0


def test_a_slow_caller_is_given_up() -> None:
    """Half a head is answered with 408 after its time, and half a body too."""
    limits = Limits(head_seconds=0.1, body_seconds=0.1)
    with running_service(limits=limits) as running:
        assert exchange(running.port, b"GET /authz/nginx HT").startswith(b"HTTP/1.1 408")
        half = b"POST /v1/decide HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\n{"
        assert exchange(running.port, half).startswith(b"HTTP/1.1 408")


def test_sizes_are_bounded() -> None:
    """A head or a body that is too large is refused before it is held."""
    limits = Limits(head_bytes=2048, body_bytes=1024)
    with running_service(limits=limits) as running:
        long = running.ask("/authz/nginx", of_client(x_more="a" * 3000))
        assert long.status == 431
        assert running.ask_json("/v1/decide", b" " * 2000).status == 413
        assert running.decider.asked == []


class BrokenDecider(SlowDecider):
    """Breaks its port once."""

    def begin(self, request: RequestFacts) -> Decision | Future[Decision]:
        self.asked.append(request)
        if len(self.asked) == 1:
            raise ValueError("planted text of a client")
        return ALLOW


def test_an_error_of_the_guards_own_is_no_yes() -> None:
    """The connection is closed without an answer, which every gateway takes for a no."""
    with running_service(BrokenDecider()) as running:
        with pytest.raises(ConnectionError):
            running.ask("/authz/nginx", of_client())
        assert running.ask("/authz/nginx", of_client()).status == 200
        assert running.service.in_flight == 0
