"""A policy set at work: facts in, what its rules ask for out (port ``PolicyEvaluator``).

Rules do not depend on each other, so each pack is asked by itself, and its answer is kept by those
fields of the projection that its rules read. A projection is all that Cedar sees, so what is kept
is exact. Few fields have few values: after some thousand requests hardly one needs Cedar. The
number of kept answers is bounded; the one that was not used for longest goes first.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from functools import lru_cache
from operator import itemgetter
from typing import TYPE_CHECKING, Any, Final

from cautery.policy.asking import CedarAsker, CedarError
from cautery.policy.model_classes import UNLISTED
from cautery.policy.projection import Projection, fields_read, in_words, path_of, projector
from cautery.records.decision import PolicyOutcome, RuleFinding
from cautery.records.making import maker_of

if TYPE_CHECKING:
    from functools import _lru_cache_wrapper

    from cautery.policy.policy_set import PolicySet
    from cautery.policy.rules import Rule
    from cautery.records.request import RequestFacts
    from cautery.records.standing import AccountFacts, CampaignStanding

KEPT_ANSWERS: Final = 65_536
"""Answers that are kept of each pack."""
OF_CAMPAIGN: Final = "campaign"
"""``@watermark_key("campaign")``: the key of the account's campaign."""


_made_outcome: Final = maker_of(PolicyOutcome)
Findings = tuple[RuleFinding, ...]


class CedarEvaluator:
    """Evaluates a policy set.

    Args:
        policy: The set.
        kept_answers: How many answers to keep of each pack; 0 for none.

    Raises:
        ConfigurationError: Cedar refuses what the set tells it.
        MissingExtraError: The library for Cedar is not installed.
    """

    def __init__(self, policy: PolicySet, *, kept_answers: int = KEPT_ANSWERS) -> None:
        self.policy = policy
        self._values_of = projector(policy)
        self._clean = PolicyOutcome(findings=(), policy_version=policy.version)
        self._asker = CedarAsker(policy)
        asked = [rule for name, rule in policy.rules.items() if policy.modes[name] != "off"]
        self._all = (self._asker.parsed(asked), tuple(asked))
        packs = dict.fromkeys(rule.rule.partition(".")[0] for rule in asked)
        groups = [[rule for rule in asked if rule.rule.startswith(f"{pack}.")] for pack in packs]
        self._groups = [
            self._group(rules, kept_answers) for rules in (groups if kept_answers else [asked])
        ]
        self._of_campaign = frozenset(
            rule.rule
            for rule in asked
            if rule.watermark_key == OF_CAMPAIGN or {"listed", "band"} & {*fields_read(rule.reads)}
        )

    def _group(
        self, rules: list[Rule], kept_answers: int
    ) -> tuple[Callable[[tuple[Any, ...]], Any], _lru_cache_wrapper[Findings]]:
        """Make two functions of some rules: one picks what they read, the other answers to it."""
        parsed = (self._asker.parsed(rules), tuple(rules))
        reads = fields_read(path for rule in rules for path in rule.reads)
        # Two fields at least, for a picker of one field gives no tuple; a flag makes few answers.
        fields = tuple(dict.fromkeys((*reads, "known", "listed")))

        def answer(key: tuple[Any, ...]) -> Findings:
            picked = {"model_class": UNLISTED, **dict(zip(fields, key, strict=True))}
            return self._ask(parsed, Projection(**picked))

        pick = itemgetter(*map(Projection._fields.index, fields))
        return pick, lru_cache(maxsize=kept_answers)(answer)

    @property
    def policy_version(self) -> str:
        """SHA-256 of the set, in hexadecimal digits."""
        return self.policy.version

    def kept(self) -> int:
        """Say how many answers are kept, of all packs together."""
        return sum(answer.cache_info().currsize for _, answer in self._groups)

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
            values = self._values_of(request, account, campaign)
            found: Findings = ()
            for pick, answer in self._groups:
                found += answer(pick(values))
            if not found:
                return self._clean
            if campaign is not None:
                found = tuple([self._of(finding, campaign) for finding in found])
            return _made_outcome(findings=found, policy_version=self.policy.version)
        except CedarError as error:
            return replace(self._clean, errors=error.errors)
        except Exception as error:  # noqa: BLE001 - a guard must fail as it is set, whatever it is
            words = f"{type(error).__name__} while the policy was asked"
            return replace(self._clean, errors=(words,))

    def project(
        self,
        request: RequestFacts,
        account: AccountFacts | None,
        campaign: CampaignStanding | None,
    ) -> Projection:
        """Say what rules see of a request.

        Args:
            request: The request.
            account: What is held of its account; None if it is unknown.
            campaign: What the last scan said of the account; None if no campaign holds it.

        Returns:
            The projection.
        """
        return Projection._make(self._values_of(request, account, campaign))

    def ask(self, projection: Projection) -> Findings:
        """Ask Cedar about all rules at once; keeps nothing.

        Args:
            projection: What rules see.

        Returns:
            What the rules ask for.

        Raises:
            CedarError: Cedar met an error: a rule that errs is skipped, and could have denied.
        """
        return self._ask(self._all, projection)

    def _ask(self, parsed: tuple[Any, tuple[Rule, ...]], projection: Projection) -> Findings:
        firing = self._asker.firing(parsed[0], projection)
        return tuple(self._finding(rule, projection) for rule in parsed[1] if rule.rule in firing)

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
            defence_tier=rule.defence_tier,
            retry_after_seconds=rule.retry_after_seconds,
        )

    def _evidence(self, rule: Rule, projection: Projection) -> tuple[str, ...]:
        lines = [
            f"{path[8:]} = {in_words(path, value)}"
            for path, value in seen_by(rule.reads, projection)
        ]
        if "denied" in fields_read(rule.reads):
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
