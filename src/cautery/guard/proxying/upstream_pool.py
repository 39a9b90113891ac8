"""Connections to the model server: kept, bounded, opened when they are wanted."""

from __future__ import annotations

import asyncio
from collections import deque
from typing import TYPE_CHECKING

from cautery.guard.proxying.upstream_connection import UpstreamConnection
from cautery.guard.proxying.upstream_side import NEVER

if TYPE_CHECKING:
    from cautery.guard.proxying.gathered_writes import GatheredWrites
    from cautery.guard.proxying.settings import UpstreamSettings
    from cautery.guard.proxying.upstream_side import Receiver


class UpstreamPool:
    """The connections of one process to one server.

    Args:
        settings: The server.
        loop: The event loop.
        writes: Those of the process.
    """

    def __init__(
        self,
        settings: UpstreamSettings,
        loop: asyncio.AbstractEventLoop,
        writes: GatheredWrites,
    ) -> None:
        self.settings = settings
        self.writes = writes
        self.now = loop.time
        self._loop = loop
        self._idle: list[UpstreamConnection] = []
        self._open: set[UpstreamConnection] = set()
        self._opening = 0
        self._waiting: deque[tuple[float, Receiver]] = deque()
        self._tasks: set[asyncio.Task[None]] = set()
        self._closed = False

    def __len__(self) -> int:
        """Count the connections, those that are being opened included."""
        return len(self._open) + self._opening

    def acquire(self, receiver: Receiver, *, fresh: bool = False) -> None:
        """Give a connection to somebody, at once or as soon as there is one.

        Args:
            receiver: Who wants it; it learns of a failure as well.
            fresh: Whether one that was used before will not do.
        """
        while self._idle and not fresh:
            connection = self._idle.pop()
            if connection.is_open:
                receiver.take_connection(connection)
                return
        if len(self) < self.settings.connections:
            self._begin_open(receiver)
        elif len(self._waiting) < self.settings.waiting:
            self._waiting.append((self.now() + self.settings.connect_seconds, receiver))
        else:
            receiver.take_failure("no_connection_free", again=False)

    def release(self, connection: UpstreamConnection) -> None:
        """Take back a connection whose answer is whole."""
        if self._closed or not connection.is_open:
            connection.abort()
            return
        connection.deadline = self.now() + self.settings.idle_seconds
        while self._waiting:
            receiver = self._waiting.popleft()[1]
            if receiver.wants_answer:
                receiver.take_connection(connection)
                return
        self._idle.append(connection)

    def discard(self, connection: UpstreamConnection) -> None:
        """Give a connection to nobody any more; it is about to close."""
        if connection in self._idle:
            self._idle.remove(connection)

    def forget(self, connection: UpstreamConnection) -> None:
        """Learn that a connection is closed, and open another for whoever waits."""
        self.discard(connection)
        self._open.discard(connection)
        while self._waiting and len(self) < self.settings.connections:
            receiver = self._waiting.popleft()[1]
            if receiver.wants_answer:
                self._begin_open(receiver)

    def sweep(self) -> None:
        """Give up on what took too long."""
        now = self.now()
        for connection in list(self._open):
            if connection.deadline <= now:
                connection.expire()
        while self._waiting and self._waiting[0][0] <= now:
            receiver = self._waiting.popleft()[1]
            if receiver.wants_answer:
                receiver.take_failure("no_connection_free", again=False)

    def close(self) -> None:
        """Close what is not used now, and the rest as its answers end."""
        self._closed = True
        for connection in list(self._idle):
            connection.abort()

    def abort(self) -> None:
        """Close everything."""
        self.close()
        for task in self._tasks:
            task.cancel()
        for connection in list(self._open):
            connection.abort()

    def _begin_open(self, receiver: Receiver) -> None:
        self._opening += 1
        task = self._loop.create_task(self._connect(receiver))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _connect(self, receiver: Receiver) -> None:
        settings = self.settings
        try:
            async with asyncio.timeout(settings.connect_seconds):
                _, connection = await self._loop.create_connection(
                    lambda: UpstreamConnection(self),
                    settings.host,
                    settings.port,
                    ssl=settings.tls,
                    server_hostname=settings.host if settings.tls else None,
                )
        except TimeoutError:
            self._opening -= 1
            receiver.take_failure("connect_timeout", again=False)
            return
        except (OSError, ValueError):  # ssl's errors are of OSError; a name may not be one
            self._opening -= 1
            receiver.take_failure("refused", again=False)
            return
        self._opening -= 1
        self._open.add(connection)
        connection.deadline = NEVER
        if receiver.wants_answer:
            receiver.take_connection(connection)
        else:
            self.release(connection)
