"""The decision service: gateways and programs of the operator's own ask, and carry it out."""

from __future__ import annotations

import asyncio
import ssl
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Final

from cautery.errors import MissingExtraError
from cautery.records.decision import Action

if TYPE_CHECKING:
    from cautery.guard.deciding_service.service import DecisionService

_BACKLOG: Final = 2048
_FOR_USER_AND_GROUP: Final = 0o660
_CARRIES_OUT: Final[tuple[Action, ...]] = ("allow", "tag", "throttle", "challenge", "block")


class DecisionServiceAdapter:
    """Sees heads of requests, of some gateways bodies, and never an answer."""

    name = "decision-service"
    description = "HTTP service that nginx, Envoy, Traefik, Caddy, LiteLLM and programs ask"
    carries_out = frozenset(_CARRIES_OUT)
    sees_body = False
    sees_answer = False

    async def listen(
        self,
        service: DecisionService,
        place: tuple[str, int] | Path,
        *,
        tls: ssl.SSLContext | None = None,
        reuse_port: bool = False,
    ) -> asyncio.Server:
        """Begin to serve.

        Args:
            service: What questions are treated by.
            place: Address and TCP port, 0 for a free one; or the path of a Unix socket.
            tls: Certificate and key; None serves plain HTTP.
            reuse_port: Whether several processes listen at the same port.

        Returns:
            The listening server, to be closed when the guard stops.

        Raises:
            MissingExtraError: The extra ``guard`` is not installed.
            OSError: The port or the socket cannot be had.
        """
        try:
            from cautery.guard.deciding_service.asking import Asking
            from cautery.guard.deciding_service.routes import route
            from cautery.guard.proxying.client_connection import ClientConnection
        except ModuleNotFoundError as error:
            raise MissingExtraError(
                f"the decision service needs {error.name}",
                hint="Install it: pip install 'cautery[guard]'.",
            ) from error
        loop = asyncio.get_running_loop()
        begin = partial(Asking, service, route)

        def connect() -> ClientConnection:
            return ClientConnection(service, begin)

        if isinstance(place, Path):
            server = await loop.create_unix_server(connect, str(place), ssl=tls, backlog=_BACKLOG)
            await loop.run_in_executor(None, place.chmod, _FOR_USER_AND_GROUP)
            return server
        host, port = place
        return await loop.create_server(
            connect, host, port, ssl=tls, backlog=_BACKLOG, reuse_port=reuse_port or None
        )


MEMBER: Final = DecisionServiceAdapter()
