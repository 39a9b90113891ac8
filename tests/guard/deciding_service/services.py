"""A decision service on an event loop of its own, and questions to it."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.client import HTTPConnection
from typing import Any

from tests.guard.deciders import GOOD_KEY, FakeAuthenticator, FakeDecider

from cautery.guard.adapters.decision_service import MEMBER
from cautery.guard.deciding_service.callers import Callers
from cautery.guard.deciding_service.service import DecisionService
from cautery.guard.deciding_service.settings import ServiceSettings
from cautery.guard.metrics import Metrics
from cautery.records.key import Secret

CALLER_SECRET = "planted-secret-of-callers-0123456789abcdef"
BY_SECRET = Callers(proof="secret", secrets=(Secret(CALLER_SECRET.encode()),))
BY_LOOPBACK = Callers(proof="loopback")


@dataclass
class Answered:
    """An answer, as a program reads it."""

    status: int
    headers: dict[str, str]
    body: bytes


@dataclass
class RunningService:
    """A service at work."""

    service: DecisionService
    decider: FakeDecider
    port: int

    @property
    def metrics(self) -> Metrics:
        return self.service.metrics

    def ask(
        self,
        path: str,
        headers: dict[str, str] | None = None,
        body: bytes | None = None,
        method: str = "GET",
        secret: str = CALLER_SECRET,
    ) -> Answered:
        """Ask once."""
        shown = {"x-cautery-caller": secret} if secret else {}
        connection = HTTPConnection("127.0.0.1", self.port, timeout=20)
        try:
            connection.request(method, path, body, {**shown, **(headers or {})})
            answer = connection.getresponse()
            named = {name.lower(): value for name, value in answer.getheaders()}
            return Answered(answer.status, named, answer.read())
        finally:
            connection.close()

    def ask_json(self, path: str, body: bytes, secret: str = CALLER_SECRET) -> Answered:
        """Ask in JSON."""
        kind = {"content-type": "application/json"}
        return self.ask(path, kind, body, "POST", secret)


def of_client(**more: str) -> dict[str, str]:
    """Write what nginx says of a client's request."""
    return {
        "x-original-method": "POST",
        "x-original-uri": "/v1/chat/completions",
        "authorization": f"Bearer {GOOD_KEY}",
        "x-forwarded-for": "203.0.113.9",
        **{name.replace("_", "-"): value for name, value in more.items()},
    }


@contextmanager
def running_service(
    decider: Any = None,
    *,
    callers: Callers = BY_SECRET,
    service: dict[str, Any] | None = None,
    **settings: Any,
) -> Iterator[RunningService]:
    """Run a service in a thread."""
    decider = decider or FakeDecider()
    told = ServiceSettings(
        decider=decider,
        authenticator=settings.pop("authenticator", FakeAuthenticator()),
        callers=callers,
        **settings,
    )
    started: list[RunningService] = []
    ready = threading.Event()
    loop = asyncio.new_event_loop()

    async def serve() -> None:
        working = DecisionService(told, Metrics(), loop, sweep_seconds=0.05, **(service or {}))
        listening = await MEMBER.listen(working, ("127.0.0.1", 0))
        port = listening.sockets[0].getsockname()[1]
        started.append(RunningService(working, decider, port))
        ready.set()
        await stop.wait()
        listening.close()
        for connection in list(working.connections):
            connection.abort()
        working.close()
        await asyncio.sleep(0)

    stop = asyncio.Event()
    thread = threading.Thread(target=lambda: loop.run_until_complete(serve()))
    thread.start()
    try:
        assert ready.wait(20)
        yield started[0]
    finally:
        loop.call_soon_threadsafe(stop.set)
        thread.join()
        loop.close()
