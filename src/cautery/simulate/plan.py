"""What to simulate: the plan that fixes every byte of the output."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from cautery.errors import UsageError

COMPRESSIONS = ("none", "gz", "zst")
LEAST_ACCOUNTS = 600
"""Fewer accounts than this do not hold twenty of every honest class."""
LEAST_ATTACKERS = 40
"""Fewer linked accounts than this make a tier's figures meaningless."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SimulationPlan:
    """One labelled log. The same plan gives the same bytes.

    Example:
        >>> SimulationPlan(tier="hydra", accounts=2000).attackers
        200
    """

    tier: str = "hydra"
    """Name of the attack on the shelf ``simulate/attacks``."""
    accounts: int = 6000
    """All accounts of the log, honest and attackers together."""
    seed: int = 1
    """Seed of every random choice."""
    days: int = 14
    """Length of the log in days."""
    start: str = "2026-08-03T00:00:00Z"
    """First instant of the log, UTC."""
    attacker_share: float = 0.1
    """Part of the accounts that belongs to the tier's campaigns (at least 40 accounts)."""
    volume: float = 1.0
    """Factor on the exchanges of every account, honest and attacker alike."""
    log_format: str = "canonical-parquet"
    """Name of the writer."""
    compression: str = "none"
    """``none``, ``gz`` or ``zst``, for formats of text lines (Parquet compresses itself)."""
    text: bool = True
    """Whether prompts and answers are written."""
    otlp_generation: int = 3
    """Generation of OpenTelemetry attribute names (1 oldest, 3 newest), for ``otlp-json``."""

    def __post_init__(self) -> None:
        """Refuse plans that cannot be built."""
        if self.accounts < LEAST_ACCOUNTS:
            raise UsageError(
                f"{self.accounts} accounts are too few", hint=f"Ask for at least {LEAST_ACCOUNTS}."
            )
        if not 1 <= self.days <= 120:
            raise UsageError(f"{self.days} days is out of range", hint="Ask for 1 to 120 days.")
        if not 0.0 < self.attacker_share <= 0.5:
            raise UsageError("attacker share must be above 0 and at most 0.5")
        if self.volume <= 0:
            raise UsageError("volume must be above 0")
        if self.compression not in COMPRESSIONS:
            raise UsageError(
                f"there is no compression {self.compression!r}",
                hint=f"There are: {', '.join(COMPRESSIONS)}.",
            )
        if self.otlp_generation not in (1, 2, 3):
            raise UsageError("generation of OTLP names must be 1, 2 or 3")

    @property
    def attackers(self) -> int:
        """Accounts that the tier's campaigns use, closed and replaced ones included."""
        if self.tier == "none":
            return 0
        return max(LEAST_ATTACKERS, round(self.accounts * self.attacker_share))

    def as_dict(self) -> dict[str, Any]:
        """Return the fields as plain values, for ``truth/plan.json``."""
        return asdict(self)
