"""What a guard is put together from."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from cautery.guard.allowlist import Allowlist
    from cautery.guard.faults import Fault
    from cautery.guard.memory import GuardMemory
    from cautery.guard.snapshot import Snapshot
    from cautery.ports.guard import DecisionTrail, PolicyEvaluator


class SnapshotSource(Protocol):
    """Where the newest snapshot is; ``snapshot_following.SnapshotFollower`` is one."""

    @property
    def current(self) -> Snapshot | None:
        """The snapshot in use."""
        ...

    @property
    def fault(self) -> Fault | None:
        """What is wrong with the file, if anything is."""
        ...


class Shares(Protocol):
    """Whether limits are shared; ``sharing.Sharing`` is one."""

    @property
    def lost(self) -> bool:
        """Whether there was no exchange for longer than is allowed."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class GuardParts:
    """What a guard is put together from; each may be left out."""

    snapshots: SnapshotSource | None = None
    """Verdicts and account facts; without a source there is no fault about it either."""
    policy: PolicyEvaluator | None = None
    """The policy set."""
    audit: DecisionTrail | None = None
    """Where every decision is written."""
    audit_required: bool = True
    """Whether a decision is on record before it is given; if not, what is lost is counted."""
    allowlist: Allowlist | None = None
    """Accounts that no rule may hinder."""
    memory: GuardMemory | None = None
    """What an earlier guard learned, or limits that are shared; otherwise it begins with none."""
    sharing: Shares | None = None
    """Whether sharing works."""
