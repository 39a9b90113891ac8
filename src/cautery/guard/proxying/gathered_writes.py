"""Writes that wait until everything that has come is read.

A write to a socket wakes whoever waits at its other end, and on a busy machine that costs more than
the write. So the connections of a process write together, after all of them have read: the other
ends are woken once for many requests, and find more to do. It holds no answer up, since it happens
in the same turn of the event loop.
"""

from __future__ import annotations

import asyncio


class GatheredWrites:
    """The writes of one turn of an event loop.

    Args:
        loop: The loop.
    """

    __slots__ = ("_loop", "_waiting")

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._waiting: list[tuple[asyncio.Transport, bytes]] = []

    def write(self, transport: asyncio.Transport, content: bytes) -> None:
        """Write to a connection at the end of this turn, in the order of the calls."""
        if not self._waiting:
            self._loop.call_soon(self.flush)
        self._waiting.append((transport, content))

    def flush(self) -> None:
        """Write now what waits, before a connection is closed for example."""
        waiting, self._waiting = self._waiting, []
        for transport, content in waiting:
            if not transport.is_closing():
                transport.write(content)
