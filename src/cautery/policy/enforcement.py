"""Whether rules of mode *enforce* may be enforced: after a backtest, or on somebody's word."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from cautery.errors import ConfigurationError
from cautery.policy.backtest_file import read_backtest
from cautery.policy.policy_set import PolicySet

if TYPE_CHECKING:
    from cautery.ports import AuditTrail

OVERRIDE_KIND: Final = "policy-override"
BACKTEST_KIND: Final = "policy-enforced"
_HINT: Final = (
    "Run: cautery policy backtest POLICY LOG -o backtest.json --sign-off NAME, and name the "
    "file in [enforcement]"
)


def enforced_rules(policy: PolicySet) -> list[str]:
    """Name the rules that a policy set enforces, sorted."""
    return sorted(name for name, mode in policy.modes.items() if mode == "enforce")


def backtest_fault(policy: PolicySet, path: Path) -> str:
    """Say why a backtest does not allow a policy set to be enforced.

    Args:
        policy: The set.
        path: ``backtest.json``.

    Returns:
        A sentence; empty if it does allow it.

    Raises:
        ConfigurationError: It cannot be read, or was changed.
    """
    file = read_backtest(path)
    if file.rules_sha256 != policy.rules_sha256:
        return "the rules or their parameters have changed since the backtest"
    if file.signed_off is None or not file.signed_off.by.strip():
        return "nobody has signed the backtest off"
    untested = [name for name in enforced_rules(policy) if name not in file.tested]
    return f"the backtest did not ask the rule '{untested[0]}'" if untested else ""


def authorise_enforcement(
    policy: PolicySet, folder: Path, audit: AuditTrail | None, now: datetime
) -> str:
    """Refuse to enforce what was not tested on the past; write an override to the audit trail.

    Whoever serves requests calls this before the first one, and when a set is loaded anew.

    Args:
        policy: The set.
        folder: Where its ``policy.toml`` stands.
        audit: Where an override is written; None if there is no trail.
        now: UTC.

    Returns:
        A sentence for people; empty if no rule is enforced.

    Raises:
        ConfigurationError: Rules are enforced without a backtest of theirs, and without an
            override or without a trail to write it to.
        OutputError: The trail cannot be written.
    """
    rules = enforced_rules(policy)
    if not rules:
        return ""
    enforcement = policy.enforcement
    fault = "no backtest is named in [enforcement]"
    if enforcement.backtest:
        fault = backtest_fault(policy, folder / enforcement.backtest)
        if not fault:
            _append(audit, BACKTEST_KIND, policy, {"backtest": enforcement.backtest}, now)
            return f"{len(rules)} rules enforced after a backtest ({enforcement.backtest})"
    override = enforcement.override
    if override is None:
        raise ConfigurationError(
            f"rules are to be enforced ({rules[0]} ...), but {fault}", where=policy.name, hint=_HINT
        )
    if not (override.reason.strip() and override.owner.strip()):
        raise ConfigurationError("an override needs a reason and an owner", where=policy.name)
    if audit is None:
        raise ConfigurationError(
            "an override is written to the audit trail, and there is none",
            where=policy.name,
            hint=_HINT,
        )
    words = {"reason": override.reason, "owner": override.owner, "instead_of": fault}
    _append(audit, OVERRIDE_KIND, policy, words, now)
    return f"{len(rules)} rules enforced without a backtest, on the word of {override.owner}"


def _append(
    audit: AuditTrail | None, kind: str, policy: PolicySet, words: Mapping[str, Any], now: datetime
) -> None:
    if audit is None:
        return
    record = {
        "policy_version": policy.version,
        "rules_sha256": policy.rules_sha256,
        "rules": enforced_rules(policy),
        **words,
    }
    audit.append(kind, record, now)
