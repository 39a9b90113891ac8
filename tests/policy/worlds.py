"""A policy set of all packs, the same for the oracle, and random facts about it."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta
from pathlib import Path

from tests.policy.oracle import OracleClass, OracleWorld

from cautery.policy.policy_set import PolicySet, load_policy_set
from cautery.records.campaign import Band
from cautery.records.request import VERIFICATIONS, RequestFacts
from cautery.records.standing import AccountFacts, CampaignStanding, Ownership

NOW = datetime(2026, 11, 29, 12, tzinfo=UTC)

PACKS = (
    "account-status",
    "campaign-bands",
    "denied-parties",
    "exposure",
    "identity-documents",
    "majority-ownership",
    "resale-attestation",
    "supported-regions",
    "verification-tiers",
)

POLICY = """schema = "cautery.policy/1"
packs = [{packs}]

[parameters.supported_regions]
value = ["DE", "JP", "CA"]
dated = 2026-11-01
source = "a list of the tests"

[classes.frontier]
models = ["big-*"]
least_verification = "document"
reasoning_verification = "document"
logprobs_verification = "contract"
choices_verification = "document"
resale_attestation = true

[classes.middle]
models = ["big-m*"]
least_verification = "phone"
logprobs_verification = "document"

[classes.small]
models = ["small"]
known_ownership = {small_asks}

[exemptions]
permitted_uses = ["evaluation", "red_team"]
least_verification = "document"

[documents]
file = "documents.csv"

[[denied]]
file = "denied.toml"
"""

DENIED = """schema = "cautery.denied-list/1"
name = "test-list"
version = "7"
dated = 2026-11-15
source = "the tests"
accounts = ["denied-account"]
organisations = ["denied-organisation"]
networks = [64496]
"""

USES = (
    ("d-1", "first", datetime(2026, 6, 1, tzinfo=UTC)),
    ("d-1", "second", datetime(2026, 8, 29, tzinfo=UTC)),
    ("d-1", "third", datetime(2026, 8, 30, tzinfo=UTC)),
    ("d-2", "late", datetime(2026, 11, 29, 13, tzinfo=UTC)),
)


def write_world(folder: Path, *, small_asks: bool = False, extra: str = "") -> Path:
    """Write a policy set of all packs; gives its ``policy.toml``."""
    packs = ", ".join(f'"{name}"' for name in PACKS)
    text = POLICY.format(packs=packs, small_asks=str(small_asks).lower())
    (folder / "policy.toml").write_text(text + extra)
    (folder / "denied.toml").write_text(DENIED)
    rows = "".join(f"{document},{user},{at.isoformat()}\n" for document, user, at in USES)
    (folder / "documents.csv").write_text(f"document_id,org_id,verified_at\n{rows}")
    return folder / "policy.toml"


def load_world(folder: Path, *, small_asks: bool = False, extra: str = "") -> PolicySet:
    """Write the policy set of all packs and load it."""
    return load_policy_set(write_world(folder, small_asks=small_asks, extra=extra))


WORLD = OracleWorld(
    supported=frozenset({"DE", "JP", "CA"}),
    classes={
        "big-": OracleClass(
            least="document",
            reasoning="document",
            logprobs="contract",
            choices="document",
            resale=True,
        ),
        "big-m": OracleClass(least="phone", logprobs="document"),
        "small": OracleClass(ownership=False),
    },
    exempt_uses=frozenset({"evaluation", "red_team"}),
    exempt_least="document",
    denied_accounts=frozenset({"denied-account"}),
    denied_organisations=frozenset({"denied-organisation"}),
    denied_networks=frozenset({64496}),
    documents=USES,
)

Facts = tuple[RequestFacts, AccountFacts | None, CampaignStanding | None]

KNOWN: tuple[Ownership, ...] = ("known", "known", "unknown")
COUNTRIES = ("DE", "DE", "DE", "JP", "BR", "", "de", "Germany", "D\u00cb")
MODELS = ("big-1", "big-mini", "small", "other", "")
ORGANISATIONS = ("first", "second", "third", "late", "nobody", "denied-organisation", "")
CAMPAIGNS: tuple[tuple[Band, float], ...] = (
    ("", 0.0),
    ("", 0.95),
    ("watch", 0.6),
    ("likely", 0.0),
    ("very likely", 0.995),
    ("", 0.99),
)


def random_facts(chance: random.Random) -> Facts:
    """Draw facts, clean ones more often than not, so that many requests pass some packs."""
    account_id = chance.choice(("account", "account", "denied-account", ""))
    request = RequestFacts(
        arrived_at=NOW + timedelta(hours=chance.choice((0, 0, 2))),
        request_id="request",
        account_id=account_id,
        country=chance.choice(COUNTRIES),
        asn=chance.choice((1, 64496, 0)),
        operation=chance.choice(("chat", "", "../../etc")),
        request_model=chance.choice(MODELS),
        reasoning=chance.random() < 0.4,
        logprobs=chance.random() < 0.4,
        choices=chance.choice((1, 1, 2, 10**9)),
    )
    campaign = None
    if chance.random() < 0.5:
        band, probability = chance.choice(CAMPAIGNS)
        campaign = CampaignStanding(campaign_id="C-1", probability=probability, band=band)
    return request, _random_account(chance, account_id), campaign


def _random_account(chance: random.Random, account_id: str) -> AccountFacts | None:
    if chance.random() < 0.1:
        return None
    return AccountFacts(
        account_id=account_id,
        org_id=chance.choice(ORGANISATIONS),
        verification=chance.choice(VERIFICATIONS),
        declared_country=chance.choice(COUNTRIES),
        billing_country=chance.choice(COUNTRIES),
        status=chance.choice(("active", "active", "closed", "suspended", "", "odd")),
        program=chance.choice(("none", "research", "")),
        permitted_use=chance.choice(("", "evaluation", "resale", "red_team")),
        permitted_until=chance.choice(
            (None, NOW + timedelta(hours=1), NOW, NOW + timedelta(days=90))
        ),
        resale_attested=chance.random() < 0.7,
        ownership=chance.choice(KNOWN),
        restricted_ownership_basis_points=chance.choice((0, 5000, 5001, 10_000)),
    )
