"""Evidence: why a verdict is what it is, in signed bits that add up."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Aspect = Literal["linkage", "distillation"]
"""Which verdict a weight speaks to: same operator, or distillation-like."""

Family = Literal["behaviour", "infrastructure", "content", "context"]
"""What kind of fact a weight rests on; joining accounts wants two families."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EvidencePointer:
    """One exchange that shows a thing, named so that the order of the log does not matter."""

    account_id: str
    """Account that made it."""
    time_start: str
    """When, ISO 8601 in UTC."""
    request_id: str
    """Identifier of the response, if the log has one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Weight:
    """One row of a waterfall: what a signal saw, what is usual, and how many bits that is worth.

    A positive number of bits speaks for a campaign, a negative one against it. A signal that the
    log cannot feed has ``available=False`` and zero bits: absent is never clean.
    """

    signal: str
    """Name of the signal, link or adjustment (``prior`` and ``limit`` are adjustments)."""
    label: str
    """The row's words for people."""
    aspect: Aspect
    """The verdict it speaks to."""
    family: Family
    """The kind of fact it rests on."""
    bits: float
    """Signed weight, base-2 log-likelihood ratio, rounded to one decimal."""
    observed: str = ""
    """What was seen, in words and units."""
    usual: str = ""
    """What the matched rest of the log shows."""
    sentence: str = ""
    """One sentence that a customer could read."""
    p_value: float | None = None
    """Chance of this much or more under the signal's null; None if it is not a test."""
    sample_size: int | None = None
    """Number of units that the null was tested on."""
    available: bool = True
    """False if the log lacks the columns: then it is *not in this log*."""
    pointers: tuple[EvidencePointer, ...] = ()
    """A few exchanges that show it."""
