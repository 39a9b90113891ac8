"""Hands things from other threads to an event loop, and wakes it once for all that have come."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from typing import Generic, TypeVar

Thing = TypeVar("Thing")


class HandedOver(Generic[Thing]):
    """A queue into a loop.

    A ledger acknowledges many decisions at once. To wake the loop for each would be a system call
    for each.

    Args:
        loop: The event loop.
        take: Called on it with each thing, in order.
    """

    def __init__(self, loop: asyncio.AbstractEventLoop, take: Callable[[Thing], None]) -> None:
        self._loop = loop
        self._take = take
        self._waiting: deque[Thing] = deque()
        self._woken = False

    def add(self, thing: Thing) -> None:
        """Hand a thing over; from any thread. Once the loop is closed nobody wants it any more."""
        self._waiting.append(thing)
        # Whoever sees that the loop is woken already has added before it begins to take.
        if not self._woken:
            self._woken = True
            with suppress(RuntimeError):
                self._loop.call_soon_threadsafe(self._take_all)

    def _take_all(self) -> None:
        self._woken = False
        while self._waiting:
            thing = self._waiting.popleft()
            try:
                self._take(thing)
            except Exception as error:  # noqa: BLE001 - the others are taken all the same
                self._loop.call_exception_handler({"message": "crash", "exception": error})
