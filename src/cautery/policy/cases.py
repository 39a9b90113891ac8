"""Allow and deny cases beside packs, and what happens to each when a fact is not known.

Besides what a case expects, every denied case is asked again with one fact after another taken
away. None of them may turn into *allow*: unknown is never clean.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

from cautery.errors import ConfigurationError, UsageError
from cautery.policy.case_file import Case, decode_cases, facts_of
from cautery.policy.configuration import Enforcement, WatermarkKeys
from cautery.policy.denied_lists import DeniedLists, denied_list_of
from cautery.policy.documents import DocumentRegister, DocumentUse
from cautery.policy.evaluator import CedarEvaluator
from cautery.policy.model_classes import ModelClasses
from cautery.policy.pack import Pack
from cautery.policy.policy_set import PolicySet, assembled, check_classes
from cautery.policy.sources import PolicySources
from cautery.policy.toml_text import fault_at
from cautery.policy.unknown_facts import facts_taken_away, softened

DOCUMENT_DAYS: Final = 90


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
    file = decode_cases(pack.cases_text, pack.cases_name)
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
    file = decode_cases(text, name)
    for key in ("classes", "exemptions", "denied", "documents"):
        if getattr(file, key):
            raise fault_at(text, name, [key], f"'{key}' stand in policy.toml for a whole set")
    return _asked(file.cases, policy, text, name)


def _asked(cases: Sequence[Case], policy: PolicySet, text: str, name: str) -> CasesResult:
    evaluator = CedarEvaluator(policy, kept_answers=0)
    faults: list[CaseFault] = []
    removals = 0
    for place, case in enumerate(cases):
        where = fault_at(text, name, ["cases", place], "").where
        try:
            facts = facts_of(case)
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
