"""Does the second half of the work beside the first: sketch and write while the next batch is read.

Decoding is Python's work and holds its lock; sketching and compressing are NumPy's and Arrow's and
mostly do not. Batches are prepared by as many threads as there are processors and finished one
after another in the order they came, so that threads change no result.
"""

from __future__ import annotations

import os
from collections import deque
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterable

MOST_WORKERS: Final = 8
"""Threads that prepare; the one reader could not feed more."""


def worker_count() -> int:
    """Count the processors that this process may use, within bounds."""
    usable = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    return max(1, min(usable or 1, MOST_WORKERS))


class Background:
    """Calls two functions beside the caller.

    Args:
        prepare: Called in several threads at once.
        finish: Called with what ``prepare`` returned, one after another in the order asked for.
            What either raises is raised by a later ``submit`` or ``wait``.
        workers: Threads that prepare.
    """

    def __init__(
        self, prepare: Callable[..., Any], finish: Callable[[Any], None], workers: int
    ) -> None:
        self._prepare = prepare
        self._finish = finish
        self._most_waiting = workers + 1
        self._workers = ThreadPoolExecutor(workers, thread_name_prefix="cautery-sketch")
        self._writer = ThreadPoolExecutor(1, thread_name_prefix="cautery-write")
        self._waiting: deque[Future[None]] = deque()

    def submit(self, *arguments: Any) -> None:
        """Ask for one call; waits if too many are waiting, as they would only take memory.

        Args:
            arguments: Of ``prepare``.
        """
        prepared = self._workers.submit(self._prepare, *arguments)
        self._waiting.append(self._writer.submit(lambda: self._finish(prepared.result())))
        while len(self._waiting) > self._most_waiting:
            self._waiting.popleft().result()

    def wait(self) -> None:
        """Wait until all that was asked for is done."""
        while self._waiting:
            self._waiting.popleft().result()

    def close(self) -> None:
        """End the threads; calls that have not begun are dropped, as after an error."""
        self._writer.shutdown(wait=False, cancel_futures=True)
        self._workers.shutdown(wait=True, cancel_futures=True)
        self._writer.shutdown(wait=True)


def in_threads(
    function: Callable[..., Any], calls: Iterable[tuple[Any, ...]]
) -> Generator[Any, None, None]:
    """Call a function many times, in as many threads as there are processors.

    Args:
        function: Must not change anything.
        calls: Arguments of each call; taken one after another, a few ahead of the results.

    Yields:
        The results, in the order of the calls.

    Example:
        >>> list(in_threads(pow, [(2, 3), (3, 2)]))
        [8, 9]
    """
    workers = worker_count()
    waiting: deque[Future[Any]] = deque()
    with ThreadPoolExecutor(workers, thread_name_prefix="cautery-kernel") as pool:
        try:
            for arguments in calls:
                waiting.append(pool.submit(function, *arguments))
                if len(waiting) > workers:
                    yield waiting.popleft().result()
            while waiting:
                yield waiting.popleft().result()
        finally:
            for future in waiting:
                future.cancel()
