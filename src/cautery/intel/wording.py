"""Words of our own: the only texts of a case that peers see.

A case may have been written by somebody else, and names in it may come from a log. What is not
one of these words is replaced, so that no customer's text rides along.
"""

from __future__ import annotations

import re
from typing import Final

from cautery.records.bulletin import SharedInfrastructure, SharedWeight
from cautery.records.campaign import Campaign

CAPABILITIES: Final[frozenset[str]] = frozenset(
    (
        "agentic work",
        "code",
        "extraction",
        "graded answers",
        "mathematics",
        "not told by this log",
        "other answers",
        "reasoning traces",
        "sensitive rewrites",
        "training material",
        "translation",
    )
)
"""Names of capabilities that scans give."""
INFRASTRUCTURE: Final[frozenset[str]] = frozenset(
    (
        "TLS fingerprint",
        "client address",
        "e-mail domain",
        "hour of sign-up",
        "network",
        "payment instrument",
        "reasoning signature",
        "referral code",
    )
)
"""Names of shared things that scans give."""
OTHER: Final = "other"
_CAMPAIGN: Final = re.compile(r"[A-Z]-[0-9]{4}-[0-9]{1,6}")
_OPERATOR: Final = re.compile(r"O-[0-9]{1,6}")
_SIGNAL: Final = re.compile(r"[a-z][a-z_]{0,59}")
_DAY: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_CALIBRATION: Final = re.compile(r"[a-z0-9 ,;.+%-]{1,200}")


def campaign_name(campaign_id: str, place: int) -> str:
    """Name a campaign as the case does, or by its place if that is no name of ours.

    Example:
        >>> campaign_name("C-2026-0001", 0), campaign_name("<b>", 1)
        ('C-2026-0001', 'campaign 2')
    """
    return campaign_id if _CAMPAIGN.fullmatch(campaign_id) else f"campaign {place + 1}"


def operator_name(operator_id: str, campaign: str) -> str:
    """Name an operator by its number, or by its only campaign."""
    return operator_id if _OPERATOR.fullmatch(operator_id) else f"operator of {campaign}"


def capability_name(name: str) -> str:
    """Let a capability's name through, if it is one of ours."""
    return name if name in CAPABILITIES else OTHER


def score_method(calibration: str, weights_version: str) -> str:
    """Say what chances rest on, in the case's words if they are plain."""
    words = calibration if _CALIBRATION.fullmatch(calibration) else "calibration not stated"
    version = re.sub(r"[^0-9.]", "", weights_version)[:20]
    return f"{words}; weights {version}"


def capabilities_of(campaign: Campaign) -> tuple[tuple[str, float], ...]:
    """Sum the shares by capability, names that are not ours together."""
    shares: dict[str, float] = {}
    for name, share in campaign.capabilities:
        known = capability_name(name)
        shares[known] = round(shares.get(known, 0.0) + min(max(share, 0.0), 1.0), 4)
    return tuple((name, min(share, 1.0)) for name, share in shares.items())


def days_of(campaign: Campaign) -> tuple[tuple[str, int], ...]:
    """Exchanges by day; what is no day is left out."""
    return tuple(row for row in campaign.daily_exchanges if _DAY.fullmatch(row[0]))


def infrastructure_of(campaign: Campaign) -> tuple[SharedInfrastructure, ...]:
    """What accounts share, in numbers, by kinds that are ours."""
    return tuple(
        SharedInfrastructure(
            kind=row.kind, distinct=row.distinct, accounts=row.accounts, largest=row.largest
        )
        for row in campaign.infrastructure
        if row.kind in INFRASTRUCTURE
    )


def weights_of(campaign: Campaign) -> tuple[SharedWeight, ...]:
    """Signals and bits of the waterfall's rows that say something, without their words."""
    return tuple(
        SharedWeight(signal=row.signal, bits=row.bits)
        for row in campaign.weights
        if row.available and _SIGNAL.fullmatch(row.signal)
    )
