"""Runs the server under uvicorn, and hands it the client's certificate.

uvicorn verifies certificates and tells applications nothing of them; what is added to it here is
that a connection's certificate stands in the scope of its requests, and that a connection on which
nothing is asked is closed.
"""

from __future__ import annotations

import asyncio
import signal
import socket
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final

from cautery.errors import MissingExtraError, OutputError
from cautery.intel.taxii.assembly import make_application, make_storage
from cautery.intel.taxii.configuration import TaxiiConfiguration
from cautery.intel.taxii.messages import CERTIFICATE, Receive, Scope, Send
from cautery.intel.taxii.tls import server_context

if TYPE_CHECKING:
    from uvicorn import Config
    from uvicorn.protocols.http.h11_impl import H11Protocol

HEAD_SECONDS: Final = 10.0
"""For the first request of a connection."""
DRAIN_SECONDS: Final = 30
"""For answers under way when the server is stopped."""
_HEAD_BYTES: Final = 32 * 2**10
_BACKLOG: Final = 512


def serve(configuration: TaxiiConfiguration, ready: Callable[[int], None]) -> None:
    """Serve until SIGTERM or SIGINT; requests under way are answered.

    Args:
        configuration: What is served, and to whom.
        ready: Is told the port, once it is served.

    Raises:
        ConfigurationError: A secret, the tokens or a certificate cannot be used.
        OutputError: The port or the storage cannot be had.
        MissingExtraError: The extra ``intel`` is not installed.
    """
    try:
        import uvicorn
    except ModuleNotFoundError as error:
        raise MissingExtraError(
            "the sharing server needs uvicorn", hint="Install it: pip install 'cautery[intel]'."
        ) from error
    storage = make_storage(configuration)
    application = make_application(configuration, storage)
    server = uvicorn.Server(_settings(configuration, application))
    listener = _listen(configuration)

    async def run() -> None:
        await storage.open([one.id for one in configuration.collections])
        try:
            ready(listener.getsockname()[1])
            await server.serve(sockets=[listener])
        finally:
            await storage.close()

    # Until uvicorn has its own handlers; it raises the signal that ended it once more, for these.
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: setattr(server, "should_exit", True))
    with listener:
        asyncio.run(run())


def _settings(configuration: TaxiiConfiguration, application: Any) -> Config:
    import uvicorn

    tls = configuration.tls
    settings = uvicorn.Config(
        application,
        http=_protocol(),
        ws="none",
        lifespan="off",
        log_config=None,
        access_log=False,
        proxy_headers=False,
        server_header=False,
        limit_concurrency=configuration.limits.connections,
        timeout_graceful_shutdown=DRAIN_SECONDS,
        h11_max_incomplete_event_size=_HEAD_BYTES,
    )
    context = None if tls is None else server_context(tls, configuration.folder)
    settings.load()
    settings.ssl = context
    return settings


def _listen(configuration: TaxiiConfiguration) -> socket.socket:
    host, port = configuration.address
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM, proto=socket.IPPROTO_TCP
        )[0]
        # The protocol is named, as otherwise asyncio does not switch Nagle's algorithm off, and
        # every answer on a kept connection would wait 40 ms for the client's acknowledgement.
        listener = socket.socket(family, kind, protocol)
        try:
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            listener.bind(address)
            listener.listen(_BACKLOG)
        except OSError:
            listener.close()
            raise
    except OSError as error:
        raise OutputError(
            f"cannot listen: {error.strerror or error}", where=f"{host}:{port}"
        ) from error
    listener.setblocking(False)
    return listener


def _protocol() -> type[H11Protocol]:
    from uvicorn.protocols.http.h11_impl import H11Protocol

    class CertifiedProtocol(H11Protocol):
        """A connection that tells its application who is at its other end."""

        def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
            super().connection_made(transport)
            self.app = _certified(self.app, _certificate_of(transport))
            self.loop.call_later(HEAD_SECONDS, self._close_if_silent)

        def _close_if_silent(self) -> None:
            asked: object | None = self.scope
            if asked is None:
                self.transport.close()

    return CertifiedProtocol


def _certificate_of(transport: asyncio.Transport) -> bytes:
    connection = transport.get_extra_info("ssl_object")
    return b"" if connection is None else connection.getpeercert(binary_form=True) or b""


def _certified(application: Any, certificate: bytes) -> Any:
    async def serve_certified(scope: Scope, receive: Receive, send: Send) -> None:
        scope[CERTIFICATE] = certificate
        await application(scope, receive, send)

    return serve_certified
