"""Does the second half of the work beside the first: sketch and write while the next batch is read.

Decoding is Python's work and holds its lock; sketching and compressing are NumPy's and Arrow's and
mostly do not. One thread beside the reader, in order, uses the second core and changes no result.
"""

from __future__ import annotations

from collections import deque
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Callable

MOST_WAITING: Final = 2
"""Batches that may wait; more would only be held in memory."""


class Background:
    """Calls a function in one thread of its own, in the order asked for.

    Args:
        work: The function; what it raises is raised by the next ``submit`` or ``wait``.
    """

    def __init__(self, work: Callable[..., None]) -> None:
        self._work = work
        self._pool = ThreadPoolExecutor(max_workers=1, thread_name_prefix="cautery-ingest")
        self._waiting: deque[Future[None]] = deque()

    def submit(self, *arguments: Any) -> None:
        """Ask for one call; waits if too many are waiting.

        Args:
            arguments: Of the function.
        """
        self._waiting.append(self._pool.submit(self._work, *arguments))
        while len(self._waiting) > MOST_WAITING:
            self._waiting.popleft().result()

    def wait(self) -> None:
        """Wait until all that was asked for is done."""
        while self._waiting:
            self._waiting.popleft().result()

    def close(self) -> None:
        """End the thread; calls that have not begun are dropped, as after an error."""
        self._pool.shutdown(wait=True, cancel_futures=True)
