"""The reverse proxy: in front of any server that speaks OpenAI's or Anthropic's API over HTTP."""

from __future__ import annotations

import asyncio
import ssl
from functools import partial
from typing import TYPE_CHECKING, Final

from cautery.errors import MissingExtraError
from cautery.records.decision import ACTIONS

if TYPE_CHECKING:
    from cautery.guard.proxying.service import ProxyService

_BACKLOG: Final = 2048


class Proxy:
    """Sees requests and answers whole, so that it can carry out every action."""

    name = "proxy"
    description = "reverse proxy in front of a model server: sees requests and answers"
    carries_out = frozenset(ACTIONS)
    sees_body = True
    sees_answer = True

    async def listen(
        self,
        service: ProxyService,
        host: str,
        port: int,
        *,
        tls: ssl.SSLContext | None = None,
        reuse_port: bool = False,
    ) -> asyncio.Server:
        """Begin to serve.

        Args:
            service: What requests are treated by.
            host: Address to listen at.
            port: TCP port; 0 takes a free one.
            tls: Certificate and key; None serves plain HTTP.
            reuse_port: Whether several processes listen at the same port.

        Returns:
            The listening server, to be closed when the guard stops.

        Raises:
            MissingExtraError: The extra ``guard`` is not installed.
            OSError: The port cannot be had.
        """
        try:
            from cautery.guard.proxying.client_connection import ClientConnection
            from cautery.guard.proxying.exchange import Exchange
        except ModuleNotFoundError as error:
            raise MissingExtraError(
                f"the proxy needs {error.name}", hint="Install it: pip install 'cautery[guard]'."
            ) from error
        loop = asyncio.get_running_loop()
        return await loop.create_server(
            lambda: ClientConnection(service, partial(Exchange, service)),
            host,
            port,
            ssl=tls,
            backlog=_BACKLOG,
            reuse_port=reuse_port or None,
        )


MEMBER: Final = Proxy()
