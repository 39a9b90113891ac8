"""Watches the wall clock by the monotonic one, so that nobody sets expiry dates back with it."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

Clock = Callable[[], float]
"""Gives seconds: since 1970 in UTC (wall), or since any moment (monotonic)."""


class Reading(NamedTuple):
    """What time it is, by both clocks; a tuple, because one is made for every decision."""

    monotonic_seconds: float
    """The monotonic clock; never jumps."""
    wall_seconds: float
    """The wall clock, as it says."""
    expected_seconds: float
    """What the wall clock should say, by the monotonic one."""
    jumped: bool
    """Whether the two differ by more than is allowed."""

    @property
    def earliest_seconds(self) -> float:
        """The earlier of both; by it nothing has begun too soon."""
        return min(self.wall_seconds, self.expected_seconds)

    @property
    def latest_seconds(self) -> float:
        """The later of both; by it nothing lasts too long."""
        return max(self.wall_seconds, self.expected_seconds)


class ClockWatch:
    """Compares two clocks at every reading.

    A jump is a change of their difference by more than ``jump_seconds`` against the difference
    that was believed last. It lasts until both have run in step for ``settle_seconds``: then the
    wall clock's new time is believed (a machine that slept, an operator who set the clock). Small
    corrections, as by NTP, are followed.

    Args:
        wall: The wall clock.
        monotonic: The monotonic clock.
        jump_seconds: The largest difference that is no jump.
        settle_seconds: How long a new time must hold.

    Example:
        >>> walls = iter([1000.0, 1001.0, 900.0])
        >>> monotonics = iter([0.0, 1.0, 2.0])
        >>> watch = ClockWatch(walls.__next__, monotonics.__next__, 5.0, 60.0)
        >>> watch.read().jumped, watch.read().jumped
        (False, True)
    """

    def __init__(
        self, wall: Clock, monotonic: Clock, jump_seconds: float, settle_seconds: float
    ) -> None:
        self._wall = wall
        self._monotonic = monotonic
        self._jump_seconds = jump_seconds
        self._settle_seconds = settle_seconds
        self._believed = wall() - monotonic()
        self._candidate: float | None = None
        self._candidate_since = 0.0

    def read(self) -> Reading:
        """Read both clocks.

        Returns:
            What they say, and whether one jumped.
        """
        monotonic, wall = self._monotonic(), self._wall()
        offset = wall - monotonic
        jump = self._jump_seconds
        # Not by its size: a clock that gives no number has jumped as well.
        jumped = not -jump <= offset - self._believed <= jump
        if jumped:
            jumped = not self._settled(offset, monotonic)
        if not jumped:
            self._believed, self._candidate = offset, None
        # As ``Reading`` itself does, without the call of Python between.
        return tuple.__new__(Reading, (monotonic, wall, monotonic + self._believed, jumped))

    def _settled(self, offset: float, monotonic: float) -> bool:
        if self._candidate is None or abs(offset - self._candidate) > self._jump_seconds:
            self._candidate, self._candidate_since = offset, monotonic
        return monotonic - self._candidate_since >= self._settle_seconds
