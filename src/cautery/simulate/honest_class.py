"""What a class of honest accounts is; the classes themselves are in ``simulate/honest``."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from cautery.simulate.world import World


@dataclass(frozen=True, slots=True, kw_only=True)
class HonestClass:
    """One class of honest accounts, most of them hard negatives."""

    name: str
    """Class written to the truth."""
    share: float
    """Part of the honest accounts; what is left over is ``ordinary``."""
    least: int
    """Fewest accounts, whatever the share."""
    build: Callable[[World, int], None]
    """Adds that many accounts and their strands to a world."""
    property: str
    """Why a careless detector takes it for a campaign."""

    def size(self, honest: int) -> int:
        """Return how many accounts the class has among ``honest`` accounts."""
        return max(self.least, round(self.share * honest))
