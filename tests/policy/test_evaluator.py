"""The evaluator: every rule that fires is named, errors are never passed over, nothing raises."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from tests.policy.policy_files import rule, write_house
from tests.policy.worlds import NOW, PACKS, load_world

from cautery.errors import ConfigurationError, MissingExtraError
from cautery.policy import cedar as cedar_door
from cautery.policy.evaluator import CedarEvaluator
from cautery.policy.policy_set import load_policy_set
from cautery.records.request import RequestFacts
from cautery.records.standing import AccountFacts, CampaignStanding

REQUEST = RequestFacts(
    arrived_at=NOW, request_id="r", account_id="a", country="DE", asn=1, request_model="small"
)
ACCOUNT = AccountFacts(
    account_id="a",
    org_id="first",
    verification="contract",
    declared_country="DE",
    billing_country="DE",
    ownership="known",
    resale_attested=True,
)
CAMPAIGN = CampaignStanding(
    campaign_id="C-2026-0001", probability=0.995, band="very likely", case_id="ab" * 32
)
CLOSED = 'context.account.status == "closed"'


def test_a_clean_request_has_no_finding(tmp_path: Path) -> None:
    """A known account that every pack is content with is let through by all of them."""
    policy = load_world(tmp_path)
    outcome = CedarEvaluator(policy).evaluate(REQUEST, ACCOUNT, None)
    assert (outcome.findings, outcome.errors) == ((), ())
    assert outcome.policy_version == policy.version == CedarEvaluator(policy).policy_version


def test_every_rule_that_fires_is_named(tmp_path: Path) -> None:
    """Of several rules that deny, none hides behind another; order is that of the set."""
    account = replace(ACCOUNT, billing_country="BR", declared_country="BR", status="closed")
    outcome = CedarEvaluator(load_world(tmp_path)).evaluate(REQUEST, account, CAMPAIGN)
    assert [finding.rule for finding in outcome.findings] == [
        "account-status.closed",
        "campaign-bands.watch",
        "campaign-bands.likely",
        "campaign-bands.very-likely",
        "supported-regions.billing",
        "supported-regions.declared",
        "supported-regions.conflict",
    ]
    assert {finding.mode for finding in outcome.findings} == {"shadow"}


def test_evidence_points_to_what_was_seen(tmp_path: Path) -> None:
    """A finding says what it looked at, in words, with campaign and case where it used them."""
    evaluator = CedarEvaluator(load_world(tmp_path))
    account = replace(ACCOUNT, billing_country="BR")
    findings = {f.rule: f for f in evaluator.evaluate(REQUEST, account, CAMPAIGN).findings}
    billing = findings["supported-regions.billing"].evidence
    assert billing == ("account.billing_country = BR", "basis: supported_regions in policy.toml")
    assert findings["campaign-bands.watch"].evidence[:3] == (
        f"campaign C-2026-0001 in case {'ab' * 32}",
        "account.exempt = no",
        "campaign.band = very likely",
    )


def test_two_campaigns_do_not_get_each_others_evidence(tmp_path: Path) -> None:
    """The same answer is kept for both, yet each finding names its own campaign and key."""
    keys = '\n[watermark_keys]\nother = "k-other"\ncampaigns = { "C-2026-0001" = "k-1" }\n'
    evaluator = CedarEvaluator(load_world(tmp_path, extra=keys))
    other = replace(CAMPAIGN, campaign_id="C-2026-0002")
    first, second = (
        evaluator.evaluate(REQUEST, ACCOUNT, campaign).findings[0] for campaign in (CAMPAIGN, other)
    )
    assert evaluator.kept() == len(PACKS)
    assert (first.watermark_key_id, second.watermark_key_id) == ("k-1", "k-other")
    assert "C-2026-0001" in first.evidence[0]
    assert "C-2026-0002" in second.evidence[0]


def test_denied_list_is_named_with_version_and_digest(tmp_path: Path) -> None:
    """Who stands on a list is told which one, of which day, and its digest."""
    request = replace(REQUEST, account_id="denied-account")
    outcome = CedarEvaluator(load_world(tmp_path)).evaluate(request, ACCOUNT, None)
    (finding,) = outcome.findings
    assert "list test-list version 7 of 2026-11-15, sha256 " in finding.evidence[1]


def test_off_rules_are_not_asked(tmp_path: Path) -> None:
    """A rule that is off has no finding, and cannot err either."""
    rules = rule(CLOSED) + rule("9223372036854775807 + context.choices > 0", name="bad")
    path = write_house(tmp_path, rules, policy='[modes]\n"house.bad" = "off"\n')
    outcome = CedarEvaluator(load_policy_set(path)).evaluate(
        REQUEST, replace(ACCOUNT, status="closed"), None
    )
    assert [finding.rule for finding in outcome.findings] == ["house.one"]


def test_a_rule_that_errs_is_never_passed_over(tmp_path: Path) -> None:
    """Cedar skips a rule that errs and may then allow: the outcome has errors and no findings."""
    rules = rule(CLOSED) + rule("9223372036854775807 + context.choices > 0", name="bad")
    evaluator = CedarEvaluator(load_policy_set(write_house(tmp_path, rules)))
    for account in (ACCOUNT, replace(ACCOUNT, status="closed")):
        outcome = evaluator.evaluate(REQUEST, account, None)
        assert outcome.findings == ()
        assert "overflow" in outcome.errors[0]
    assert evaluator.kept() == 0


def test_a_missing_attribute_is_an_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Should the context ever lack what the schema asks for, nothing is allowed by it."""
    evaluator = CedarEvaluator(load_world(tmp_path))

    def short(projection: Any) -> dict[str, Any]:
        return {"country": "DE"}

    monkeypatch.setattr("cautery.policy.asking.cedar_context", short)
    outcome = evaluator.evaluate(REQUEST, ACCOUNT, None)
    assert outcome.errors
    assert outcome.findings == ()


@pytest.mark.parametrize(
    "facts",
    [
        (replace(REQUEST, arrived_at=datetime(2026, 1, 1)), ACCOUNT, None),  # noqa: DTZ001
        (replace(REQUEST, choices="many"), ACCOUNT, None),  # type: ignore[arg-type]
        (REQUEST, replace(ACCOUNT, status=["active"]), None),  # type: ignore[arg-type]
        (None, None, None),
    ],
)
def test_it_never_raises(facts: Any, tmp_path: Path) -> None:
    """Facts of a wrong kind are errors of the outcome, for the guard to fail as it is set."""
    request, account, campaign = facts
    if account is not None:
        account = replace(account, permitted_until=NOW)
    outcome = CedarEvaluator(load_world(tmp_path)).evaluate(request, account, campaign)
    assert outcome.findings == ()
    assert len(outcome.errors) == 1


def test_hostile_texts_reach_no_rule(tmp_path: Path) -> None:
    """What clients write becomes a class, an operation or a country, or nothing at all."""
    evaluator = CedarEvaluator(load_world(tmp_path))
    hostile = replace(
        REQUEST, request_model='x"; permit', operation='"}', country="\u202e", user_agent="\x1b"
    )
    projection = evaluator.project(hostile, ACCOUNT, None)
    assert (projection.model_class, projection.operation, projection.country) == (
        "unlisted",
        "other",
        "",
    )
    assert '"}' not in json.dumps(projection)


@pytest.mark.parametrize(
    ("condition", "change"),
    [
        ("context.country", {"country": "JP"}),
        ("context.account has status && context.account.status", {"status": "closed"}),
    ],
)
def test_fields_that_no_rule_reads_make_no_new_answers(
    condition: str, change: dict[str, str], tmp_path: Path
) -> None:
    """What tells answers apart is what rules read, by name or as part of a record."""
    path = write_house(tmp_path, rule(f'{condition} == "nothing"'))
    evaluator = CedarEvaluator(load_policy_set(path))
    for account in (ACCOUNT, replace(ACCOUNT, billing_country="BR", program="x")):
        evaluator.evaluate(replace(REQUEST, logprobs=account is ACCOUNT), account, None)
    before = evaluator.kept()
    assert before == (1 if "has" not in condition else 2)
    request = replace(REQUEST, country=change.get("country", "DE"))
    account = replace(ACCOUNT, status=change.get("status", "active"))
    evaluator.evaluate(request, account, None)
    assert evaluator.kept() == before + 1


def test_a_class_named_in_a_scope_tells_answers_apart(tmp_path: Path) -> None:
    """A rule may name a class of models without reading any attribute of it."""
    text = rule("true").replace("resource)", 'resource == ModelClass::"big")')
    classes = '[classes.big]\nmodels = ["big"]\n[classes.small]\nmodels = ["small"]\n'
    evaluator = CedarEvaluator(load_policy_set(write_house(tmp_path, text, policy=classes)))
    fired = [
        len(evaluator.evaluate(replace(REQUEST, request_model=name), ACCOUNT, None).findings)
        for name in ("small", "big", "small", "other")
    ]
    assert fired == [0, 1, 0, 0]


def test_tag_with_a_key_of_its_own(tmp_path: Path) -> None:
    """A rule may name the key itself."""
    text = rule(CLOSED, "mark", "tag", '\n@watermark_key("k-7")')
    evaluator = CedarEvaluator(load_policy_set(write_house(tmp_path, text)))
    account = replace(ACCOUNT, status="closed")
    for campaign in (None, CAMPAIGN):
        assert evaluator.evaluate(REQUEST, account, campaign).findings[0].watermark_key_id == "k-7"


def test_settings_that_cedar_refuses(tmp_path: Path) -> None:
    """What the set tells Cedar is checked against the schema before the first request."""
    policy = load_world(tmp_path)
    with pytest.raises(ConfigurationError):
        CedarEvaluator(replace(policy, entities_text="[]]"))


def test_without_the_library(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where Cedar is not installed, the error says how to install it."""
    monkeypatch.setitem(__import__("sys").modules, "cedarpy", None)
    with pytest.raises(MissingExtraError, match="cautery\\[policy\\]"):
        cedar_door.cedar()
