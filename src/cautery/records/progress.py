"""Progress: how long work tells whoever waits for it, without knowing who that is."""

from __future__ import annotations

from typing import Protocol, runtime_checkable


@runtime_checkable
class Progress(Protocol):
    """Hears how far a phase of work has come.

    Phases follow one another and never nest: ``start``, any number of ``advance``, ``finish``.
    """

    def start(self, phase: str, total: int | None, unit: str) -> None:
        """Begin a phase.

        Args:
            phase: What is done, as one word, for example *reading*.
            total: Units in all, or None if nobody knows.
            unit: What is counted, for example *bytes*; empty for shares of the work, which are
                only good for telling how much of it is left.
        """
        ...

    def advance(self, amount: int) -> None:
        """Say that ``amount`` more units are done."""
        ...

    def finish(self, summary: str) -> None:
        """End the phase.

        Args:
            summary: What came of it, for example *120,000 lines*.
        """
        ...


class SilentProgress:
    """Progress that nobody watches.

    Example:
        >>> isinstance(SilentProgress(), Progress)
        True
    """

    def start(self, phase: str, total: int | None, unit: str) -> None:
        """Begin a phase, silently."""

    def advance(self, amount: int) -> None:
        """Count nothing."""

    def finish(self, summary: str) -> None:
        """End the phase, silently."""
