"""Evidence of daily scans that keeps its bound on any day."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class DailyTest:
    """One test of what was new in each scan."""

    name: str
    """``newcomers`` or ``synchrony``."""
    bits: float
    """Base-2 logarithm of the product of its e-values so far."""
    observed: str
    """What the last scan saw, in words."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AnytimeEvidence:
    """What scans saw of a group after it was fixed; the bound holds whenever one looks.

    It says how surely the accounts belong together, not what they do, and stands beside the
    waterfall: none of it is in the campaign's ``bits``.
    """

    bits: float
    """Base-2 logarithm of the e-value now: the mean of the tests' products."""
    highest_bits: float
    """The highest that it ever was, 0 at least."""
    false_alarm_bound: float
    """``2 ** -highest_bits``: the chance that accounts without a tie ever get as far."""
    scans: int
    """Scans with new exchanges since the group was fixed."""
    since: str
    """End of the log when the group was first fixed, ISO 8601, UTC."""
    groups_watched: int
    """Groups ever watched in this state; times the bound, the false alarms expected of them."""
    tests: tuple[DailyTest, ...]
    """The tests."""
