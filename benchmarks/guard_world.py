"""A busy deployment for the guard's benchmark: accounts, rules and requests."""

from __future__ import annotations

import random
import tempfile
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from cautery.guard.rules import (
    SCOPES,
    CampaignRule,
    EarlyWarningRule,
    GuardSettings,
    Limit,
    SharedTemplateRule,
)
from cautery.guard.snapshot_writer import SnapshotRow
from cautery.policy.evaluator import CedarEvaluator
from cautery.policy.policy_set import load_policy_set
from cautery.ports.guard import PolicyEvaluator
from cautery.records.campaign import band_of
from cautery.records.decision import PolicyOutcome, RuleFinding
from cautery.records.request import RequestFacts
from cautery.records.standing import AccountFacts, CampaignStanding

TEMPLATES: Final = 5_000
CAMPAIGN_SHARE: Final = 0.02
NOW: Final = datetime.now(UTC)


class ThreeRules:
    """Stands in for a policy set: three rules in plain Python."""

    policy_version = "00" * 32

    def evaluate(
        self,
        request: RequestFacts,
        account: AccountFacts | None,
        campaign: CampaignStanding | None,
    ) -> PolicyOutcome:
        """Ask them."""
        findings = []
        if account is not None and account.status != "active":
            findings.append(_finding("status"))
        if request.country and account is not None and request.country != account.billing_country:
            findings.append(_finding("region"))
        if request.logprobs and (account is None or account.verification in ("none", "email")):
            findings.append(_finding("verification"))
        return PolicyOutcome(findings=tuple(findings), policy_version=self.policy_version)


def _finding(rule: str) -> RuleFinding:
    return RuleFinding(rule=rule, action="challenge", mode="shadow", text="A stand-in.")


def region_pack() -> PolicyEvaluator:
    """Make a policy set of the region pack: Cedar, for countries of which one in twenty is none."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "policy.toml"
        path.write_text(
            'schema = "cautery.policy/1"\npacks = ["supported-regions"]\n'
            '[parameters.supported_regions]\nvalue = ["DE", "FR", "US", "IN"]\n'
            'dated = 2026-11-01\nsource = "a list of the benchmark"\n'
        )
        return CedarEvaluator(load_policy_set(path))


def settings() -> GuardSettings:
    """Make the rules of a busy deployment."""
    limits = [
        Limit(
            name=f"{scope}-{unit}",
            scope=scope,
            unit=unit,
            amount=600 if unit == "requests" else 2_000_000,
            window_seconds=60 if unit == "requests" else 86_400,
            burst=100 if unit == "requests" else 200_000,
            mode="enforce",
            capacity=1 << (21 if scope in {"key", "account"} else 16),
        )
        for scope in SCOPES
        for unit in ("requests", "tokens")
    ]
    return GuardSettings(
        mode="enforce",
        limits=tuple(limits),
        campaign_rules=(
            CampaignRule(name="very-likely", band="very likely", action="block", mode="enforce"),
            CampaignRule(name="likely", band="likely", action="tag", mode="shadow"),
            CampaignRule(name="watch", band="watch", action="allow", mode="enforce"),
        ),
        early_warning=EarlyWarningRule(),
        shared_template=SharedTemplateRule(),
    )


def rows(accounts: int) -> Iterator[SnapshotRow]:
    """Make accounts, one in fifty of them in a campaign."""
    draw = random.Random(1)
    for number in range(accounts):
        account_id = account_name(number)
        campaign = None
        if draw.random() < CAMPAIGN_SHARE:
            probability = draw.uniform(0.3, 0.985)
            campaign = CampaignStanding(
                campaign_id=f"C-2026-{number % 40:04}",
                probability=probability,
                band=band_of(probability),
            )
        account = AccountFacts(
            account_id=account_id,
            org_id=f"org-{number // 3:08}",
            verification=draw.choice(["email", "phone", "document"]),
            declared_country=country_of(number),
            billing_country=country_of(number),
            program="startup",
        )
        yield SnapshotRow(account_id=account_id, account=account, campaign=campaign)


def account_name(number: int) -> str:
    """Name an account."""
    return f"acct-{number:012}"


def country_of(number: int) -> str:
    """Say where an account is."""
    return ("DE", "FR", "US", "IN")[number % 4]


def request(draw: random.Random, accounts: int, number: int) -> RequestFacts:
    """Make a request of a random account; new texts, as a parser would make them."""
    account = draw.randrange(accounts)
    return RequestFacts(
        arrived_at=NOW,
        request_id=f"req-{number:012}",
        account_id=account_name(account),
        key_id=f"key-{account:012}",
        credential_state="valid",
        client_address="192.0.2.7",
        country=country_of(account) if draw.random() < 0.95 else "BR",
        dialect="openai",
        operation="chat",
        request_model="large",
        max_tokens=512,
        input_tokens=draw.randrange(50, 3_000),
        template=draw.randrange(1, TEMPLATES) if draw.random() < 0.5 else draw.getrandbits(64),
    )
