"""What ``cautery policy explain`` does and says."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, fields
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import msgspec

from cautery.cli.exits import Exit, printable
from cautery.cli.given_files import read_whole
from cautery.errors import InputError, UsageError
from cautery.policy.archive import PolicyArchive
from cautery.policy.evaluator import CedarEvaluator
from cautery.policy.explanation import Explanation, RuleExplanation, explain_request
from cautery.policy.fact_values import facts_from
from cautery.policy.places import did_you_mean
from cautery.policy.policy_set import PolicySet, load_policy_set
from cautery.records.request import RequestFacts
from cautery.records.standing import AccountFacts, CampaignStanding

MAX_FACTS_BYTES: Final = 2**20
PARTS: Final[dict[str, type[Any]]] = {
    "request": RequestFacts,
    "account": AccountFacts,
    "campaign": CampaignStanding,
}


def run_explain(
    path: Path | None,
    facts: str | None,
    changes: Sequence[str],
    as_of: str | None,
    archive: Path | None,
    *,
    as_json: bool,
) -> int:
    """Explain one request.

    Args:
        path: A ``policy.toml``; None with ``as_of``.
        facts: JSON file, or ``-``.
        changes: Facts as ``part.name=value``.
        as_of: Digest of a kept set.
        archive: Folder of kept sets.
        as_json: Write JSON.

    Returns:
        The exit code.

    Raises:
        CauteryError: The set or a fact is wrong.
    """
    policy = _policy(path, as_of, archive)
    said = _said(facts, changes)
    request = said.get("request", {})
    now = datetime.now(UTC)
    asked = facts_from(
        RequestFacts,
        request,
        {"arrived_at": now, "request_id": "explained", "account_id": "explained-account"},
    )
    account = None
    if "account" in said:
        account = facts_from(AccountFacts, said["account"], {"account_id": asked.account_id})
    campaign = None
    if "campaign" in said:
        defaults = {"campaign_id": "explained-campaign", "probability": 0.0, "band": ""}
        campaign = facts_from(CampaignStanding, said["campaign"], defaults)
    explanation = explain_request(CedarEvaluator(policy), asked, account, campaign)
    if as_json:
        print(json.dumps(msgspec.to_builtins(asdict(explanation)), indent=1))
    else:
        _print(policy, explanation)
    return Exit.RAN


def _policy(path: Path | None, as_of: str | None, archive: Path | None) -> PolicySet:
    if as_of is None:
        if path is None:
            raise UsageError("no policy set was named", hint="Name a policy.toml, or --as-of.")
        return load_policy_set(path)
    if path is not None or archive is None:
        raise UsageError(
            "--as-of asks a kept set: it goes with --archive FOLDER and without a policy.toml"
        )
    return PolicyArchive(archive).load(as_of)


def _said(source: str | None, changes: Sequence[str]) -> dict[str, dict[str, Any]]:
    """Gather the facts of the file, then those of the command line."""
    said: dict[str, dict[str, Any]] = {}
    if source is not None:
        content = read_whole(source, MAX_FACTS_BYTES)
        try:
            said = msgspec.json.decode(content, type=dict[str, dict[str, Any]])
        except (msgspec.DecodeError, RecursionError, UnicodeDecodeError) as error:
            raise InputError(f"no facts: {error}", where=source) from error
    for change in changes:
        name, equals, value = change.partition("=")
        part, dot, fact = name.partition(".")
        if not (equals and dot):
            raise UsageError(f"'{change}' is no fact", hint="Write --set account.status=closed.")
        said.setdefault(part, {})[fact] = _value(part, fact, value)
    for part in said:
        if part not in PARTS:
            raise UsageError(f"there is no part '{part}'", hint=did_you_mean(part, PARTS))
    return said


def _value(part: str, fact: str, words: str) -> Any:
    """Read a word of the command line as the kind of thing that the fact is."""
    kinds = {field.name: str(field.type) for field in fields(PARTS[part])} if part in PARTS else {}
    kind = kinds.get(fact, "str")
    if kind == "bool" and words.lower() in {"yes", "true", "no", "false"}:
        return words.lower() in {"yes", "true"}
    if kind in {"int", "float"}:
        try:
            return int(words) if kind == "int" else float(words)
        except ValueError as error:
            raise UsageError(f"{part}.{fact} is a number, not '{words[:40]}'") from error
    return words


def _print(policy: PolicySet, explanation: Explanation) -> None:
    outcome = explanation.outcome
    print(f"policy set {outcome.policy_version}")
    print(f"class of models: {printable(explanation.model_class)}")
    for error in outcome.errors:
        print(f"error: {printable(error)}")
    if outcome.errors:
        print("a guard fails as it is set; no finding is to be relied on")
        return
    print(f"{len(explanation.rules)} of {len(policy.rules)} rules fire")
    for rule in explanation.rules:
        _print_rule(rule)
    print()
    print(f"asked, and silent: {', '.join(explanation.silent) or 'none'}")
    if explanation.off:
        print(f"off: {', '.join(explanation.off)}")


def _print_rule(rule: RuleExplanation) -> None:
    finding = rule.finding
    print()
    print(f"{finding.rule}  {finding.action}  ({finding.mode})  {printable(rule.where)}")
    print(f"  {printable(finding.text)}")
    for line in finding.evidence:
        print(f"  - {printable(line)}")
    if finding.watermark_key_id:
        print(f"  key: {printable(finding.watermark_key_id)}")
    if rule.changes:
        print("  would not fire with any one of:")
    for change in rule.changes:
        print(f"    {printable(change)}")
    if not rule.changes:
        print("  no single change of what it looked at would keep it from firing")
