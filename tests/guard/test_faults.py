from __future__ import annotations

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

from cautery.guard.faults import FAULTS, FaultPolicy
from cautery.guard.rules import GuardSettings
from cautery.records.decision import PASSING

ENFORCE = GuardSettings(mode="enforce")


def closed_at(*faults: str) -> GuardSettings:
    """Fail closed at these faults."""
    return GuardSettings(mode="enforce", faults=FaultPolicy(chosen=dict.fromkeys(faults, "closed")))


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


@pytest.mark.parametrize("fault", ["no-snapshot", "unknown-account", "clock-jump"])
def test_each_fault_fails_closed_if_that_is_set(tmp_path: Path, fault: Any) -> None:
    """Open by default, closed by configuration, counted both ways."""
    for settings, passes in ((ENFORCE, True), (closed_at(fault), False)):
        clocks = FakeClocks()
        follower = publish(tmp_path / "s", row("acct-1"), has_account_table=True)
        guard = make_guard(settings, clocks, snapshots=follower)
        if fault == "no-snapshot":
            follower.current = None
        if fault == "clock-jump":
            clocks.wall_seconds -= 3_600
        decision = guard.decide(request("acct-2" if fault == "unknown-account" else "acct-1"))
        assert fault in decision.faults
        assert (decision.enforced_action in PASSING) is passes
        assert guard.counters.faults(fault) == 1
        if not passes:
            assert decision.enforced_action == FAULTS[fault].closed_action


def test_sharing_that_stopped_is_a_fault() -> None:
    """Local limits go on; the decision says that others do not know of them."""

    class Lost:
        lost = True

    assert make_guard(sharing=Lost()).decide(request()).faults == ("sharing-stopped",)


def test_it_never_raises() -> None:
    """An error of the guard's own is a fault, and fails closed."""
    clocks = FakeClocks()
    guard = make_guard(clocks=clocks)
    clocks.wall_seconds = float("nan")
    decision = guard.decide(request())
    assert (decision.enforced_action, decision.faults) == ("throttle", ("internal-error",))
