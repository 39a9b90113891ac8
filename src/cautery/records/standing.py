"""What a provider holds of an account when one of its requests arrives, and who is exempt."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from cautery.records.campaign import Band
from cautery.records.request import Verification

Ownership = Literal["known", "unknown"]
"""Whether anybody looked into who owns an organisation."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CampaignStanding:
    """What the last scan said of an account; absent for accounts that no campaign holds."""

    campaign_id: str
    """The campaign."""
    probability: float
    """Calibrated chance that the account takes part."""
    band: Band
    """Named range of the chance; empty below ``watch``."""
    permitted_use: str = ""
    """What a contract allows, empty if none."""
    case_id: str = ""
    """Which scan said so: SHA-256 of its ``case.json`` in hexadecimal digits."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountFacts:
    """What billing, identity and ownership say of an account; empty is *unknown*, never *clean*."""

    account_id: str
    """The account."""
    org_id: str = ""
    """Its organisation."""
    verification: Verification = "none"
    """How it has shown who it is."""
    declared_country: str = ""
    """Country that it declared, ISO 3166-1 alpha-2."""
    billing_country: str = ""
    """Country of its payment instrument."""
    status: str = "active"
    """active, suspended or closed."""
    program: str = ""
    """none, education, research, startup, enterprise ..."""
    permitted_use: str = ""
    """Empty, or synthetic_data, resale, evaluation, red_team."""
    permitted_until: datetime | None = None
    """When the permission ends; UTC, none if it has no end."""
    resale_attested: bool = False
    """Whether it attested that it passes no access on."""
    ownership: Ownership = "unknown"
    """Whether its owners were looked into."""
    restricted_ownership_basis_points: int = 0
    """Share of it that owners from restricted regions hold, of 10,000, rounded up: of all of them
    together, or the largest of one region, as ``cautery.policy.ownership`` was told."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AllowlistEntry:
    """An account that no rule may hinder, with somebody who answers for it."""

    account_id: str
    """The account."""
    reason: str
    """Why; never empty."""
    owner: str
    """Who answers for it; never empty."""
    expires_at: datetime
    """When it ends; UTC. There is no entry without an end."""
    starts_at: datetime | None = None
    """From when it holds; UTC, none if it holds already."""
