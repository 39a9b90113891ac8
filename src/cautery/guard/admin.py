"""The listener for whoever runs the guard: ``/healthz``, ``/readyz`` and ``/metrics``."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from typing import Final, cast

from cautery.guard.metrics import Metrics
from cautery.guard.proxying.request_head import BadHeadError, parse_head

_MOST_BYTES: Final = 16 * 1024
_PATIENCE_SECONDS: Final = 10.0
_TEXT: Final = "text/plain; version=0.0.4; charset=utf-8"


class AdminConnection(asyncio.Protocol):
    """One connection; it is answered once and closed.

    Args:
        metrics: What ``/metrics`` shows.
        faults: What ``/readyz`` says: why requests should not be sent here, if anything.
    """

    def __init__(self, metrics: Metrics, faults: Callable[[], Sequence[str]]) -> None:
        self._metrics = metrics
        self._faults = faults
        self._buffer = b""
        self._transport: asyncio.Transport | None = None
        self._timer: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Begin, with little patience."""
        self._transport = cast("asyncio.Transport", transport)
        loop = asyncio.get_running_loop()
        self._timer = loop.call_later(_PATIENCE_SECONDS, self._transport.abort)

    def connection_lost(self, exc: Exception | None) -> None:
        """End."""
        if self._timer is not None:
            self._timer.cancel()

    def data_received(self, data: bytes) -> None:
        """Read on, and answer."""
        self._buffer += data
        end = self._buffer.find(b"\r\n\r\n")
        if end < 0 and len(self._buffer) <= _MOST_BYTES:
            return
        try:
            head = parse_head(self._buffer[: end + 4])
        except BadHeadError:
            self._answer("400 Bad Request", "bad request\n")
            return
        if head.method not in {"GET", "HEAD"}:
            self._answer("405 Method Not Allowed", "only GET\n")
            return
        self._answer(*self._page(head.target.partition("?")[0]), bodiless=head.method == "HEAD")

    def _page(self, path: str) -> tuple[str, str]:
        if path == "/healthz":
            return "200 OK", "ok\n"
        if path == "/readyz":
            faults = self._faults()
            if not faults:
                return "200 OK", "ready\n"
            why = "".join(f"{_plain(fault)}\n" for fault in faults)
            return "503 Service Unavailable", f"not ready\n{why}"
        if path == "/metrics":
            return "200 OK", self._metrics.render()
        return "404 Not Found", "there are /healthz, /readyz and /metrics\n"

    def _answer(self, status: str, body: str, *, bodiless: bool = False) -> None:
        transport = cast("asyncio.Transport", self._transport)
        content = body.encode()
        head = (
            f"HTTP/1.1 {status}\r\ncontent-type: {_TEXT}\r\ncontent-length: {len(content)}\r\n"
            "connection: close\r\n\r\n"
        )
        transport.write(head.encode() + (b"" if bodiless else content))
        transport.close()


def _plain(text: str) -> str:
    """Leave out what could begin a line of its own, or move a terminal's cursor."""
    return "".join(letter for letter in text if letter.isprintable())


async def listen_admin(
    host: str, port: int, metrics: Metrics, faults: Callable[[], Sequence[str]]
) -> asyncio.Server:
    """Begin to listen.

    Args:
        host: Address.
        port: TCP port; 0 takes a free one.
        metrics: What ``/metrics`` shows.
        faults: What ``/readyz`` says.

    Returns:
        The listening server.

    Raises:
        OSError: The port cannot be had.
    """
    loop = asyncio.get_running_loop()
    return await loop.create_server(lambda: AdminConnection(metrics, faults), host, port)
