"""Threads that ask an endpoint, several prompts at once; they decide nothing."""

from __future__ import annotations

import queue
import threading
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from cautery.provenance.endpoint import Completion, Failure

if TYPE_CHECKING:
    from cautery.provenance.pacing import Pace
    from cautery.provenance.query_plan import Prompt


class Asked(Protocol):
    """Whatever answers a prompt; from several threads if several are asked at once."""

    def complete(self, prompt: str) -> Completion | Failure:
        """Answer, or say why not."""
        ...


@dataclass(slots=True)
class Try:
    """One prompt on its way to an answer."""

    prompt: Prompt
    tries: int = 0
    pause_seconds: float = 0.0
    """Wait before it is asked."""
    sent: bool = False
    """Whether the endpoint has it: its answer will be paid for."""


Reply = Completion | Failure | None
"""None for a prompt that was not sent any more."""


class Crew:
    """Threads that ask, and nothing else.

    Args:
        endpoint: Whom.
        pace: When one more request may be sent.
        threads: How many.
    """

    def __init__(self, endpoint: Asked, pace: Pace, threads: int) -> None:
        self._endpoint, self._pace = endpoint, pace
        self._leaving = threading.Event()
        self._given: queue.SimpleQueue[Try | None] = queue.SimpleQueue()
        self._replies: queue.SimpleQueue[tuple[Try, Reply | BaseException]] = queue.SimpleQueue()
        self._under_way: list[Try] = []
        self._threads = [
            # A daemon: whoever interrupts does not wait for the slowest answer.
            threading.Thread(target=self._work, daemon=True)
            for _ in range(threads)
        ]
        for thread in self._threads:
            thread.start()

    @property
    def free(self) -> bool:
        """Whether a thread has nothing to do."""
        return len(self._under_way) < len(self._threads)

    @property
    def busy(self) -> bool:
        """Whether a prompt is under way."""
        return bool(self._under_way)

    @property
    def awaited(self) -> bool:
        """Whether an answer is under way that will be paid for."""
        return any(one.sent for one in self._under_way)

    def give(self, one: Try) -> None:
        """Have a prompt asked."""
        self._under_way.append(one)
        self._given.put(one)

    def reply(self, seconds: float | None = None) -> tuple[Try, Reply]:
        """Wait for the next answer.

        Args:
            seconds: At most so long.

        Raises:
            queue.Empty: There was none in this time.
        """
        one, found = self._replies.get(timeout=seconds)
        self._under_way.remove(one)
        if isinstance(found, BaseException):
            raise found
        return one, found

    def leave(self) -> None:
        """Send nothing any more; each thread ends as soon as it is free."""
        self._leaving.set()
        for _ in self._threads:
            self._given.put(None)

    def _work(self) -> None:
        while (one := self._given.get()) is not None:
            found: Reply | BaseException = None
            try:
                self._pace.take_turn(one.pause_seconds)
                # First this, then the look: whoever leaves either sees it, or is seen.
                one.sent = True
                if not self._leaving.is_set():
                    found = self._endpoint.complete(one.prompt.text)
            except BaseException as error:  # noqa: BLE001 - told to whoever waits for the answer
                found = error
            self._replies.put((one, found))
