"""What a guard has learned outlives a configuration that is read again."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from tests.guard.guard_cases import FakeClocks, make_guard, publish, request, row, standing

from cautery.guard.memory import GuardMemory, begin_memory
from cautery.guard.rules import EarlyWarningRule, GuardSettings, Limit, SharedTemplateRule

LIMIT = Limit(
    name="a",
    scope="account",
    unit="requests",
    amount=1,
    window_seconds=3_600,
    burst=2,
    mode="enforce",
    capacity=64,
)
SETTINGS = GuardSettings(mode="enforce", limits=(LIMIT,))


def used_up(settings: GuardSettings, clocks: FakeClocks) -> GuardMemory:
    """Use an account's burst up."""
    guard = make_guard(settings, clocks)
    actions = [guard.decide(request(request_id=f"r{n}")).enforced_action for n in range(3)]
    assert actions == ["allow", "allow", "throttle"]
    return guard.memory


@pytest.mark.parametrize(
    ("change", "forgiven"),
    [
        ({}, False),
        ({"name": "b"}, False),
        ({"shared": True}, False),
        ({"burst": 3}, True),
        ({"amount": 2}, True),
    ],
    ids=range(5),
)
def test_debts_go_on_where_limits_mean_the_same(change: dict[str, Any], forgiven: bool) -> None:
    """A new name or mode forgives nobody; another size begins anew."""
    clocks = FakeClocks()
    memory = used_up(SETTINGS, clocks)
    settings = replace(SETTINGS, limits=(replace(LIMIT, **change),))
    guard = make_guard(settings, clocks, memory=begin_memory(settings, before=memory))
    assert (guard.decide(request()).enforced_action == "allow") is forgiven


def test_a_limit_that_is_enforced_now_knows_its_shadow() -> None:
    """What was counted in shadow counts when the same limit is enforced."""
    clocks = FakeClocks()
    shadow = replace(SETTINGS, limits=(replace(LIMIT, mode="shadow"),))
    before = make_guard(shadow, clocks)
    assert [before.decide(request()).enforced_action for _ in range(3)] == ["allow"] * 3
    memory = begin_memory(SETTINGS, before=before.memory)
    assert make_guard(SETTINGS, clocks, memory=memory).decide(request()).action == "throttle"


def test_counters_and_evidence_go_on(tmp_path: Any) -> None:
    """The new guard warns of what the old one learned, and counts on."""
    warning = EarlyWarningRule(action="challenge", mode="enforce", threshold_bits=10)
    settings = GuardSettings(
        mode="enforce", early_warning=warning, shared_template=SharedTemplateRule()
    )
    members = [f"member-{n}" for n in range(3)]
    snapshots = publish(tmp_path / "s", *(row(name, standing()) for name in members))
    old = make_guard(settings, snapshots=snapshots)
    for name in members:
        old.decide(request(name, template=77))
    for n in range(1_200):
        old.decide(request(f"other-{n}", template=1_000 + n))
    old.decide(request(members[0], template=77))
    memory = begin_memory(settings, before=old.memory)
    new = make_guard(settings, snapshots=snapshots, memory=memory)
    actions = [new.decide(request(f"new-{n}", template=77)).action for n in range(20)]
    assert actions[-1] == "challenge"
    assert new.memory.sketches is old.memory.sketches is not None
    assert sum(new.counters.decisions().values()) == 1_224
    without = begin_memory(GuardSettings(), before=memory)
    assert (without.early, without.sketches) == (None, None)
