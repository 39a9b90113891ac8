"""Steps: how far a scan has come, by what its steps usually take.

Linking and scoring count nothing whose end is known: a question to the engine takes as long as it
takes. Their steps take much the same share of the time in logs of one size, so whoever waits is
told of shares.
"""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from cautery.records.progress import Progress

FACTS: Final = "facts"
"""Reading the parts into facts."""
CANDIDATES: Final = "candidates"
"""Joining tokens, and communities."""
SETTLING: Final = "settling"
"""Absorbing, membership and pools."""
FINDINGS: Final = "findings"
"""Portraits of what is listed."""

SHARES: Final[Mapping[str, int]] = MappingProxyType({})
"""Share of the time of its phase, in parts of a thousand, of each step that takes much: measured
in a scan of 16.2 million exchanges (``benchmarks/speed.py steps``)."""
OTHERS: Final = 2
"""Share of every other link and signal."""


class Steps:
    """Tells of one phase by its steps.

    Args:
        told: Who waits.
        phase: Name of the phase.
        names: Its steps; more may not be told.

    Example:
        >>> from cautery.records.progress import SilentProgress
        >>> steps = Steps(SilentProgress(), "linking", ("facts", "candidates"))
        >>> steps.done("facts")
    """

    def __init__(self, told: Progress, phase: str, names: Iterable[str]) -> None:
        self._told = told
        told.start(phase, sum(map(share_of, names)), "")

    def done(self, name: str) -> None:
        """Say that a step is done."""
        self._told.advance(share_of(name))


def share_of(name: str) -> int:
    """Look up what a step usually takes.

    Args:
        name: A step, a link or a signal.

    Returns:
        Parts, of which a phase has about a thousand; at least one.
    """
    return SHARES.get(name, OTHERS)
