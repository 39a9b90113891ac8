"""ASGI middleware: the guard inside FastAPI, Starlette, vLLM or any other ASGI application."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

from cautery.errors import CauteryError
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
    from cautery.guard.assembly import Rooms
    from cautery.guard.proxying.deciding import Deciding

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
        rooms: Decision core and authentication, in place of those of the configuration.

    Raises:
        ConfigurationError: The configuration is not there, or some of it is wrong.
    """

    def __init__(
        self,
        app: Application,
        configuration: str | Path | None = None,
        *,
        rooms: Rooms | None = None,
    ) -> None:
        self._application = app
        self._guard = EmbeddedGuard(configuration, rooms=rooms)
        self._held = HeldBytes()
        inside = self._guard.configuration.inside
        self._open_paths = tuple(path.rstrip("/") for path in inside.open_paths)
        self._passes_websockets = inside.websockets == "pass"

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one connection, as ASGI has it."""
        if scope["type"] == "http":
            await self._serve(scope, receive, send)
        elif scope["type"] == "lifespan":
            await self._application(scope, receive, self._lifespan(send))
        elif scope["type"] == "websocket" and not self._passes_websockets:
            await receive()
            await send({"type": "websocket.close", "code": _POLICY_VIOLATION})
        else:
            await self._application(scope, receive, send)

    async def _serve(self, scope: Scope, receive: Receive, send: Send) -> None:
        service = await self._guard.begin()
        head = read_scope(scope)
        operation = None if head is None else read_target(head.target)
        if head is None or operation is None:
            await self._refuse(service, "bad_request", send)
        elif self._is_open(operation.path):
            await self._application(scope, receive, send)
        elif not (operation.path + "/").startswith(self._guard.settings.paths):
            await self._refuse(service, "path_not_served", send)
        else:
            settings = self._guard.settings
            reading = BodyReading(receive, settings.limits, self._held)
            exchange = HttpExchange(service, settings, head, operation, reading=reading, send=send)
            await exchange.run(self._application, scope)

    def _is_open(self, path: str) -> bool:
        return any(path == one or path.startswith(one + "/") for one in self._open_paths)

    async def _refuse(self, service: Deciding, refusal: Refusal, send: Send) -> None:
        service.metrics.count("refusals_total", refusal)
        await send_answer(send, answer_refusal(refusal, service.identifier("req_")))

    def _lifespan(self, send: Send) -> Send:
        """Begin before the application has begun, and end after it has ended."""

        async def passed(message: Message) -> None:
            if message["type"] == "lifespan.startup.complete":
                try:
                    await self._guard.begin()
                except CauteryError as error:
                    log("guard did not begin", reason=error.what, where=error.where)
                    await send({"type": "lifespan.startup.failed", "message": str(error)})
                    return
            elif message["type"].startswith("lifespan.shutdown."):
                await self._guard.end()
            await send(message)

        return passed


class Asgi:
    """Sees requests and answers inside their server, so that it can carry out every action."""

    name = "asgi"
    description = "ASGI middleware inside FastAPI, Starlette or vLLM: sees requests and answers"
    carries_out = frozenset(ACTIONS)
    sees_body = True
    sees_answer = True
    middleware = CauteryMiddleware


MEMBER: Final = Asgi()
