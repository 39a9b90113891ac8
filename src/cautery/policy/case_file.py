"""Files of allow and deny cases (``cautery.policy-cases/1``), and what a case begins with."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, Final

import msgspec

from cautery.errors import ConfigurationError
from cautery.policy.configuration import Exemptions, ModelClass
from cautery.policy.denied_lists import DeniedFile
from cautery.policy.fact_values import facts_from
from cautery.policy.toml_text import decode_toml
from cautery.records.request import RequestFacts
from cautery.records.standing import AccountFacts, CampaignStanding

CASES_SCHEMA: Final = "cautery.policy-cases/1"
MAX_CASES: Final = 10_000

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


def decode_cases(text: str, name: str) -> CasesFile:
    """Decode a file of cases.

    Args:
        text: TOML.
        name: Name of the file, for messages.

    Returns:
        Its cases.

    Raises:
        ConfigurationError: It is wrong; names the line.
    """
    file = decode_toml(text, CasesFile, CASES_SCHEMA, name)
    if not 0 < len(file.cases) <= MAX_CASES:
        raise ConfigurationError(f"a file has 1 to {MAX_CASES:,} cases", where=name)
    return file


def facts_of(case: Case) -> tuple[RequestFacts, AccountFacts | None, CampaignStanding | None]:
    """Make the facts of a case.

    Args:
        case: The case.

    Returns:
        Request, account and campaign, as a policy set is asked about them.

    Raises:
        UsageError: It names a fact that there is not, or a wrong value.
    """
    request = facts_from(RequestFacts, case.request, REQUEST)
    account = (
        None if case.unknown_account else facts_from(AccountFacts, case.account or {}, ACCOUNT)
    )
    if case.campaign is None:
        return request, account, None
    return request, account, facts_from(CampaignStanding, case.campaign, CAMPAIGN)
