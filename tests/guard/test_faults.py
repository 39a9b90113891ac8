from __future__ import annotations

import logging
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from tests.guard.guard_cases import (
    NOW,
    BrokenPolicy,
    FakeAudit,
    FakeClocks,
    FakePolicy,
    finding,
    make_guard,
    publish,
    request,
    row,
)

from cautery.guard.decide import Guard
from cautery.guard.fault_log import QUIET_SECONDS
from cautery.guard.faults import FAULTS, FaultPolicy
from cautery.guard.memory import GuardMemory
from cautery.guard.rules import GuardSettings, Limit
from cautery.guard.state_limits import Limits
from cautery.records.decision import PASSING

ENFORCE = GuardSettings(mode="enforce")


@pytest.mark.parametrize(("closed", "action"), [(True, "throttle"), (False, "allow")])
def test_an_audit_trail_that_fails(closed: bool, action: str) -> None:
    """Fails closed by default, open if that is set; always counted."""
    settings = replace(
        ENFORCE, faults=FaultPolicy(chosen={} if closed else {"audit-failed": "open"})
    )
    guard = make_guard(settings, audit=FakeAudit(fails=True))
    decision = guard.decide(request())
    assert (decision.enforced_action, decision.faults) == (action, ("audit-failed",))
    assert guard.counters.audit_failures == guard.counters.faults("audit-failed") == 1


@pytest.mark.parametrize("policy", [FakePolicy(finding("tag"), errors=("bad",)), BrokenPolicy()])
def test_a_policy_error_fails_closed(policy: FakePolicy) -> None:
    """What a set with an error found does not count, also if it raises against its port."""
    decision = make_guard(policy=policy).decide(request())
    assert (decision.enforced_action, decision.faults) == ("throttle", ("policy-error",))
    assert [reason.rule for reason in decision.reasons] == ["fault-policy-error"]
    opened = replace(ENFORCE, faults=FaultPolicy(chosen={"policy-error": "open"}))
    assert make_guard(opened, policy=policy).decide(request()).enforced_action == "allow"


def test_faults_of_the_snapshot(tmp_path: Path) -> None:
    """None yet, refused, stale, from the future, and an account that is not in it."""
    path = tmp_path / "s"
    clocks = FakeClocks()
    follower = publish(path, row("acct-1"), has_account_table=True)
    guard = make_guard(clocks=clocks, snapshots=follower)
    assert guard.decide(request()).faults == ()
    assert guard.decide(request("acct-2")).faults == ("unknown-account",)
    path.write_bytes(b"torn")
    follower.poll()
    assert guard.decide(request()).faults == ("snapshot-refused",)
    clocks.pass_by(15 * 86_400)
    assert guard.decide(request()).faults == ("snapshot-refused", "snapshot-stale")
    clocks.pass_by(-16 * 86_400)
    empty = make_guard(snapshots=publish(tmp_path / "t", created_at=NOW))
    assert empty.decide(request()).faults == ()
    follower.current = None
    assert guard.decide(request()).faults[-1] == "no-snapshot"


class Lost:
    """Limits are not shared any more."""

    lost = True


LIMIT = Limit(
    name="tokens", scope="account", unit="tokens", amount=9e9, window_seconds=1, burst=9e9
)


def guard_with(fault: str, settings: GuardSettings, folder: Path) -> tuple[Guard, str]:
    """Make a guard that meets a fault, and name the account that asks it."""
    clocks = FakeClocks()
    if fault in {"audit-failed", "policy-error", "sharing-stopped", "no-campaign-key"}:
        parts: dict[str, Any] = {
            "audit-failed": {"audit": FakeAudit(fails=True)},
            "policy-error": {"policy": BrokenPolicy()},
            "sharing-stopped": {"sharing": Lost()},
            "no-campaign-key": {"policy": FakePolicy(finding("tag"))},
        }
        return make_guard(settings, clocks, **parts[fault]), "acct-1"
    if fault == "state-full":
        limits = Limits([LIMIT], 7, most_pending=1)
        limits.take("other", ("", "other", "", ""), 1, clocks.monotonic())
        return make_guard(settings, clocks, memory=GuardMemory(seed=7, limits=limits)), "acct-1"
    follower = publish(folder / "s", row("acct-1"), has_account_table=True)
    guard = make_guard(settings, clocks, snapshots=follower)
    if fault == "no-snapshot":
        follower.current = None
    if fault == "snapshot-refused":
        (folder / "torn").write_bytes(b"torn")
        (folder / "torn").rename(folder / "s")
        follower.poll()
    if fault == "snapshot-stale":
        clocks.pass_by(15 * 86_400)
    if fault == "clock-jump":
        clocks.wall_seconds -= 3_600
    if fault == "internal-error":
        clocks.wall_seconds = float("nan")
    return guard, {"no-account": "", "unknown-account": "acct-2"}.get(fault, "acct-1")


@pytest.mark.parametrize("fails", ["open", "closed"])
@pytest.mark.parametrize("fault", FAULTS)
def test_each_fault_fails_as_it_is_set(
    tmp_path: Path, fault: Any, fails: str, caplog: pytest.LogCaptureFixture
) -> None:
    """Open or closed, as configured; counted, on record and logged both ways."""
    settings = GuardSettings(mode="enforce", faults=FaultPolicy(chosen={fault: fails}))
    guard, account_id = guard_with(fault, settings, tmp_path)
    with caplog.at_level(logging.WARNING, logger="cautery.guard"):
        decision = guard.decide(request(account_id))
    assert decision.faults == (fault,)
    assert guard.counters.faults(fault) == 1
    assert (decision.enforced_action in PASSING) == (fails == "open")
    if fails == "closed":
        assert decision.enforced_action == FAULTS[fault].closed_action
    told = [vars(one)["fields"] for one in caplog.records if one.message == "fault"]
    assert told == [{"fault": fault, "fails": fails, "decisions": 1}]


def test_the_log_is_not_flooded(caplog: pytest.LogCaptureFixture) -> None:
    """A fault of every request is one line a minute, which says of how many."""
    clocks = FakeClocks()
    guard = make_guard(clocks=clocks, sharing=Lost())
    with caplog.at_level(logging.WARNING, logger="cautery.guard"):
        for number in range(5):
            guard.decide(request(request_id=f"r{number}"))
        clocks.pass_by(QUIET_SECONDS)
        guard.decide(request(request_id="r5"))
    assert [vars(one)["fields"]["decisions"] for one in caplog.records] == [1, 5]
    assert guard.counters.faults("sharing-stopped") == 6


def test_it_never_raises() -> None:
    """An error of the guard's own is a fault, and fails closed."""
    clocks = FakeClocks()
    guard = make_guard(clocks=clocks)
    clocks.wall_seconds = float("nan")
    decision = guard.decide(request())
    assert (decision.enforced_action, decision.faults) == ("throttle", ("internal-error",))
