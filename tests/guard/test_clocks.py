from __future__ import annotations

import pytest
from tests.guard.guard_cases import FakeClocks

from cautery.guard.clocks import ClockWatch


def watch(clocks: FakeClocks) -> ClockWatch:
    """Watch with a jump of five seconds, settled after a minute."""
    return ClockWatch(clocks.wall, clocks.monotonic, 5.0, 60.0)


@pytest.mark.parametrize(
    ("jump_seconds", "jumped"), [(-6, True), (6, True), (-4, False), (4, False)]
)
def test_a_jump_is_a_change_of_the_difference(jump_seconds: float, jumped: bool) -> None:
    """Backwards as well as forwards, from more than the limit on."""
    clocks = FakeClocks()
    both = watch(clocks)
    clocks.pass_by(3_600)
    assert not both.read().jumped
    clocks.wall_seconds += jump_seconds
    assert both.read().jumped is (abs(jump_seconds) > 5)


def test_a_new_time_is_believed_once_it_holds() -> None:
    """A machine that slept: after a minute in step, the wall clock is right again."""
    clocks = FakeClocks()
    both = watch(clocks)
    clocks.wall_seconds += 7_200
    assert [both.read().jumped for _ in range(3)] == [True] * 3
    clocks.pass_by(59)
    assert both.read().jumped
    clocks.pass_by(1)
    assert not both.read().jumped


def test_a_clock_that_keeps_jumping_is_not_believed() -> None:
    """Each other time begins its own minute, and coming back ends it."""
    clocks = FakeClocks()
    both = watch(clocks)
    for _ in range(10):
        clocks.pass_by(30)
        clocks.wall_seconds += 100
        assert both.read().jumped
    clocks.wall_seconds -= 1_000
    assert not both.read().jumped
    clocks.wall_seconds += 100
    assert both.read().jumped


def test_earliest_and_latest_span_both_clocks() -> None:
    """What the wall clock says, and what it should say by the other one."""
    clocks = FakeClocks()
    both = watch(clocks)
    before = clocks.wall_seconds
    clocks.wall_seconds -= 100
    reading = both.read()
    assert (reading.earliest_seconds, reading.latest_seconds) == (before - 100, before)
