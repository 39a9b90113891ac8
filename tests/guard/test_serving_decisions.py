"""A guard process that decides, with everything behind it real, and a model server before it."""

from __future__ import annotations

import signal
import time
from pathlib import Path
from typing import Any

import pytest
from tests.guard.guards import RunningGuard, model_server, running_guard
from tests.guard.wired import (
    AUDIT,
    BAND,
    DECISION,
    KEYS,
    MEMBER,
    OVERRIDE,
    POLICY,
    SNAPSHOT,
    STRANGER,
    World,
    make_world,
    outcome,
    readiness,
)

from cautery.guard.configuration import load_configuration


@pytest.fixture
def world(tmp_path: Path) -> World:
    """Keys, ledger, snapshot and policy."""
    return make_world(tmp_path)


def test_who_has_a_key_and_no_campaign_is_served(world: World) -> None:
    """A member is blocked, a stranger is served, a revoked key ends within a second.

    All of it stands in the ledger, which verifies.
    """
    member, stranger = world.key(MEMBER), world.key(STRANGER)
    key_id = world.issued
    with model_server() as server:
        path = world.configuration(
            server.port, DECISION, KEYS, SNAPSHOT, BAND, AUDIT, '[events]\nfile = "events.jsonl"\n'
        )
        with running_guard(path) as guard:
            assert outcome(guard, stranger) == (200, "")
            assert outcome(guard, member) == (403, "account_restricted")
            assert outcome(guard, "acme_live_nobody") == (401, "invalid_api_key")
            world.revoke(key_id)
            end = time.monotonic() + 1.0
            while outcome(guard, stranger)[0] == 200 and time.monotonic() < end:
                time.sleep(0.02)
            assert outcome(guard, stranger) == (401, "invalid_api_key")
            page = guard.page("/metrics")
            assert guard.stop() == 0
        assert len(server.asked) >= 1
        assert "authorization" not in {name.lower() for name in server.asked[0]["headers"]}
    assert 'decisions_total{action="block",enforced="block",mode="enforce"} 1' in page
    assert 'audit_records_total{outcome="failed"} 0' in page
    assert "cautery_guard_snapshot_age_seconds " in page
    assert MEMBER not in page
    decisions = [one.record for one in world.records()]
    blocked = [one for one in decisions if one["enforced_action"] == "block"]
    assert [(one["account_id"], one["reasons"][0]["rule"]) for one in blocked] == [
        (MEMBER, "band-very-likely")
    ]
    assert {one["account_id"] for one in decisions} == {MEMBER, STRANGER}
    assert blocked[0]["decision_id"] in (world.folder / "events.jsonl").read_text()


def test_shadow_writes_down_and_stops_nobody(world: World) -> None:
    """In shadow a member passes, and the record says what would have been; SIGHUP enforces it."""
    member = world.key(MEMBER)
    shadow = DECISION.replace("enforce", "shadow")
    with model_server() as server:
        path = world.configuration(server.port, shadow, KEYS, SNAPSHOT, BAND, AUDIT)
        with running_guard(path) as guard:
            assert outcome(guard, member) == (200, "")
            path.write_text(path.read_text().replace(shadow, DECISION))
            guard.signal(signal.SIGHUP)
            guard.wait_for("configuration read again")
            assert outcome(guard, member) == (403, "account_restricted")
            path.write_text(path.read_text().replace(DECISION, DECISION + "wrong = 1\n"))
            guard.signal(signal.SIGHUP)
            guard.wait_for("configuration refused")
            assert outcome(guard, member) == (403, "account_restricted")
            assert guard.stop() == 0
    found = [(one.record["action"], one.record["enforced_action"]) for one in world.records()]
    assert found == [("block", "allow"), ("block", "block"), ("block", "block")]


def test_an_exemption_is_on_record(world: World) -> None:
    """The allowlist lets a member pass; the ledger holds who answers for it, and why."""
    member = world.key(MEMBER)
    world.allow(MEMBER)
    allowlist = DECISION + 'allowlist = "allowlist.csv"\n'
    with model_server() as server:
        path = world.configuration(server.port, allowlist, KEYS, SNAPSHOT, BAND, AUDIT)
        with running_guard(path) as guard:
            assert outcome(guard, member) == (200, "")
            assert "cautery_guard_overrides_total 1" in guard.page("/metrics")
            assert guard.stop() == 0
    [decision] = [one.record for one in world.records()]
    assert (decision["action"], decision["enforced_action"]) == ("block", "allow")
    assert decision["allowlisted_by"] == "ana"
    assert decision["reasons"][-1]["text"] == "ana exempts the account: a pilot customer"


def test_a_policy_is_enforced_on_somebodys_word(world: World) -> None:
    """Without a backtest the guard does not start; with an override it does, and it is recorded.

    New verdicts are taken into use while it serves.
    """
    closed = world.key("acct_closed")
    with model_server() as server:
        path = world.configuration(server.port, DECISION, KEYS, SNAPSHOT, POLICY, AUDIT)
        with pytest.raises(AssertionError, match="rules are to be enforced"), running_guard(path):
            pass
        world.policy(OVERRIDE)
        with running_guard(path) as guard:
            assert outcome(guard, closed) == (403, "verification_required")
            world.publish("acct_closed,closed", f"{STRANGER},active")
            end = time.monotonic() + 20
            while outcome(guard, closed)[1] != "account_restricted" and time.monotonic() < end:
                time.sleep(0.1)
            assert outcome(guard, closed) == (403, "account_restricted")
            assert outcome(guard, world.key(STRANGER)) == (200, "")
            guard.signal(signal.SIGHUP)
            guard.wait_for("configuration read again")
            assert guard.stop() == 0
    # Once: the reload found the same set.
    [override] = world.records("policy-override")
    assert override.record["owner"] == "ana"
    rules = {one["rule"] for found in world.records() for one in found.record["reasons"]}
    assert rules == {"account-status.closed", "account-status.unknown"}


def test_guards_go_on_without_the_shared_store(world: World, redis_server: Any) -> None:
    """Redis dies while guards serve: limits hold here, the fault is counted, and it comes back."""
    key = world.key(STRANGER)
    rate = (
        '[[rate]]\nname = "requests"\nscope = "account"\namount = 1\nwindow = "1h"\nburst = 3\n'
        'mode = "enforce"\nshared = true\n'
    )
    sharing = f'[sharing]\nurl = "{redis_server.url}"\ninterval = "100ms"\nlost_after = "300ms"\n'
    with model_server() as server:
        path = world.configuration(server.port, DECISION, KEYS, rate, sharing)
        with running_guard(path) as guard:
            wait_for_count(guard, 'sharing_exchanges_total{outcome="done"}')
            assert outcome(guard, key) == (200, "")
            redis_server.stop()
            wait_for_count(guard, 'sharing_exchanges_total{outcome="failed"}')
            time.sleep(0.4)
            before = count_of(guard, STOPPED)
            assert outcome(guard, key) == (200, "")
            assert readiness(guard)[0] == 200
            assert count_of(guard, STOPPED) == before + 1
            assert outcome(guard, key) == (200, "")
            assert outcome(guard, key) == (429, "rate_limit_exceeded")
            # A reload forgives nothing.
            guard.signal(signal.SIGHUP)
            guard.wait_for("configuration read again")
            assert outcome(guard, key) == (429, "rate_limit_exceeded")
            assert guard.stop() == 0


STOPPED = 'faults_total{fault="sharing-stopped"}'


def count_of(guard: RunningGuard, name: str) -> int:
    """Read a counter off the page of metrics."""
    start = f"cautery_guard_{name} "
    lines = guard.page("/metrics").splitlines()
    return next((int(line[len(start) :]) for line in lines if line.startswith(start)), 0)


def wait_for_count(guard: RunningGuard, name: str) -> None:
    """Wait until something was counted."""
    end = time.monotonic() + 20
    while not count_of(guard, name):
        assert time.monotonic() < end, guard.page("/metrics")
        time.sleep(0.02)


def test_a_store_that_is_gone_lets_nobody_in(world: World) -> None:
    """Without its store the guard refuses, says so at /readyz, and goes on when it is back."""
    key = world.key(STRANGER)
    store = world.folder / "keys.db"
    with model_server() as server:
        path = world.configuration(server.port, KEYS)
        assert load_configuration(path).decision is None
        with running_guard(path) as guard:
            assert outcome(guard, key) == (200, "")
            assert readiness(guard) == (200, "ready\n")
            store.rename(store.with_suffix(".away"))
            time.sleep(0.3)
            assert outcome(guard, key) == (503, "overloaded")
            status, words = readiness(guard)
            assert status == 503
            assert "the store of keys cannot be used" in words
            store.with_suffix(".away").rename(store)
            assert readiness(guard) == (200, "ready\n")
            assert outcome(guard, key) == (200, "")
            assert guard.stop() == 0
