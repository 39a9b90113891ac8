"""Parts of a guard that hold files open or run in threads: kept while what they are made of stays.

When a configuration is read again, the new guard takes over every part that it would make alike, so
that a lock is not asked for twice and nothing that was learned is forgotten; the others are closed
once the old guard has ended.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Hashable
from dataclasses import dataclass, field
from typing import Any, Final, TypeVar

Thing = TypeVar("Thing")
_STOP_SECONDS: Final = 10.0


@dataclass(slots=True)
class RunningPart:
    """One part: the thing, what runs beside it, and how it is let go."""

    thing: Any
    run: Callable[[threading.Event], None] | None
    close: Callable[[], None] | None
    stop: threading.Event = field(default_factory=threading.Event)
    thread: threading.Thread | None = None


class RunningParts:
    """Parts by name and by what they were made of.

    Args:
        before: Parts of the guard before this one, some of which may be taken over.

    Example:
        >>> old = RunningParts()
        >>> made = old.keep("list", 1, list)
        >>> new = RunningParts(old)
        >>> new.keep("list", 1, list) is made, new.keep("other", 2, list) is made
        (True, False)
    """

    def __init__(self, before: RunningParts | None = None) -> None:
        self._before = before
        self.parts: dict[tuple[str, Hashable], RunningPart] = {}
        """Parts by name and by what they were made of."""

    def keep(
        self,
        name: str,
        made_of: Hashable,
        make: Callable[[], Thing],
        *,
        run: Callable[[Thing, threading.Event], None] | None = None,
        close: Callable[[Thing], None] | None = None,
    ) -> Thing:
        """Take a part over, or make it.

        Args:
            name: What it is; threads are named so.
            made_of: All that decides how it is made; equal means that the old one does.
            make: Makes it.
            run: Runs in a thread from ``start`` until its event is set.
            close: Lets go of it, after its thread has ended.

        Returns:
            The part.
        """
        place = (name, made_of)
        part = self._before.parts.get(place) if self._before is not None else None
        if part is None:
            thing = make()
            part = RunningPart(
                thing=thing,
                run=None if run is None else lambda stop: run(thing, stop),
                close=None if close is None else lambda: close(thing),
            )
        self.parts[place] = part
        kept: Thing = part.thing
        return kept

    def start(self) -> None:
        """Start the threads that do not run yet."""
        self._before = None
        for (name, _), part in self.parts.items():
            if part.run is not None and part.thread is None:
                part.thread = threading.Thread(
                    target=part.run, args=(part.stop,), name=f"cautery-{name}", daemon=True
                )
                part.thread.start()

    def close(self, keeping: RunningParts | None = None) -> list[Exception]:
        """End threads and close parts, the last made first.

        Args:
            keeping: Parts of the guard that goes on; what it has taken over stays.

        Returns:
            What could not be closed properly; the rest is closed all the same.
        """
        kept = {id(part) for part in keeping.parts.values()} if keeping is not None else set()
        ending = [part for part in self.parts.values() if id(part) not in kept]
        faults: list[Exception] = []
        for part in ending:
            part.stop.set()
        for part in reversed(ending):
            if part.thread is not None:
                part.thread.join(_STOP_SECONDS)
            if part.close is not None:
                try:
                    part.close()
                except Exception as error:  # noqa: BLE001 - the others are closed all the same
                    faults.append(error)
        self.parts = {}
        return faults
