"""What a canary probe found of a suspect model and the markers of campaigns."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class MarkerTest:
    """One campaign's markers against the suspect."""

    campaign_id: str
    markers: int
    """Markers that the campaign was given."""
    counted: int
    """Of them those of which the suspect's answers hold one choice more often than any other."""
    hits: int
    """Of these those where it is the campaign's."""
    expected: float
    """Hits that chance gives."""
    log10_p: float
    """Chance of so many hits or more without the campaign's answers."""
    log10_smallest: float
    """Chance if all had been hits: what so many markers can show at best."""
    log10_corrected_p: float
    """Holm's, over all campaigns."""
    detected: bool
    share_needed: float | None = None
    """Part of the counted markers that a copy must repeat to be named with 90 % chance; None if
    all are too few."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WrongKeys:
    """How often the very answers accuse under keys that drew nothing: what the null promises."""

    keys: int
    accusing: int
    """Keys under which any campaign is named."""
    rate: float
    rate_low: float
    """Lower end of its exact 95 % interval."""
    rate_high: float
