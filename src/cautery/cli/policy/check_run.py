"""What ``cautery policy check`` does and says."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from cautery.cli.exits import Exit, printable
from cautery.cli.policy.columns import print_columns
from cautery.policy.archive import PolicyArchive
from cautery.policy.enforcement import authorise_enforcement
from cautery.policy.evaluator import CedarEvaluator
from cautery.policy.policy_set import PolicySet, load_policy_set


class _NoTrail:
    """Takes what a guard would write into its audit trail: a check enforces nothing."""

    def append(self, kind: str, record: Mapping[str, Any], written_at: datetime) -> int:
        """Write nothing."""
        return 0


def run_check(path: Path, archive: Path | None, *, as_json: bool) -> int:
    """Check a policy set.

    Args:
        path: Its ``policy.toml``.
        archive: Folder to keep it in, if any.
        as_json: Write JSON.

    Returns:
        The exit code.

    Raises:
        CauteryError: Anything in it is wrong, or it is not allowed to be enforced.
    """
    policy = load_policy_set(path)
    CedarEvaluator(policy)
    enforcement = authorise_enforcement(policy, path.parent, _NoTrail(), datetime.now(UTC))
    kept = PolicyArchive(archive).store(policy) if archive is not None else None
    if as_json:
        print(json.dumps(_described(policy, enforcement), indent=1))
    else:
        _print(policy, enforcement)
    if kept is not None:
        print(f"kept: {printable(str(kept))}", file=sys.stderr)
    return Exit.RAN


def _described(policy: PolicySet, enforcement: str) -> dict[str, Any]:
    return {
        "policy_version": policy.version,
        "rules_sha256": policy.rules_sha256,
        "packs": [
            {"name": pack.name, "dated": str(pack.dated), "sources": list(pack.sources)}
            for pack in policy.packs
        ],
        "rules": [
            {
                "rule": rule.rule,
                "action": rule.action,
                "mode": policy.modes[rule.rule],
                "text": rule.text,
                "basis": rule.basis,
                "where": rule.where,
            }
            for rule in policy.rules.values()
        ],
        "lists": [*policy.origins, *(item.evidence for item in policy.denied.lists)],
        "classes": policy.classes.attributes(),
        "enforcement": enforcement,
    }


def _print(policy: PolicySet, enforcement: str) -> None:
    rules = list(policy.rules.values())
    print(f"policy set {policy.version}")
    print(f"{len(rules)} rules in {len(policy.packs)} packs; packs are not legal advice")
    print()
    print_columns(
        ("rule", "action", "mode", "where"),
        [(rule.rule, rule.action, policy.modes[rule.rule], rule.where) for rule in rules],
    )
    lists = [*policy.origins, *(item.evidence for item in policy.denied.lists)]
    if lists:
        print()
    for words in lists:
        print(printable(words))
    print()
    words = enforcement or "no rule is enforced: what rules ask for is only written down"
    if policy.enforcement.override is not None and enforcement:
        words = f"warning: {words}; a guard writes this to its audit trail"
    print(printable(words))
