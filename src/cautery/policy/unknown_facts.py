"""Takes facts away, one after another: unknown is never clean, so none may turn deny into allow."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any, Final

from cautery.records.decision import PASSING, PolicyOutcome
from cautery.records.request import RequestFacts
from cautery.records.standing import AccountFacts, CampaignStanding

UNKNOWN_REQUEST: Final[dict[str, Any]] = {"country": "", "asn": 0, "request_model": ""}
"""What of a request may be unknown, and how that is written."""
UNKNOWN_ACCOUNT: Final[dict[str, dict[str, Any]]] = {
    "org_id": {"org_id": ""},
    "verification": {"verification": "none"},
    "declared_country": {"declared_country": ""},
    "billing_country": {"billing_country": ""},
    "status": {"status": ""},
    "program": {"program": ""},
    "permitted_use": {"permitted_use": ""},
    "permitted_until": {"permitted_until": None},
    "resale_attested": {"resale_attested": False},
    "ownership": {"ownership": "unknown", "restricted_ownership_basis_points": 0},
}
"""What of an account may be unknown. Who owns how much goes with whether anybody looked."""


def facts_taken_away(
    request: RequestFacts, account: AccountFacts | None, campaign: CampaignStanding | None
) -> Iterator[tuple[str, tuple[RequestFacts, AccountFacts | None, CampaignStanding | None]]]:
    """Take one fact after another away.

    Args:
        request: Facts of a request.
        account: Of its account.
        campaign: Of its campaign.

    Yields:
        Name of the fact, and all facts without it.
    """
    for name, empty in UNKNOWN_REQUEST.items():
        if getattr(request, name) != empty:
            yield name, (replace(request, **{name: empty}), account, campaign)
    if account is None:
        return
    for name, changes in UNKNOWN_ACCOUNT.items():
        if getattr(account, name) != changes[name]:
            yield name, (request, replace(account, **changes), campaign)


def softened(before: PolicyOutcome, after: PolicyOutcome) -> bool:
    """Say whether an outcome got milder in kind: denied before and allowed after, or passing after.

    Args:
        before: With all facts.
        after: With one less.

    Returns:
        Whether nothing fires any more, or the request reaches the model where it did not.
    """
    if after.errors:
        return False
    hindered = any(finding.action not in PASSING for finding in before.findings)
    hinders = any(finding.action not in PASSING for finding in after.findings)
    return bool(before.findings) and (not after.findings or (hindered and not hinders))
