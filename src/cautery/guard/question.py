"""What is gathered about one request on its way to a decision."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from cautery.guard.faults import Fault
from cautery.records.decision import RuleFinding

if TYPE_CHECKING:
    from cautery.guard.clocks import Reading
    from cautery.guard.parts import SnapshotSource
    from cautery.guard.snapshot import Snapshot
    from cautery.records.request import RequestFacts
    from cautery.records.standing import AccountFacts, CampaignStanding

_FUTURE_SECONDS: Final = 3_600.0
"""How far a snapshot may be dated ahead: machines' clocks differ a little."""


class Question:
    """One request and what is found about it; made for it, and not shared.

    Args:
        request: Its facts.
        reading: What time it is.
    """

    __slots__ = (
        "account",
        "campaign",
        "campaign_id",
        "faults",
        "findings",
        "policy_version",
        "reading",
        "request",
        "snapshot",
    )

    def __init__(self, request: RequestFacts, reading: Reading) -> None:
        self.request = request
        """Its facts."""
        self.reading = reading
        """What time it is."""
        self.faults: list[Fault] = []
        """What the guard could not do."""
        self.findings: list[RuleFinding] = []
        """What rules ask for."""
        self.account: AccountFacts | None = None
        """What the account table says."""
        self.campaign: CampaignStanding | None = None
        """What the last scan says."""
        self.campaign_id = ""
        """The campaign that the scan or an early warning names; decides about a tag's key."""
        self.snapshot: Snapshot | None = None
        """The snapshot in use."""
        self.policy_version = ""
        """Of the policy set that was asked."""


def look_up(asked: Question, source: SnapshotSource | None, most_age_seconds: float) -> None:
    """Look the account up in the snapshot, and note what is wrong with either.

    Args:
        asked: The question; gets the standing and the faults.
        source: Where the newest snapshot is, none without one.
        most_age_seconds: Age from which a snapshot is stale.
    """
    account_id, faults = asked.request.account_id, asked.faults
    if not account_id:
        faults.append("no-account")
    if source is None:
        return
    fault, snapshot = source.fault, source.current
    if fault is not None:
        faults.append(fault)
    if snapshot is None:
        return
    asked.snapshot = snapshot
    _, wall, expected, _ = asked.reading
    age_seconds = (wall if wall > expected else expected) - snapshot.created_seconds  # noqa: FURB136
    ahead_seconds = snapshot.created_seconds - (wall if wall < expected else expected)  # noqa: FURB136
    if not (age_seconds <= most_age_seconds and ahead_seconds <= _FUTURE_SECONDS):
        faults.append("snapshot-stale")
    if not account_id:
        return
    standing = snapshot.find(account_id)
    if standing is not None:
        asked.account, asked.campaign = standing.account, standing.campaign
    if asked.account is None and snapshot.has_account_table:
        faults.append("unknown-account")
