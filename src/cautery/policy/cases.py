"""Allow and deny cases beside packs, and what happens to each when a fact is not known.

Besides what a case expects, every denied case is asked again with one fact after another taken
away. None of them may turn into *allow*: unknown is never clean.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any, Final

import msgspec

from cautery.errors import ConfigurationError, UsageError
from cautery.policy.configuration import Enforcement, Exemptions, ModelClass, WatermarkKeys
from cautery.policy.denied_lists import DeniedFile, DeniedLists, denied_list_of
from cautery.policy.documents import DocumentRegister, DocumentUse
from cautery.policy.evaluator import CedarEvaluator
from cautery.policy.fact_values import facts_from
from cautery.policy.model_classes import ModelClasses
from cautery.policy.pack import Pack
from cautery.policy.policy_set import PolicySet, assembled, check_classes
from cautery.policy.sources import PolicySources
from cautery.policy.toml_text import decode_toml, fault_at
from cautery.records.decision import PASSING, PolicyOutcome
from cautery.records.request import RequestFacts
from cautery.records.standing import AccountFacts, CampaignStanding

CASES_SCHEMA: Final = "cautery.policy-cases/1"
MAX_CASES: Final = 10_000
DOCUMENT_DAYS: Final = 90

REQUEST: Final[dict[str, Any]] = {
    "arrived_at": datetime(2026, 11, 29, tzinfo=UTC),
    "request_id": "example-request",
    "account_id": "example-account",
    "country": "DE",
    "asn": 64500,
    "operation": "chat",
    "request_model": "example-frontier-1",
}
"""The request that a case changes; the number is one kept for documentation."""
ACCOUNT: Final[dict[str, Any]] = {
    "account_id": "example-account",
    "org_id": "example-organisation",
    "verification": "document",
    "declared_country": "DE",
    "billing_country": "DE",
    "resale_attested": True,
    "ownership": "known",
}
"""The account that a case changes: nothing speaks against it."""
CAMPAIGN: Final[dict[str, Any]] = {"campaign_id": "C-0000-0000", "probability": 0.0, "band": ""}

UNKNOWN_REQUEST: Final[dict[str, Any]] = {"country": "", "asn": 0, "request_model": ""}
"""What of a request may be unknown, and how that is written."""
UNKNOWN_ACCOUNT: Final[dict[str, dict[str, Any]]] = {
    "org_id": {"org_id": ""},
    "verification": {"verification": "none"},
    "declared_country": {"declared_country": ""},
    "billing_country": {"billing_country": ""},
    "status": {"status": ""},
    "program": {"program": ""},
    "permitted_use": {"permitted_use": ""},
    "permitted_until": {"permitted_until": None},
    "resale_attested": {"resale_attested": False},
    "ownership": {"ownership": "unknown", "restricted_ownership_basis_points": 0},
}
"""What of an account may be unknown. Who owns how much goes with whether anybody looked."""


class Case(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One request, and the rules that must fire."""

    name: str
    """What it shows, in words."""
    expect: tuple[str, ...]
    """Rules that fire, in any order; none for a request that is let through."""
    request: dict[str, Any] = {}
    """Facts that differ from those of ``REQUEST``."""
    account: dict[str, Any] | None = {}
    """Facts that differ from those of ``ACCOUNT``."""
    unknown_account: bool = False
    """Whether nothing at all is held of the account."""
    campaign: dict[str, Any] | None = None
    """What the last scan said; left out if no campaign holds the account."""
    unknown_may_pass: bool = False
    """Whether this case may turn into *allow* where a fact is not known."""


class DocumentRow(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A line of the register of identity documents, for cases."""

    document_id: str
    """Digest of the document."""
    org_id: str
    """The organisation."""
    verified_at: datetime
    """When; UTC."""


class CasesFile(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Cases in a file (schema ``cautery.policy-cases/1``), with what a pack's own need."""

    cases: tuple[Case, ...]
    """The cases."""
    classes: dict[str, ModelClass] = {}
    """Classes of models."""
    exemptions: Exemptions | None = None
    """Who is exempt."""
    denied: tuple[DeniedFile, ...] = ()
    """Denied lists."""
    documents: tuple[DocumentRow, ...] = ()
    """Register of identity documents."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseFault:
    """A case that did not go as it should."""

    case: str
    """Its name."""
    where: str
    """File and line."""
    what: str
    """What happened instead."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CasesResult:
    """What became of the cases of one file."""

    name: str
    """The file."""
    cases: int
    """Cases asked."""
    removals: int
    """Times that a denied case was asked again with a fact less."""
    faults: tuple[CaseFault, ...]
    """Those that went wrong."""


def run_pack_cases(pack: Pack) -> CasesResult:
    """Ask a pack's own cases, with its example parameters and nothing but its rules.

    Args:
        pack: The pack.

    Returns:
        What became of them.

    Raises:
        ConfigurationError: The file of cases is wrong; names the line.
    """
    file = _decoded(pack.cases_text, pack.cases_name)
    check_classes(file.classes, pack.cases_text, pack.cases_name)
    denied = [denied_list_of(item, "of the cases") for item in file.denied]
    uses = [
        DocumentUse(document_id=row.document_id, org_id=row.org_id, verified_at=row.verified_at)
        for row in file.documents
    ]
    policy = assembled(
        pack.rules_name,
        PolicySources({pack.rules_name: pack.rules_text, pack.cases_name: pack.cases_text}),
        (pack,),
        modes={rule.rule: "enforce" for rule in pack.rules},
        values={name: parameter.example for name, parameter in pack.parameters.items()},
        origins=(),
        classes=ModelClasses(file.classes),
        exemptions=file.exemptions,
        denied=DeniedLists(denied),
        documents=DocumentRegister(uses, DOCUMENT_DAYS) if uses else None,
        watermark_keys=WatermarkKeys(),
        enforcement=Enforcement(),
    )
    result = _asked(file.cases, policy, pack.cases_text, pack.cases_name)
    return replace(result, faults=(*result.faults, *_uncovered(pack, file.cases)))


def run_set_cases(policy: PolicySet, text: str, name: str) -> CasesResult:
    """Ask cases of one's own of a whole policy set, as it is configured.

    Args:
        policy: The set.
        text: The file of cases.
        name: Its name.

    Returns:
        What became of them.

    Raises:
        ConfigurationError: The file of cases is wrong; names the line.
    """
    file = _decoded(text, name)
    for key in ("classes", "exemptions", "denied", "documents"):
        if getattr(file, key):
            raise fault_at(text, name, [key], f"'{key}' stand in policy.toml for a whole set")
    return _asked(file.cases, policy, text, name)


def _decoded(text: str, name: str) -> CasesFile:
    file = decode_toml(text, CasesFile, CASES_SCHEMA, name)
    if not 0 < len(file.cases) <= MAX_CASES:
        raise ConfigurationError(f"a file has 1 to {MAX_CASES:,} cases", where=name)
    return file


def _asked(cases: Sequence[Case], policy: PolicySet, text: str, name: str) -> CasesResult:
    evaluator = CedarEvaluator(policy, kept_answers=0)
    faults: list[CaseFault] = []
    removals = 0
    for place, case in enumerate(cases):
        where = fault_at(text, name, ["cases", place], "").where
        try:
            facts = _facts_of(case)
        except UsageError as error:
            raise ConfigurationError(error.what, where=where, hint=error.hint) from error
        outcome = evaluator.evaluate(*facts)
        fired = sorted(finding.rule for finding in outcome.findings)
        what = "; ".join(outcome.errors)
        if not what and fired != sorted(case.expect):
            what = f"fired: {', '.join(fired) or 'nothing'}; expected: {_listed(case.expect)}"
        found = [what] if what else []
        if not case.unknown_may_pass and outcome.findings:
            for label, less in facts_taken_away(*facts):
                removals += 1
                if softened(outcome, evaluator.evaluate(*less)):
                    found.append(f"let through where {label} is not known")
        faults += [CaseFault(case=case.name, where=where, what=words) for words in found]
    return CasesResult(name=name, cases=len(cases), removals=removals, faults=tuple(faults))


def facts_taken_away(
    request: RequestFacts, account: AccountFacts | None, campaign: CampaignStanding | None
) -> Iterator[tuple[str, tuple[RequestFacts, AccountFacts | None, CampaignStanding | None]]]:
    """Take one fact after another away.

    Args:
        request: Facts of a request.
        account: Of its account.
        campaign: Of its campaign.

    Yields:
        Name of the fact, and all facts without it.
    """
    for name, empty in UNKNOWN_REQUEST.items():
        if getattr(request, name) != empty:
            yield name, (replace(request, **{name: empty}), account, campaign)
    if account is None:
        return
    for name, changes in UNKNOWN_ACCOUNT.items():
        if getattr(account, name) != changes[name]:
            yield name, (request, replace(account, **changes), campaign)


def softened(before: PolicyOutcome, after: PolicyOutcome) -> bool:
    """Say whether an outcome got milder in kind: denied before and allowed after, or passing after.

    Args:
        before: With all facts.
        after: With one less.

    Returns:
        Whether nothing fires any more, or the request reaches the model where it did not.
    """
    if after.errors:
        return False
    hindered = any(finding.action not in PASSING for finding in before.findings)
    hinders = any(finding.action not in PASSING for finding in after.findings)
    return bool(before.findings) and (not after.findings or (hindered and not hinders))


def _facts_of(case: Case) -> tuple[RequestFacts, AccountFacts | None, CampaignStanding | None]:
    request = facts_from(RequestFacts, case.request, REQUEST)
    account = None if case.unknown_account else facts_from(AccountFacts, case.account or {}, ACCOUNT)
    if case.campaign is None:
        return request, account, None
    return request, account, facts_from(CampaignStanding, case.campaign, CAMPAIGN)


def _uncovered(pack: Pack, cases: Sequence[Case]) -> list[CaseFault]:
    """Ask of a pack that each rule has a case where it fires, and that one is let through."""
    fired = {rule for case in cases for rule in case.expect}
    missing = [(rule.rule, rule.where) for rule in pack.rules if rule.rule not in fired]
    faults = [
        CaseFault(case=rule, where=where, what="no case in which this rule fires")
        for rule, where in missing
    ]
    if all(case.expect for case in cases):
        faults.append(
            CaseFault(case=pack.name, where=pack.cases_name, what="no case that is let through")
        )
    return faults


def _listed(names: Sequence[str]) -> str:
    return ", ".join(sorted(names)) or "nothing"
