"""What the operator says of degraded answers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from cautery.resist.plans import Plan

Overflow = Literal["hide", "refuse"]
"""What becomes of what is longer than may be held back."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DegradeSettings:
    """What the operator says of degraded answers."""

    reasoning_begins_inside: bool = False
    """Whether the served model's text begins in its reasoning without a tag."""
    most_held: int = 200_000
    """Characters of one text or stretch of reasoning that are held back for a defence."""
    overflow: Overflow = "hide"
    """What becomes of a longer one: it is left out, or the answer ends in an error."""
    usual_tier: str = ""
    """Tier whose parameters hold where a rule names none; empty for the defences' own defaults."""
    tiers: Mapping[str, Plan] = field(default_factory=dict)
    """Defences by tier, for their parameters."""
