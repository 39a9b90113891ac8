"""Explanations: what fired, what it saw, and what single change would prevent it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from tests.policy.policy_files import rule, write_house
from tests.policy.test_evaluator import ACCOUNT, CAMPAIGN, REQUEST
from tests.policy.worlds import load_world

from cautery.policy.evaluator import CedarEvaluator
from cautery.policy.explanation import MOST_CHANGES, explain_request
from cautery.policy.policy_set import load_policy_set


def test_what_would_change_it(tmp_path: Path) -> None:
    """Each change that is told does prevent the rule, and brings no other one about."""
    evaluator = CedarEvaluator(load_world(tmp_path))
    account = replace(ACCOUNT, verification="phone", status="closed")
    request = replace(REQUEST, request_model="big-mini", logprobs=True)
    explanation = explain_request(evaluator, request, account, CAMPAIGN)
    changes = {rule.finding.rule: rule.changes for rule in explanation.rules}
    assert changes["account-status.closed"] == ("account.status = active",)
    assert changes["campaign-bands.watch"] == ("account.exempt = yes", "campaign.band = none")
    assert changes["campaign-bands.very-likely-unverified"] == (
        "account.verification = document",
        "account.verification = contract",
        "account.exempt = yes",
        "campaign.band = none",
        "campaign.band = watch",
        "campaign.band = likely",
    )
    assert "logprobs = no" in changes["exposure.logprobs"]
    assert explanation.model_class == "middle"


def test_countries_to_agree_on(tmp_path: Path) -> None:
    """A conflict is settled by the country that the others name; the unknown is no way out."""
    evaluator = CedarEvaluator(load_world(tmp_path))
    account = replace(ACCOUNT, billing_country="JP")
    (conflict,) = explain_request(evaluator, REQUEST, account, None).rules
    assert conflict.changes == ("account.billing_country = DE",)
    assert dict(conflict.seen)["context.account.billing_country"] == "JP"


def test_rules_that_are_silent_or_off(tmp_path: Path) -> None:
    """What was asked and does not fire is told apart from what was not asked."""
    rules = rule("context.logprobs") + rule("context.reasoning", name="two")
    path = write_house(tmp_path, rules, policy='[modes]\n"house.two" = "off"\n')
    explanation = explain_request(CedarEvaluator(load_policy_set(path)), REQUEST, ACCOUNT, None)
    assert (explanation.rules, explanation.silent, explanation.off) == (
        (),
        ("house.one",),
        ("house.two",),
    )


def test_no_more_changes_than_people_read(tmp_path: Path) -> None:
    """Of very many changes the first are told, and how many more there are."""
    names = " || ".join(f'context.account.program == "p{number}"' for number in range(40))
    path = write_house(tmp_path, rule(f'!({names}) && context.account.program != ""'))
    evaluator = CedarEvaluator(load_policy_set(path))
    account = replace(ACCOUNT, program="odd")
    (found,) = explain_request(evaluator, REQUEST, account, None).rules
    assert len(found.changes) == MOST_CHANGES + 1
    assert found.changes[-1] == "... and 28 more"


def test_after_an_error_there_is_nothing_to_explain(tmp_path: Path) -> None:
    """Where Cedar errs, the outcome says so and no rule is explained."""
    path = write_house(tmp_path, rule("9223372036854775807 + context.choices > 0"))
    explanation = explain_request(CedarEvaluator(load_policy_set(path)), REQUEST, ACCOUNT, None)
    assert explanation.rules == ()
    assert explanation.outcome.errors
