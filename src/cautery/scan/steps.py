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

SHARES: Final[Mapping[str, int]] = MappingProxyType(
    {
        FACTS: 155,
        "address": 32,
        "device": 12,
        "hand_over": 57,
        "network": 24,
        "parameters": 5,
        "shared_minutes": 94,
        "template": 165,
        CANDIDATES: 455,
        SETTLING: 400,
        "capability_concentration": 70,
        "co_activity": 27,
        "coverage_growth": 25,
        "data_making": 6,
        "evasion": 6,
        "forwarded_mix": 8,
        "identity_incoherence": 58,
        "item_disjointness": 14,
        "output_value": 6,
        "parameter_fingerprint": 14,
        "pool_distance": 6,
        "popular_prompts": 10,
        "reasoning_elicitation": 7,
        "release_pivot": 17,
        "repeated_templates": 9,
        "rubric_grading": 7,
        "single_turn": 6,
        FINDINGS: 266,
    }
)
"""Share of the time of its phase, in parts of a thousand, of each step that takes much: of a
scan of 16.2 million exchanges of 174,430 accounts (``benchmarks/scan_growth.py`` prints them)."""
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
