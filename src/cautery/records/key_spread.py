"""From how many networks one credential is used: what sharing and resale look like."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class KeySpread:
    """Networks of one credential. A fact, never a verdict: phones move, and offices have many."""

    key_id: str
    """The credential's identifier."""
    networks: int
    """Distinct /24 (IPv4) or /48 (IPv6) networks within the window; ``at_most`` if there were
    more."""
    systems: int
    """Distinct autonomous systems among them; /16 or /32 networks stand in where none is known."""
    networks_at_once: int
    """Networks within the last quarter of an hour."""
    systems_at_once: int
    """Autonomous systems within the last quarter of an hour."""
    window_hours: int
    """Length of the window."""
    at_most: int
    """Most networks that are remembered of one credential."""
    shared: bool
    """Whether it is beyond what one customer's habits explain: shared, or resold."""

    @property
    def text(self) -> str:
        """One sentence for the analyst."""
        more = " or more" if self.networks >= self.at_most else ""
        return (
            f"key {self.key_id} was used from {self.networks}{more} networks of {self.systems} "
            f"providers in {self.window_hours} hours, {self.networks_at_once} of them "
            f"({self.systems_at_once} providers) in the last 15 minutes"
        )
