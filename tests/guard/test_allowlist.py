from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.guard.guard_cases import (
    NOW,
    FakeAudit,
    FakeClocks,
    FakePolicy,
    finding,
    make_guard,
    request,
)

from cautery.errors import ConfigurationError
from cautery.guard.allowlist import Allowlist
from cautery.guard.faults import FaultPolicy
from cautery.guard.rules import GuardSettings
from cautery.records.decision import ACTIONS, DEGRADATIONS, RuleFinding
from cautery.records.standing import AllowlistEntry

ENTRY = AllowlistEntry(
    account_id="acct-1",
    reason="A benchmark that we asked for.",
    owner="trust@provider.example",
    expires_at=NOW + timedelta(days=1),
)

FINDINGS = st.lists(
    st.builds(
        RuleFinding,
        rule=st.text(max_size=8),
        action=st.sampled_from(ACTIONS),
        mode=st.sampled_from(["off", "shadow", "enforce"]),
        text=st.text(max_size=8),
        watermark_key_id=st.sampled_from(["", "k-1"]),
        degradations=st.lists(st.sampled_from(DEGRADATIONS)).map(tuple),
        retry_after_seconds=st.integers(0, 1_000),
    ),
    max_size=6,
)
CREDENTIALS = st.sampled_from(["", "valid", "invalid", "expired", "revoked", "shared"])
SEVERE = GuardSettings(
    mode="enforce", faults=FaultPolicy(chosen={"clock-jump": "closed", "policy-error": "closed"})
)
ENDED = replace(ENTRY, expires_at=NOW)
NOT_BEGUN = replace(ENTRY, starts_at=NOW + timedelta(seconds=1))
SOMEBODY_ELSES = replace(ENTRY, account_id="acct-2")


def decide(entries: list[AllowlistEntry], findings: list[RuleFinding], **more: Any) -> Any:
    """Decide on one request under these rules, with and without the entries."""
    broken = more.pop("broken", False)
    policy = FakePolicy(*findings, errors=("bad",) if broken else ())
    guard = make_guard(SEVERE, policy=policy, allowlist=Allowlist(entries), audit=FakeAudit())
    return guard, guard.decide(request(**more))


@given(findings=FINDINGS, state=CREDENTIALS, broken=st.booleans())
def test_an_entry_wins_over_whatever_the_rules_say(
    findings: list[RuleFinding], state: Any, broken: bool
) -> None:
    """What is done is allow, nothing marked or left out; what was asked for stays on record."""
    _, without = decide([], findings, credential_state=state, broken=broken)
    guard, with_entry = decide([ENTRY], findings, credential_state=state, broken=broken)
    assert with_entry.enforced_action == "allow"
    assert with_entry.watermark_key_id == ""
    assert with_entry.degradations == ()
    assert with_entry.retry_after_seconds == 0
    assert with_entry.action == without.action
    assert with_entry.reasons[: len(without.reasons)] == without.reasons
    overrode = without.enforced_action != "allow"
    assert with_entry.allowlisted_by == (ENTRY.owner if overrode else "")
    assert guard.counters.overrides == overrode
    assert [reason.rule for reason in with_entry.reasons].count("allowlist") >= overrode


@given(
    findings=FINDINGS,
    state=CREDENTIALS,
    entries=st.lists(st.sampled_from([ENDED, NOT_BEGUN, SOMEBODY_ELSES])),
)
def test_entries_that_do_not_hold_change_nothing(
    findings: list[RuleFinding], state: Any, entries: list[AllowlistEntry]
) -> None:
    """Expired, not begun, or of another account: the decision is the same as without."""
    _, without = decide([], findings, credential_state=state)
    guard, with_entries = decide(entries, findings, credential_state=state)
    assert replace(with_entries, decision_id="") == replace(without, decision_id="")
    assert guard.counters.overrides == 0


def test_one_of_several_entries_is_enough() -> None:
    """An account may have an ended entry and a new one."""
    _, decision = decide([ENDED, NOT_BEGUN, ENTRY], [finding("block")])
    assert decision.enforced_action == "allow"


def test_a_request_of_nobody_is_never_exempt() -> None:
    """There is no entry for the empty account, and none is matched."""
    _, decision = decide([ENTRY], [finding("block")], account_id="")
    assert decision.enforced_action == "block"


@pytest.mark.parametrize("jump_seconds", [-2 * 86_400, 2 * 86_400])
def test_an_entry_must_hold_by_both_clocks(jump_seconds: float) -> None:
    """Who sets the clock back does not revive an entry; who sets it ahead begins none."""
    clocks = FakeClocks()
    ended = replace(ENTRY, expires_at=NOW - timedelta(days=1))
    later = replace(ENTRY, starts_at=NOW + timedelta(days=1), expires_at=NOW + timedelta(days=9))
    guard = make_guard(
        SEVERE, clocks, policy=FakePolicy(finding("block")), allowlist=Allowlist([ended, later])
    )
    clocks.wall_seconds += jump_seconds
    decision = guard.decide(request())
    assert decision.enforced_action == "block"
    assert decision.faults == ("clock-jump",)


def test_an_override_that_cannot_be_written_is_not_made() -> None:
    """Every override is on record: a ledger that fails closed wins over the allowlist."""
    guard = make_guard(
        policy=FakePolicy(finding("tag", watermark_key_id="k-1")),
        allowlist=Allowlist([ENTRY]),
        audit=FakeAudit(fails=True),
    )
    decision = guard.decide(request())
    assert (decision.enforced_action, decision.allowlisted_by) == ("throttle", "")
    assert guard.counters.overrides == 0


@pytest.mark.parametrize(
    "wrong",
    [
        {"reason": " "},
        {"owner": ""},
        {"account_id": ""},
        {"expires_at": NOW.replace(tzinfo=None)},
        {"starts_at": NOW.replace(tzinfo=None)},
    ],
    ids=lambda wrong: next(iter(wrong)),
)
def test_an_entry_says_who_why_and_until_when(wrong: dict[str, Any]) -> None:
    """An entry that leaves something out is refused when it is read."""
    with pytest.raises(ConfigurationError):
        Allowlist([replace(ENTRY, **wrong)])
