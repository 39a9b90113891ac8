"""Words for standing that the provider upstream understands."""

from __future__ import annotations

from typing import get_args

import pytest

from cautery.guard.authentication.user_profiles import (
    AccountStatus,
    EnforcementReason,
    EnforcementStatus,
    account_status,
    enforcement,
    own_status,
    reason_of_fault,
)
from cautery.records.decision import ACTIONS, Action
from cautery.records.identity import IdentityFault


@pytest.mark.parametrize("action", ACTIONS)
@pytest.mark.parametrize("status", ["active", "suspended", "closed"])
def test_every_action_has_a_word(action: Action, status: str) -> None:
    """Status and reason are the provider's own words, whatever was decided."""
    found = enforcement(action, ["anything"], status)
    assert found.status in get_args(EnforcementStatus)
    assert found.reason is None or found.reason in get_args(EnforcementReason)
    assert (found.reason is None) == (found.status == "unrestricted")


def test_only_closed_accounts_are_banned() -> None:
    """A blocked request restricts; to ban takes more."""
    banned = [
        (action, status)
        for action in ACTIONS
        for status in ("active", "suspended", "closed")
        if enforcement(action, (), status).status == "banned"
    ]
    assert banned == [(action, "closed") for action in ACTIONS]


@pytest.mark.parametrize(
    ("rule", "reason"),
    [
        ("region_conflict", "unsupported_region"),
        ("restricted-ownership", "unsupported_region"),
        ("campaign_likely", "fraud_or_abuse"),
        ("key_shared", "account_compromise"),
        ("resale_not_attested", "usage_policy_violation"),
        ("something else", "unspecified"),
    ],
)
def test_reasons_by_rule(rule: str, reason: str) -> None:
    """The rule that asked for it gives the reason."""
    assert enforcement("block", [rule]).reason == reason


def test_a_challenge_says_what_to_do() -> None:
    """Whoever is challenged can verify."""
    assert enforcement("challenge").next_step == "verify"
    assert enforcement("block").next_step == ""


def test_a_suspended_account_is_never_unrestricted() -> None:
    """Even if its request was let through."""
    assert enforcement("allow", (), "suspended").status == "restricted"


@pytest.mark.parametrize("status", ["active", "suspended", "closed", "new word"])
def test_statuses_go_up(status: str) -> None:
    """Unknown words are the careful ones."""
    assert account_status(status) in get_args(AccountStatus)
    assert account_status("new word") == "suspended"


def test_statuses_come_down() -> None:
    """What the provider says of a profile, in the account table's words."""
    words = {status: own_status(status) for status in get_args(EnforcementStatus)}
    assert words == {
        "unrestricted": "active",
        "restricted": "suspended",
        "pending": "active",
        "banned": "closed",
    }
    assert own_status("new word") == "suspended"


@pytest.mark.parametrize("fault", get_args(IdentityFault))
def test_faults_have_reasons(fault: IdentityFault) -> None:
    """Each fault has one of the provider's reasons."""
    assert reason_of_fault(fault) in get_args(EnforcementReason)
