"""Indicators: what one provider tells its peers of a campaign, and what it never tells."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

IndicatorKind = Literal[
    "account",
    "address",
    "autonomous_system",
    "email_domain",
    "network",
    "organisation",
    "payment",
    "template",
    "tls_fingerprint",
]
"""What an indicator is a value of."""

INDICATOR_KINDS: Final[tuple[IndicatorKind, ...]] = (
    "account",
    "address",
    "autonomous_system",
    "email_domain",
    "network",
    "organisation",
    "payment",
    "template",
    "tls_fingerprint",
)
"""All kinds, sorted."""

CLEAR_KINDS: Final[frozenset[IndicatorKind]] = frozenset(
    ("address", "autonomous_system", "network", "tls_fingerprint")
)
"""Kinds that may stand in clear, as they name machines and not customers; the others are keyed."""

Form = Literal["clear", "keyed"]
"""Whether a value stands as it is, or as an HMAC under a sharing group's epoch key."""

Tlp = Literal["clear", "green", "amber", "amber+strict", "red"]
"""Labels of the Traffic Light Protocol 2.0 (FIRST, 2022)."""

TLP_LABELS: Final[tuple[Tlp, ...]] = ("clear", "green", "amber", "amber+strict", "red")
"""The labels, from what may go anywhere to what may go nowhere."""


def tlp_rank(label: Tlp) -> int:
    """Say how strict a label is.

    Args:
        label: A label of TLP 2.0.

    Returns:
        0 for ``clear`` up to 4 for ``red``.

    Example:
        >>> tlp_rank("amber") < tlp_rank("amber+strict")
        True
    """
    return TLP_LABELS.index(label)


@dataclass(frozen=True, slots=True, kw_only=True)
class Observable:
    """A value that accounts of a campaign show: sensitive, and never shared as it is."""

    kind: IndicatorKind
    """What it is."""
    value: str
    """As the log or the account table has it; for a template, its text with slots."""
    campaign_id: str
    """The campaign, as the case names it."""
    accounts: int
    """Accounts of the campaign that show it."""
    other_accounts: int = 0
    """Accounts in no campaign that show it too: what many share tells nothing."""
    first_seen: str
    """ISO 8601, UTC."""
    last_seen: str
    """ISO 8601, UTC."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Indicator:
    """A value to look for, from somebody, for some time. A fact to weigh and never a verdict."""

    indicator_id: str
    """STIX identifier, ``indicator--`` and a UUID."""
    kind: IndicatorKind
    """What it is a value of."""
    form: Form
    """Whether ``value`` is in clear."""
    value: str
    """The value; if keyed, 64 hexadecimal digits of HMAC-SHA-256."""
    bands: tuple[str, ...] = ()
    """Keyed bands of a template's sketch, in order; two templates alike share some of them."""
    key_id: str = ""
    """Which epoch key of the sharing group keyed it; empty in clear."""
    confidence: int
    """0 to 100, as its source holds it."""
    created: str
    """ISO 8601, UTC."""
    modified: str
    """Version: of two with one identifier the later holds."""
    valid_from: str
    """ISO 8601, UTC."""
    valid_until: str
    """ISO 8601, UTC; there is no indicator without an end."""
    revoked: bool = False
    """Whether its source took it back."""
    tlp: Tlp = "amber"
    """To whom it may be passed on."""
    source: str
    """Who says so, in words."""
    source_id: str
    """STIX identifier of the source, ``identity--`` and a UUID."""
    campaign_ref: str = ""
    """STIX identifier of the campaign that it indicates; empty if none."""
    accounts: int = 0
    """Accounts that showed it at the source."""
    last_seen: str = ""
    """When the source saw it last, ISO 8601, UTC; empty if it does not say."""
    given_by: str = ""
    """Which peer gave it to us, as we call it; empty until it is taken in."""
