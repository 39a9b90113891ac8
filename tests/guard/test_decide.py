from __future__ import annotations

import threading
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from tests.guard.guard_cases import (
    NOW,
    FakeAudit,
    FakeClocks,
    FakePolicy,
    finding,
    make_guard,
    publish,
    request,
    row,
    standing,
)

from cautery.guard.rules import CampaignRule, EarlyWarningRule, GuardSettings, Limit
from cautery.ports import Decider
from cautery.records.key import Secret
from cautery.records.request import UsageFacts

ENFORCE = GuardSettings(mode="enforce")
REQUESTS = Limit(
    name="requests",
    scope="account",
    unit="requests",
    amount=60,
    window_seconds=60,
    burst=2,
    mode="enforce",
    capacity=64,
)
TOKENS = replace(REQUESTS, name="tokens", unit="tokens", amount=600, burst=1_000)


def test_it_is_a_decider() -> None:
    """Adapters may take it by the port."""
    decider: Decider = make_guard()
    assert decider.decide(request()).enforced_action == "allow"


def test_a_plain_request_passes_without_reasons() -> None:
    """Nothing asked for: allow, no rule's mode, no reasons."""
    decision = make_guard().decide(request())
    assert (decision.action, decision.enforced_action, decision.mode) == ("allow", "allow", "off")
    assert decision.reasons == () == decision.faults
    assert decision.decided_at == NOW < decision.expires_at


def test_identifiers_are_opaque() -> None:
    """Identifiers of decisions do not tell how many there were, nor whose."""
    guard = make_guard()
    ids = [guard.decide(request()).decision_id for _ in range(1_000)]
    assert len(set(ids)) == 1_000
    assert sorted(ids) != ids
    assert {len(one) for one in ids} == {34}


def test_what_is_in_shadow_is_not_done() -> None:
    """A rule in shadow gives the action, not what is done."""
    guard = make_guard(policy=FakePolicy(finding("block", "shadow"), finding("tag", "off")))
    decision = guard.decide(request())
    assert (decision.action, decision.enforced_action, decision.mode) == (
        "block",
        "allow",
        "shadow",
    )
    assert [reason.rule for reason in decision.reasons] == ["rule-block"]


@pytest.mark.parametrize("mode", ["off", "shadow"])
def test_a_guard_in_shadow_enforces_nothing(mode: Any) -> None:
    """The guard's own mode is a ceiling over rules, limits and faults."""
    guard = make_guard(
        GuardSettings(mode=mode, limits=(REQUESTS,)), policy=FakePolicy(finding("block"))
    )
    decisions = [guard.decide(request(account)) for account in ("", "a", "a", "a", "a")]
    assert {decision.enforced_action for decision in decisions} == {"allow"}
    assert {d.action for d in decisions} == ({"block"} if mode == "shadow" else {"allow"})
    assert decisions[0].faults == ("no-account",)


def test_policy_gets_what_the_snapshot_holds(tmp_path: Path) -> None:
    """Account facts and the verdict reach the policy set, and its version the decision."""
    policy = FakePolicy()
    verdict = standing()
    snapshots = publish(tmp_path / "s", row("acct-1", verdict, program="research"))
    decision = make_guard(snapshots=snapshots, policy=policy).decide(request())
    account, campaign = policy.asked[0]
    assert account is not None
    assert account.program == "research"
    assert campaign == verdict
    assert decision.campaign_id == verdict.campaign_id
    assert decision.policy_version == policy.policy_version


@pytest.mark.parametrize("band", ["very likely", "likely", "watch", ""])
def test_a_campaign_rule_is_about_one_band(tmp_path: Path, band: Any) -> None:
    """Only the rule of the account's own band speaks."""
    rules = (
        CampaignRule(name="strong", band="very likely", action="block", mode="enforce"),
        CampaignRule(name="middle", band="likely", action="challenge", mode="enforce"),
    )
    snapshots = publish(tmp_path / "s", row("acct-1", standing(band)))
    guard = make_guard(replace(ENFORCE, campaign_rules=rules), snapshots=snapshots)
    expected = {"very likely": "block", "likely": "challenge"}.get(band, "allow")
    assert guard.decide(request()).enforced_action == expected


@pytest.mark.parametrize(
    ("state", "action"),
    [("", "allow"), ("valid", "allow"), ("revoked", "block"), ("expired", "block")],
)
def test_credentials_that_are_not_valid_are_blocked(state: Any, action: str) -> None:
    """What the check of the credential said is a rule like any other."""
    assert make_guard().decide(request(credential_state=state)).enforced_action == action


def test_a_shared_credential_is_only_noted_unless_it_is_enforced() -> None:
    """Use from many networks challenges in shadow by default."""
    decision = make_guard().decide(request(credential_state="shared"))
    assert (decision.action, decision.enforced_action) == ("challenge", "allow")
    guard = make_guard(replace(ENFORCE, credential_modes={"shared": "enforce"}))
    assert guard.decide(request(credential_state="shared")).enforced_action == "challenge"


def test_limits_throttle_and_say_when_to_come_again() -> None:
    """The third request of a burst of two waits a second, and passes then."""
    clocks = FakeClocks()
    guard = make_guard(replace(ENFORCE, limits=(REQUESTS,)), clocks)
    assert [guard.decide(request()).enforced_action for _ in range(2)] == ["allow"] * 2
    refused = guard.decide(request())
    assert (refused.enforced_action, refused.retry_after_seconds) == ("throttle", 1)
    clocks.pass_by(1.0)
    assert guard.decide(request()).enforced_action == "allow"


def test_what_is_blocked_is_not_charged() -> None:
    """A request that a rule stops takes nothing from the limits."""
    policy = FakePolicy(finding("block"))
    guard = make_guard(replace(ENFORCE, limits=(REQUESTS,)), policy=policy)
    for _ in range(10):
        guard.decide(request())
    policy.outcome = replace(policy.outcome, findings=())
    assert guard.decide(request()).enforced_action == "allow"


def test_usage_replaces_the_estimate() -> None:
    """An answer that was shorter than feared gives back what it did not take."""
    guard = make_guard(replace(ENFORCE, limits=(TOKENS,)))
    asked = request(request_id="r1", max_tokens=900, input_tokens=50)
    assert guard.decide(asked).enforced_action == "allow"
    assert guard.decide(replace(asked, request_id="r2")).enforced_action == "throttle"
    guard.settle(
        UsageFacts(
            request_id="r1", account_id="acct-1", input_tokens=50, output_tokens=0, status_code=0
        )
    )
    assert guard.decide(replace(asked, request_id="r3")).enforced_action == "allow"


def test_tags_get_the_published_key(tmp_path: Path) -> None:
    """A tag carries the opaque identifier that was published for the campaign."""
    rules = (CampaignRule(name="tag", band="likely", action="tag", mode="enforce"),)
    snapshots = publish(
        tmp_path / "s",
        row("acct-1", standing()),
        watermark_key_ids={"C-2026-0001": "k-0123"},
    )
    decision = make_guard(replace(ENFORCE, campaign_rules=rules), snapshots=snapshots).decide(
        request()
    )
    assert (decision.enforced_action, decision.watermark_key_id) == ("tag", "k-0123")


def test_tags_without_a_published_key_get_a_derived_one_or_a_fault(tmp_path: Path) -> None:
    """The same on every guard with the secret; a fault without one."""
    rules = (CampaignRule(name="tag", band="likely", action="tag", mode="enforce"),)
    snapshots = publish(tmp_path / "s", row("acct-1", standing()))
    settings = replace(ENFORCE, campaign_rules=rules)
    bare = make_guard(settings, snapshots=snapshots).decide(request())
    assert (bare.watermark_key_id, bare.faults) == ("", ("no-campaign-key",))
    secret = replace(settings, tag_secret=Secret(b"s" * 32))
    ids = {make_guard(secret, snapshots=snapshots).decide(request()).watermark_key_id}
    ids |= {make_guard(secret, snapshots=snapshots).decide(request()).watermark_key_id}
    (key_id,) = ids
    assert key_id.startswith("k-")
    assert "C-2026-0001" not in key_id


def test_a_decision_is_on_record_before_it_is_given() -> None:
    """The audit trail holds what the client was told."""
    audit = FakeAudit()
    decision = make_guard(audit=audit).decide(request())
    assert [one["decision_id"] for one in audit.records] == [decision.decision_id]


def test_an_early_warning_raises_the_tier_and_does_not_block(tmp_path: Path) -> None:
    """Newcomers who begin with a campaign's template are challenged, as configured."""
    rule = EarlyWarningRule(action="challenge", mode="enforce", threshold_bits=10)
    members = [f"member-{n}" for n in range(3)]
    snapshots = publish(tmp_path / "s", *(row(name, standing()) for name in members))
    guard = make_guard(replace(ENFORCE, early_warning=rule), snapshots=snapshots)
    for name in members:
        guard.decide(request(name, template=77))
    for n in range(1_200):
        assert guard.decide(request(f"other-{n}", template=1_000 + n)).action == "allow"
    guard.decide(request(members[0], template=77))
    actions = [guard.decide(request(f"new-{n}", template=77)).action for n in range(20)]
    assert actions[0] == "allow"
    assert actions[-1] == "challenge"
    assert guard.decide(request("other-1", template=5)).action == "allow"


def test_it_decides_from_several_threads() -> None:
    """A burst is given once, however many threads ask."""
    guard = make_guard(replace(ENFORCE, limits=(replace(REQUESTS, burst=100),)))
    passed: list[bool] = []

    def ask() -> None:
        for n in range(100):
            passed.append(guard.decide(request(request_id=f"r{n}")).enforced_action == "allow")

    threads = [threading.Thread(target=ask) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(passed) == 100
    assert sum(guard.counters.read()[f"decisions.{a}.{a}"] for a in ("allow", "throttle")) == 400
