"""A policy set at work: facts in, what its rules ask for out (port ``PolicyEvaluator``).

An answer is kept by those fields of the projection that rules read, and a projection is all that
Cedar sees, so what is kept is exact. The number of kept answers is bounded; the one that was not
used for longest goes first.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import replace
from functools import lru_cache
from operator import itemgetter
from typing import TYPE_CHECKING, Any, Final

from cautery.errors import ConfigurationError
from cautery.policy.cedar import cedar
from cautery.policy.projection import (
    Projection,
    cedar_context,
    fields_read,
    in_words,
    path_of,
    projector,
)
from cautery.policy.schema import CALLER, REQUEST
from cautery.records.decision import PolicyOutcome, RuleFinding

if TYPE_CHECKING:
    from cautery.policy.policy_set import PolicySet
    from cautery.policy.rules import Rule
    from cautery.records.request import RequestFacts
    from cautery.records.standing import AccountFacts, CampaignStanding

KEPT_ANSWERS: Final = 65_536
"""Answers that are kept: about 100 MB if every one of them has findings."""
OF_CAMPAIGN: Final = "campaign"
"""``@watermark_key("campaign")``: the key of the account's campaign."""


class CedarError(Exception):
    """Cedar met an error, so what it says is not to be relied on; never leaves this room."""

    def __init__(self, errors: tuple[str, ...]) -> None:
        super().__init__("; ".join(errors))
        self.errors = errors


class CedarEvaluator:
    """Evaluates a policy set.

    Args:
        policy: The set.
        kept_answers: How many answers to keep; 0 for none.

    Raises:
        ConfigurationError: Cedar refuses what the set tells it.
        MissingExtraError: The library for Cedar is not installed.
    """

    def __init__(self, policy: PolicySet, *, kept_answers: int = KEPT_ANSWERS) -> None:
        library = cedar()
        self.policy = policy
        self._version = policy.version
        self.project = projector(policy)
        self._is_authorized = library.is_authorized
        try:
            self._schema = library.Schema.from_str(policy.schema_text)
            self._rules = library.PolicySet.from_str(policy.rules_text)
            self._entities = library.Entities.from_json_str(policy.entities_text, self._schema)
        except ValueError as error:
            raise ConfigurationError(
                f"Cedar refuses the set: {error}", where=policy.name
            ) from error
        # Only what some rule reads tells answers apart; the class always, for scopes may name it.
        asked = [rule for name, rule in policy.rules.items() if policy.modes[name] != "off"]
        reads = {path for rule in asked for path in rule.reads}
        self._fields = tuple(dict.fromkeys(("model_class", "country", *fields_read(reads))))
        self._key_of = itemgetter(*map(Projection._fields.index, self._fields))
        self._answer = lru_cache(maxsize=kept_answers)(self._ask_key)
        self._of_campaign = frozenset(
            name
            for name, rule in policy.rules.items()
            if rule.watermark_key == OF_CAMPAIGN
            or any(path.startswith("context.campaign.") for path in rule.reads)
        )

    @property
    def policy_version(self) -> str:
        """SHA-256 of the set, in hexadecimal digits."""
        return self._version

    def kept(self) -> int:
        """Say how many answers are kept."""
        return self._answer.cache_info().currsize

    def evaluate(
        self,
        request: RequestFacts,
        account: AccountFacts | None,
        campaign: CampaignStanding | None,
    ) -> PolicyOutcome:
        """Ask every rule that is not off.

        Args:
            request: The request.
            account: What is held of its account; None if it is unknown.
            campaign: What the last scan said of the account; None if no campaign holds it.

        Returns:
            One finding for each rule that fires; errors if Cedar met any, and then no findings.
        """
        try:
            outcome = self._answer(self._key_of(self.project(request, account, campaign)))
            if campaign is None or not outcome.findings:
                return outcome
            return replace(
                outcome,
                findings=tuple(self._of(finding, campaign) for finding in outcome.findings),
            )
        except CedarError as error:
            return PolicyOutcome(findings=(), policy_version=self._version, errors=error.errors)
        except Exception as error:  # noqa: BLE001 - a guard must fail as it is set, whatever it is
            words = f"{type(error).__name__} while the policy was asked"
            return PolicyOutcome(findings=(), policy_version=self._version, errors=(words,))

    def _ask_key(self, key: tuple[Any, ...]) -> PolicyOutcome:
        return self.ask(Projection(**dict(zip(self._fields, key, strict=True))))

    def ask(self, projection: Projection) -> PolicyOutcome:
        """Ask Cedar itself; keeps nothing.

        Args:
            projection: What rules see.

        Returns:
            What the rules ask for.

        Raises:
            CedarError: Cedar met an error: a rule that errs is skipped, and could have denied.
        """
        answer = self._is_authorized(
            {
                "principal": CALLER,
                "action": REQUEST,
                "resource": {"type": "ModelClass", "id": projection.model_class},
                "context": json.dumps(cedar_context(projection)),
            },
            self._rules,
            self._entities,
            self._schema,
        )
        diagnostics = answer.diagnostics
        if diagnostics.errors:
            raise CedarError(tuple(str(error) for error in diagnostics.errors))
        firing: set[str] = set()
        decision = answer.decision.value
        if decision == "Deny":
            firing = set(diagnostics.id_annotations_by_reason.values())
        if decision not in {"Allow", "Deny"} or (decision == "Deny" and not firing):
            raise CedarError((f"Cedar gave no decision ({decision})",))
        findings = (
            self._finding(rule, projection)
            for name, rule in self.policy.rules.items()
            if name in firing
        )
        return PolicyOutcome(findings=tuple(findings), policy_version=self._version)

    def _finding(self, rule: Rule, projection: Projection) -> RuleFinding:
        key = rule.watermark_key
        return RuleFinding(
            rule=rule.rule,
            action=rule.action,
            mode=self.policy.modes[rule.rule],
            text=rule.text,
            evidence=self._evidence(rule, projection),
            watermark_key_id=self.policy.watermark_keys.other if key == OF_CAMPAIGN else key,
            degradations=rule.degradations,
            retry_after_seconds=rule.retry_after_seconds,
        )

    def _evidence(self, rule: Rule, projection: Projection) -> tuple[str, ...]:
        lines = [
            f"{path[8:]} = {in_words(path, value)}"
            for path, value in seen_by(rule.reads, projection)
        ]
        if "context.denied.lists" in rule.reads:
            lines += self.policy.denied.evidence(projection.denied)
        return (*lines, f"basis: {rule.basis}")

    def _of(self, finding: RuleFinding, campaign: CampaignStanding) -> RuleFinding:
        """Add to a finding what is known of one campaign only, which no kept answer can hold."""
        if finding.rule not in self._of_campaign:
            return finding
        rule = self.policy.rules[finding.rule]
        keys = self.policy.watermark_keys
        key = finding.watermark_key_id
        if rule.watermark_key == OF_CAMPAIGN:
            key = keys.campaigns.get(campaign.campaign_id, keys.other)
        case = f" in case {campaign.case_id}" if campaign.case_id else ""
        pointer = f"campaign {campaign.campaign_id}{case}"
        return replace(finding, evidence=(pointer, *finding.evidence), watermark_key_id=key)


def seen_by(reads: Iterable[str], projection: Projection) -> list[tuple[str, Any]]:
    """Pick what some rule looked at out of what it could see.

    Args:
        reads: Paths of attributes.
        projection: What rules see.

    Returns:
        Paths with their values, in the order of the projection; the provider's own parameters
        and classes are left out.
    """
    return [
        (path_of(field), getattr(projection, field))
        for field in fields_read(reads)
        if field != "model_class"
    ]
