"""Words for standing that a provider upstream understands: Anthropic's ``user_profiles`` (2026).

A platform that resells a provider's model tells that provider about its own customers, and hears
what the provider decided about them. The values are those of the provider's published SDK.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final, Literal

from cautery.records.decision import Action
from cautery.records.identity import IdentityFault

EnforcementStatus = Literal["unrestricted", "restricted", "pending", "banned"]
"""How a profile stands."""
EnforcementReason = Literal[
    "unsupported_region",
    "fraud_or_abuse",
    "high_harm",
    "usage_policy_violation",
    "account_compromise",
    "unspecified",
]
"""Why."""
AccountStatus = Literal["active", "suspended", "blocked"]
"""How an account stands with the platform (``external_user_details.account_status``)."""

_ACCOUNT_STATUS: Final[Mapping[str, AccountStatus]] = {
    "active": "active",
    "suspended": "suspended",
    "closed": "blocked",
}
_OWN_STATUS: Final[Mapping[str, str]] = {
    "unrestricted": "active",
    "pending": "active",
    "restricted": "suspended",
    "banned": "closed",
}
_BY_ACTION: Final[Mapping[Action, EnforcementStatus]] = {
    "allow": "unrestricted",
    "tag": "unrestricted",
    "degrade": "restricted",
    "throttle": "restricted",
    "challenge": "pending",
    "block": "restricted",
}
_BY_WORD: Final[tuple[tuple[str, EnforcementReason], ...]] = (
    ("region", "unsupported_region"),
    ("ownership", "unsupported_region"),
    ("key_shared", "account_compromise"),
    ("campaign", "fraud_or_abuse"),
    ("resale", "usage_policy_violation"),
)
_BY_FAULT: Final[Mapping[IdentityFault, EnforcementReason]] = {
    "replayed": "account_compromise",
    "proof_wrong": "account_compromise",
    "revoked": "account_compromise",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Enforcement:
    """What is said of a profile."""

    status: EnforcementStatus
    """How it stands."""
    reason: EnforcementReason | None
    """Why; none if nothing restricts it."""
    next_step: Literal["", "verify"] = ""
    """What the account can do; empty for nothing."""


def account_status(status: str) -> AccountStatus:
    """Translate the status of an account, as the account table has it, for the provider upstream.

    Args:
        status: active, suspended or closed.

    Returns:
        The provider's word; ``suspended`` for a status that nobody knows.
    """
    return _ACCOUNT_STATUS.get(status, "suspended")


def own_status(status: str) -> str:
    """Translate what a provider upstream says of a profile into the account table's words.

    Args:
        status: An enforcement status; a word that a later version added counts as restricted.

    Returns:
        active, suspended or closed.
    """
    return _OWN_STATUS.get(status, "suspended")


def enforcement(action: Action, rules: Iterable[str] = (), status: str = "active") -> Enforcement:
    """Say how an account stands after a decision.

    Args:
        action: What was enforced.
        rules: Identifiers of the rules that asked for it; the first known word in them gives the
            reason.
        status: Of the account, as the account table has it. Only a closed account is ``banned``:
            a blocked request alone bans nobody.

    Returns:
        Status, reason and next step.

    Example:
        >>> enforcement("challenge", ["region.supported"])
        Enforcement(status='pending', reason='unsupported_region', next_step='verify')
    """
    standing = "banned" if status == "closed" else _BY_ACTION[action]
    if standing == "unrestricted" and status == "suspended":
        standing = "restricted"
    if standing == "unrestricted":
        return Enforcement(status="unrestricted", reason=None)
    named = [reason for rule in rules for word, reason in _BY_WORD if word in rule]
    return Enforcement(
        status=standing,
        reason=named[0] if named else "unspecified",
        next_step="verify" if standing == "pending" else "",
    )


def reason_of_fault(fault: IdentityFault) -> EnforcementReason:
    """Say what an unrecognised credential suggests about its account, if anything."""
    return _BY_FAULT.get(fault, "unspecified")
