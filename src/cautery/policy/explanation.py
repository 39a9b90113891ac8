"""Why rules fire on one request, and which single change would keep each of them from firing."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from cautery.policy.asking import CedarError
from cautery.policy.evaluator import CedarEvaluator, seen_by
from cautery.policy.projection import Projection, fields_read, in_words, path_of

if TYPE_CHECKING:
    from cautery.policy.rules import Rule
    from cautery.records.decision import PolicyOutcome, RuleFinding
    from cautery.records.request import RequestFacts
    from cautery.records.standing import AccountFacts, CampaignStanding

MOST_TEXTS: Final = 60
"""Words that are tried in place of one that a rule looked at."""
MOST_CHANGES: Final = 12
"""Changes that are told of one rule."""
_GOOD: Final = {"status": "active", "identity_document": "single"}
"""The word of each field that speaks for an account."""
_TEXT: Final = re.compile(r'"((?:[^"\\]|\\.)*)"')


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleExplanation:
    """One rule and one request."""

    finding: RuleFinding
    """What the rule asks for."""
    where: str
    """File and line of the rule."""
    cedar: str
    """The rule itself."""
    seen: tuple[tuple[str, str], ...]
    """What it looked at: path and value, in words."""
    changes: tuple[str, ...]
    """Single changes of the facts after which it does not fire, and no other rule does instead;
    none if no single one does it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Explanation:
    """What a policy set says of one request, and why."""

    outcome: PolicyOutcome
    """The answer."""
    rules: tuple[RuleExplanation, ...]
    """Rules that fire."""
    silent: tuple[str, ...]
    """Rules that were asked and do not fire."""
    off: tuple[str, ...]
    """Rules that were not asked."""
    model_class: str
    """Class of the model asked for."""


def explain_request(
    evaluator: CedarEvaluator,
    request: RequestFacts,
    account: AccountFacts | None,
    campaign: CampaignStanding | None,
) -> Explanation:
    """Explain a policy set's answer to one request.

    Args:
        evaluator: Of the set.
        request: The request.
        account: What is held of its account; None if it is unknown.
        campaign: What the last scan said; None if no campaign holds the account.

    Returns:
        The explanation; if Cedar met an error, one without rules.
    """
    policy = evaluator.policy
    outcome = evaluator.evaluate(request, account, campaign)
    projection = evaluator.project(request, account, campaign)
    fired = {finding.rule for finding in outcome.findings}
    off = tuple(name for name, mode in policy.modes.items() if mode == "off")
    return Explanation(
        outcome=outcome,
        rules=tuple(
            _explained(evaluator, finding, fired, projection) for finding in outcome.findings
        ),
        silent=tuple(name for name in policy.rules if name not in fired and name not in off),
        off=off,
        model_class=projection.model_class,
    )


def _explained(
    evaluator: CedarEvaluator, finding: RuleFinding, fired: set[str], projection: Projection
) -> RuleExplanation:
    rule = evaluator.policy.rules[finding.rule]
    changes: list[str] = []
    for field, value in _alternatives(evaluator, rule, projection):
        changed = projection._replace(**{field: value})
        try:
            findings = evaluator.ask(changed)
        except CedarError:
            continue
        after = {other.rule for other in findings}
        if rule.rule not in after and after <= fired:
            changes.append(_words(field, value))
    more = len(changes) - MOST_CHANGES
    told = [*changes[:MOST_CHANGES], *([f"... and {more} more"] if more > 0 else [])]
    return RuleExplanation(
        finding=finding,
        where=rule.where,
        cedar=rule.cedar,
        seen=tuple(
            (path, in_words(path, value)) for path, value in seen_by(rule.reads, projection)
        ),
        changes=tuple(told),
    )


def _alternatives(
    evaluator: CedarEvaluator, rule: Rule, projection: Projection
) -> Iterator[tuple[str, Any]]:
    """Give other values for each thing that a rule looked at, nearest first."""
    for field in fields_read(rule.reads):
        value = getattr(projection, field)
        if field == "model_class":
            others = (name for name in evaluator.policy.classes.classes if name != value)
            yield from (("model_class", name) for name in sorted(others))
        elif isinstance(value, bool):
            yield field, not value
        elif isinstance(value, tuple):
            yield field, ()
        elif isinstance(value, str):
            texts = _texts(evaluator, rule, projection, field)
            yield from ((field, text) for text in texts if text != value)
        else:
            yield from ((field, number) for number in _numbers(field) if number != value)


def _numbers(field: str) -> tuple[int, ...]:
    return {
        "verification": (0, 1, 2, 3, 4),
        "band": (0, 1, 2, 3),
        "choices": (1,),
        "restricted_basis_points": (0, 5000),
    }[field]


def _texts(evaluator: CedarEvaluator, rule: Rule, projection: Projection, field: str) -> list[str]:
    """Collect words that may make a difference: of the rule, its lists, and other facts."""
    body = rule.cedar.partition("forbid")[2]
    texts = [_GOOD[field]] if field in _GOOD else []
    if field.endswith("country"):
        texts += [
            getattr(projection, name)
            for name in Projection._fields
            if name.endswith("country") and name in fields_read(rule.reads)
        ]
        for path in rule.reads:
            listed = evaluator.policy.values.get(path.rpartition(".")[2], ())
            texts += [] if isinstance(listed, str | int) else list(listed)
    else:
        texts += [match.group(1) for match in _TEXT.finditer(body)]
    return [text for text in dict.fromkeys(texts) if text][:MOST_TEXTS]


def _words(field: str, value: Any) -> str:
    path = "class of models" if field == "model_class" else path_of(field).removeprefix("context.")
    return f"{path} = {in_words(path_of(field), value)}"
