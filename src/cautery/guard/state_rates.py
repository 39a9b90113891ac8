"""Limits made ready: each with the buckets of its scope, those of one scope side by side."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

from cautery.guard.rules import SCOPES, Limit
from cautery.guard.state_buckets import Buckets

MOST_TOKENS: Final = 1_000_000_000
"""No request is charged more, whatever a client claims."""
_LEAST_WAIT_SECONDS: Final = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Overrun:
    """A limit that a request would exceed."""

    limit: Limit
    """The limit."""
    retry_after_seconds: int
    """When enough will have come back."""


class Rate:
    """One limit at work.

    Args:
        limit: The limit.
        buckets: Those of its scope.
        column: Which of the scope's limits it is.
        bit: Its bit among all limits at work.
    """

    __slots__ = (
        "bit",
        "buckets",
        "burst_seconds",
        "by_tokens",
        "column",
        "limit",
        "scope",
        "seconds_per_unit",
        "taken",
    )

    def __init__(self, limit: Limit, buckets: Buckets, column: int, bit: int) -> None:
        self.bit = bit
        """Its bit among all limits at work."""
        self.limit = limit
        """The limit."""
        self.buckets = buckets
        """Those of its scope."""
        self.column = column
        """Where its number stands, from the place of a key on."""
        self.scope = SCOPES.index(limit.scope)
        """Place of its scope in ``SCOPES``."""
        self.by_tokens = limit.unit == "tokens"
        """Whether it counts tokens."""
        self.seconds_per_unit = limit.seconds_per_unit
        """Time in which one unit comes back."""
        self.burst_seconds = limit.burst * limit.seconds_per_unit
        """Time in which a whole burst comes back."""
        self.taken: dict[str, float] = {}
        """What was taken since it was last shared, in seconds, by whose bucket."""


Ready = tuple[Rate, int, bool, float, float]
"""A limit, its bit, whether it counts tokens, seconds for a unit and for a burst; by column."""
ScopeRates = tuple[int, Buckets, tuple[Ready, ...]]
"""Place of a scope in ``SCOPES``, its buckets and its limits."""


def by_scope(limits: list[Limit], before: tuple[ScopeRates, ...] = ()) -> tuple[ScopeRates, ...]:
    """Put limits of one scope together: they find a key's buckets once.

    Args:
        limits: The limits.
        before: Limits that these take the place of: a scope's buckets, with all debts, go on where
            its limits have the same sizes in the same order.

    Returns:
        Each scope that has any.
    """
    kept = {
        (number, tuple(size_of(one[0].limit) for one in ready)): buckets
        for number, buckets, ready in before
    }
    found = []
    bit = 1
    for number, scope in enumerate(SCOPES):
        of_scope = [limit for limit in limits if limit.scope == scope]
        if not of_scope:
            continue
        buckets = kept.get((number, tuple(map(size_of, of_scope))))
        if buckets is None:
            buckets = Buckets(max(limit.capacity for limit in of_scope), len(of_scope))
        ready: list[Ready] = []
        for column, limit in enumerate(of_scope):
            r = Rate(limit, buckets, column, bit)
            ready.append((r, bit, r.by_tokens, r.seconds_per_unit, r.burst_seconds))
            bit <<= 1
        found.append((number, buckets, tuple(ready)))
    return tuple(found)


def size_of(limit: Limit) -> tuple[str, float, float, float, int]:
    """Give what a debt means something to: all of a limit but its name, mode and sharing."""
    return limit.unit, limit.amount, limit.window_seconds, limit.burst, limit.capacity


def overrun(limit: Limit, excess_seconds: float) -> Overrun:
    """Say that a limit would be exceeded.

    Args:
        limit: The limit.
        excess_seconds: Time until it would not be.

    Returns:
        The overrun, with a wait of whole seconds.
    """
    wait = max(_LEAST_WAIT_SECONDS, math.ceil(excess_seconds))
    return Overrun(limit=limit, retry_after_seconds=wait)
