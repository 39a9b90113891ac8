"""What the guard itself may fail at, and whether a request then passes: open or closed, by name."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Final, Literal

from cautery.errors import ConfigurationError
from cautery.records.decision import Action

Fault = Literal[
    "audit-failed",
    "clock-jump",
    "internal-error",
    "no-account",
    "no-campaign-key",
    "no-snapshot",
    "policy-error",
    "sharing-stopped",
    "snapshot-refused",
    "snapshot-stale",
    "state-full",
    "unknown-account",
]
"""Names of faults, as they stand in ``Decision.faults`` and in metrics."""

FailMode = Literal["open", "closed"]
"""Whether a request passes in spite of a fault (*open*) or not (*closed*)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FaultKind:
    """One kind of fault."""

    what: str
    """What happened, in one sentence."""
    default: FailMode
    """How the guard fails if nobody says otherwise."""
    closed_action: Action
    """What *closed* means: what passes by itself is throttled, the rest needs somebody to act."""
    retry_after_seconds: int = 0
    """When to come again, under *throttle*."""


FAULTS: Final[Mapping[Fault, FaultKind]] = MappingProxyType(
    {
        "audit-failed": FaultKind(
            what="The decision could not be written to the audit trail.",
            default="closed",
            closed_action="throttle",
            retry_after_seconds=10,
        ),
        "clock-jump": FaultKind(
            what="The wall clock went backwards or leapt ahead of the monotonic one.",
            default="open",
            closed_action="throttle",
            retry_after_seconds=60,
        ),
        "internal-error": FaultKind(
            what="The guard met an error of its own.",
            default="closed",
            closed_action="throttle",
            retry_after_seconds=10,
        ),
        "no-account": FaultKind(
            what="The request belongs to no account.",
            default="closed",
            closed_action="block",
        ),
        "no-campaign-key": FaultKind(
            what="A campaign is to be tagged, and has no watermark key.",
            default="open",
            closed_action="throttle",
            retry_after_seconds=60,
        ),
        "no-snapshot": FaultKind(
            what="No snapshot of verdicts has been read yet.",
            default="open",
            closed_action="throttle",
            retry_after_seconds=30,
        ),
        "policy-error": FaultKind(
            what="The policy set reported an error, so its findings cannot be relied on.",
            default="closed",
            closed_action="throttle",
            retry_after_seconds=30,
        ),
        "sharing-stopped": FaultKind(
            what="Limits have not been shared with the other guards for a while.",
            default="open",
            closed_action="throttle",
            retry_after_seconds=10,
        ),
        "snapshot-refused": FaultKind(
            what="The snapshot file is torn, forged, or older than the one held, which stays.",
            default="open",
            closed_action="throttle",
            retry_after_seconds=30,
        ),
        "snapshot-stale": FaultKind(
            what="The snapshot is older than it may be, or from the future.",
            default="open",
            closed_action="throttle",
            retry_after_seconds=300,
        ),
        "state-full": FaultKind(
            what="Too many answers are on their way; this one's estimate will not be settled.",
            default="open",
            closed_action="throttle",
            retry_after_seconds=5,
        ),
        "unknown-account": FaultKind(
            what="The account table of the snapshot does not have the account.",
            default="open",
            closed_action="challenge",
        ),
    }
)
"""Every fault; what says who somebody is, or what was decided, fails closed by default."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FaultPolicy:
    """How the guard fails, fault by fault.

    Raises:
        ConfigurationError: There is no such fault, or a value is neither *open* nor *closed*.

    Example:
        >>> policy = FaultPolicy(chosen={"no-snapshot": "closed"})
        >>> policy.fails_closed("no-snapshot"), policy.fails_closed("unknown-account")
        (True, False)
    """

    chosen: Mapping[str, str] = field(default_factory=dict)
    """Faults that do not fail as is usual, and how they fail."""

    def __post_init__(self) -> None:
        for fault, mode in self.chosen.items():
            if fault not in FAULTS:
                raise ConfigurationError(
                    f"there is no fault '{fault}'", hint=f"There are: {', '.join(FAULTS)}."
                )
            if mode not in ("open", "closed"):
                raise ConfigurationError(
                    f"a guard fails open or closed, not '{mode}'", where=str(fault)
                )

    def fails_closed(self, fault: Fault) -> bool:
        """Say whether requests stop at a fault.

        Args:
            fault: Its name.

        Returns:
            Whether its closed action is taken.
        """
        return self.chosen.get(fault, FAULTS[fault].default) == "closed"
