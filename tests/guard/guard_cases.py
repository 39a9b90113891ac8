"""Requests, clocks and fakes that the guard's tests share."""

from __future__ import annotations

from collections.abc import Mapping
from concurrent.futures import Future
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from cautery.errors import OutputError
from cautery.guard.decide import Guard
from cautery.guard.parts import GuardParts
from cautery.guard.rules import GuardSettings
from cautery.guard.snapshot_following import SnapshotFollower
from cautery.guard.snapshot_writer import SnapshotContents, SnapshotRow, write_snapshot
from cautery.records.decision import PolicyOutcome, RuleFinding
from cautery.records.request import RequestFacts
from cautery.records.standing import AccountFacts, CampaignStanding

NOW = datetime(2026, 11, 29, 12, tzinfo=UTC)
NOW_SECONDS = NOW.timestamp()


class FakeClocks:
    """A wall and a monotonic clock that only move when told."""

    def __init__(self) -> None:
        self.wall_seconds = NOW_SECONDS
        self.monotonic_seconds = 5_000.0

    def wall(self) -> float:
        return self.wall_seconds

    def monotonic(self) -> float:
        return self.monotonic_seconds

    def pass_by(self, seconds: float) -> None:
        self.wall_seconds += seconds
        self.monotonic_seconds += seconds


class FakePolicy:
    """Says what it was told to say."""

    policy_version = "ab" * 32

    def __init__(self, *findings: RuleFinding, errors: tuple[str, ...] = ()) -> None:
        self.outcome = PolicyOutcome(
            findings=findings, policy_version=self.policy_version, errors=errors
        )
        self.asked: list[tuple[AccountFacts | None, CampaignStanding | None]] = []

    def evaluate(
        self,
        request: RequestFacts,
        account: AccountFacts | None,
        campaign: CampaignStanding | None,
    ) -> PolicyOutcome:
        self.asked.append((account, campaign))
        return self.outcome


class BrokenPolicy(FakePolicy):
    """Breaks its port."""

    def evaluate(
        self,
        request: RequestFacts,
        account: AccountFacts | None,
        campaign: CampaignStanding | None,
    ) -> PolicyOutcome:
        raise RuntimeError(request.user_agent)


class FakeAudit:
    """Keeps records in memory, or fails."""

    def __init__(self, *, fails: bool = False) -> None:
        self.fails = fails
        self.records: list[Mapping[str, Any]] = []

    def append(self, kind: str, record: Mapping[str, Any], written_at: datetime) -> int:
        if self.fails:
            raise OutputError("the disk is full")
        assert kind == "decision"
        assert written_at.utcoffset() == timedelta(0)
        self.records.append(record)
        return len(self.records) - 1

    def submit(self, kind: str, record: Mapping[str, Any], written_at: datetime) -> Future[int]:
        future: Future[int] = Future()
        future.set_running_or_notify_cancel()
        try:
            future.set_result(self.append(kind, record, written_at))
        except OutputError as error:
            future.set_exception(error)
        return future


def finding(action: Any, mode: Any = "enforce", **more: Any) -> RuleFinding:
    """Make what one rule asks for."""
    rule = more.pop("rule", f"rule-{action}")
    return RuleFinding(rule=rule, action=action, mode=mode, text="It says so.", **more)


def request(account_id: str = "acct-1", **more: Any) -> RequestFacts:
    """Make a request."""
    more.setdefault("request_id", "req-1")
    return RequestFacts(arrived_at=NOW, account_id=account_id, **more)


def row(account_id: str, campaign: CampaignStanding | None = None, **facts: Any) -> SnapshotRow:
    """Make a row of a snapshot."""
    account = AccountFacts(account_id=account_id, **facts)
    return SnapshotRow(account_id=account_id, account=account, campaign=campaign)


def standing(band: Any = "likely", campaign_id: str = "C-2026-0001") -> CampaignStanding:
    """Make a verdict of the last scan."""
    probability = {"very likely": 0.995, "likely": 0.93, "watch": 0.6, "": 0.2}[band]
    return CampaignStanding(campaign_id=campaign_id, probability=probability, band=band)


def publish(path: Path, *rows: SnapshotRow, **more: Any) -> SnapshotFollower:
    """Write a snapshot and follow it."""
    key = more.pop("key", None)
    more.setdefault("created_at", NOW)
    write_snapshot(path, SnapshotContents(rows=rows, **more), key=key)
    follower = SnapshotFollower(path, key)
    follower.poll()
    return follower


def make_guard(
    settings: GuardSettings | None = None, clocks: FakeClocks | None = None, **parts: Any
) -> Guard:
    """Make a guard with clocks that stand still."""
    clocks = clocks or FakeClocks()
    return Guard(
        settings or GuardSettings(mode="enforce"),
        GuardParts(**parts),
        wall=clocks.wall,
        monotonic=clocks.monotonic,
    )
