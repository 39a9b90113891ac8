"""ASGI middleware: the guard inside FastAPI, Starlette, vLLM or any other ASGI application."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import TYPE_CHECKING, Final

from cautery.errors import CauteryError, ConfigurationError
from cautery.guard.answers import Refusal, answer_refusal
from cautery.guard.embedded import EmbeddedGuard
from cautery.guard.middleware.body_reading import BodyReading, HeldBytes
from cautery.guard.middleware.http_exchange import HttpExchange, send_answer
from cautery.guard.middleware.messages import Application, Message, Receive, Scope, Send
from cautery.guard.middleware.scope_reading import read_scope
from cautery.guard.request_paths import read_target
from cautery.guard.structured_logs import log
from cautery.records.decision import ACTIONS

if TYPE_CHECKING:
    from cautery.guard.embedded import Judges
    from cautery.guard.proxying.exchange_service import ExchangeService

_POLICY_VIOLATION: Final = 1008
"""Code of a WebSocket that is closed (RFC 6455, section 7.4.1)."""


class CauteryMiddleware:
    """The guard in front of an ASGI application, without any framework.

    A framework is given it (``app.add_middleware(CauteryMiddleware, configuration="guard.toml")``),
    a server is told its name (``--middleware cautery.guard.adapters.asgi.CauteryMiddleware``). A
    server gives it nothing but the application, so the environment variable
    ``CAUTERY_GUARD_CONFIGURATION`` names the configuration then. It must be the outermost
    middleware that sees bodies: what stands before it is not decided on.

    Args:
        app: The application.
        configuration: Path of the guard's configuration file.
        judges: Who decides and recognises, in place of those of the configuration.
    """

    def __init__(
        self,
        app: Application,
        configuration: str | Path | None = None,
        *,
        judges: Judges | None = None,
    ) -> None:
        self._application = app
        self._held = HeldBytes()
        self._guard: EmbeddedGuard | None = None
        self._error: CauteryError | None = None
        self._open_paths: tuple[str, ...] = ()
        self._passes_websockets = False
        try:
            self._guard = EmbeddedGuard(configuration, judges=judges)
        except CauteryError as error:
            # Frameworks make their middleware when they are first called, and servers take an
            # error of that moment for an application without a lifespan. So it waits for the
            # message by which a server can be told that it must not start.
            self._error = error
            return
        inside = self._guard.configuration.inside
        self._open_paths = tuple(path.rstrip("/") for path in inside.open_paths)
        self._passes_websockets = inside.websockets == "pass"

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one connection, as ASGI has it."""
        if scope["type"] == "http":
            await self._serve(scope, receive, send)
        elif scope["type"] == "lifespan":
            await self._live(scope, receive, send)
        elif scope["type"] == "websocket" and not self._passes_websockets:
            await receive()
            await send({"type": "websocket.close", "code": _POLICY_VIOLATION})
        else:
            await self._application(scope, receive, send)

    async def _serve(self, scope: Scope, receive: Receive, send: Send) -> None:
        guard = self._guard
        if guard is None:
            # Nothing passes a guard that is not there.
            raise self._error or ConfigurationError("there is no guard")
        begun = await guard.begin()
        service, settings = begun.service, begun.settings
        head = read_scope(scope)
        operation = None if head is None else read_target(head.target)
        if head is None or operation is None:
            await self._refuse(service, "bad_request", send)
        elif self._is_open(operation.path):
            await self._application(scope, receive, send)
        elif not (operation.path + "/").startswith(settings.paths):
            await self._refuse(service, "path_not_served", send)
        else:
            reading = BodyReading(receive, settings.limits, self._held)
            exchange = HttpExchange(service, settings, head, operation, reading=reading, send=send)
            await exchange.run(self._application, scope)

    def _is_open(self, path: str) -> bool:
        return any(path == one or path.startswith(one + "/") for one in self._open_paths)

    async def _refuse(self, service: ExchangeService, refusal: Refusal, send: Send) -> None:
        service.metrics.count("refusals_total", refusal)
        await send_answer(send, answer_refusal(refusal, service.identifier("req_")))

    async def _live(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Begin before the application has begun, and end after it has ended."""
        if self._guard is None:
            await receive()
            await self._fail(self._error, send)
            return
        guard = self._guard

        async def passed(message: Message) -> None:
            if message["type"] == "lifespan.startup.complete":
                try:
                    await guard.begin()
                except CauteryError as error:
                    await self._fail(error, send)
                    return
            elif message["type"].startswith("lifespan.shutdown."):
                await guard.end()
            await send(message)

        await self._application(scope, receive, passed)

    async def _fail(self, error: CauteryError | None, send: Send) -> None:
        log("guard did not begin", logging.ERROR, reason=error.what if error else "")
        await send({"type": "lifespan.startup.failed", "message": str(error)})


class Asgi:
    """Sees requests and answers inside their server, so that it can carry out every action."""

    name = "asgi"
    description = "ASGI middleware inside FastAPI, Starlette or vLLM: sees requests and answers"
    carries_out = frozenset(ACTIONS)
    sees_body = True
    sees_answer = True
    middleware = CauteryMiddleware


MEMBER: Final = Asgi()
