"""What is shared of a campaign's values, what is not, and why not."""

from __future__ import annotations

from collections.abc import Container
from dataclasses import dataclass
from typing import Final

from cautery.intel.epoch_keys import EpochKey
from cautery.intel.keyed_values import normal_value
from cautery.intel.template_sketches import FEWEST_SHINGLES, shingles_of
from cautery.records.campaign import Band
from cautery.records.indicator import Form, IndicatorKind, Observable, Tlp

LEAST_OWN_SHARE: Final = 0.8
"""Part of the accounts with a value that must be the campaign's: what many have hits bystanders."""
FEWEST_ACCOUNTS: Final = 2
"""Accounts of the campaign that must show a value that is not an address."""
USUAL_VALID_DAYS: Final = 30
"""How long after it was last seen an indicator holds: operators replace accounts in days."""
KEYED_UNLESS_ASKED: Final[frozenset[IndicatorKind]] = frozenset(("address", "network"))
"""Kinds that may stand in clear and do so only if asked for: a home's address is personal data."""
ALWAYS_CLEAR: Final[frozenset[IndicatorKind]] = frozenset(("autonomous_system", "tls_fingerprint"))
"""Kinds that name operators of networks and makes of clients, and nobody's customer."""
USUAL_KINDS: Final[frozenset[IndicatorKind]] = frozenset(
    (
        "address",
        "autonomous_system",
        "email_domain",
        "network",
        "payment",
        "template",
        "tls_fingerprint",
    )
)
"""Kinds that mean something elsewhere; accounts and organisations are shared only if asked for."""


NO_KEY: Final = "there is no epoch key"
"""Why nothing is shared that must be keyed, if so."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SharingChoices:
    """What whoever shares has chosen."""

    provider: str
    """Under which name."""
    tlp: Tlp = "amber"
    """To whom peers may pass it on."""
    least_band: Band = "likely"
    """Lowest band of a campaign that is shared."""
    valid_days: int = USUAL_VALID_DAYS
    """How long after it was last seen an indicator holds."""
    kinds: frozenset[IndicatorKind] = USUAL_KINDS
    """Kinds of indicators that are shared."""
    clear_addresses: bool = False
    """Whether addresses and networks stand in clear, for peers without the epoch key."""


def form_of(kind: IndicatorKind, choices: SharingChoices) -> Form:
    """Say whether values of a kind are keyed.

    Args:
        kind: The kind.
        choices: What whoever shares has chosen.

    Returns:
        ``clear`` or ``keyed``.
    """
    clear = kind in ALWAYS_CLEAR or (kind in KEYED_UNLESS_ASKED and choices.clear_addresses)
    return "clear" if clear else "keyed"


def withheld_because(
    row: Observable, shared: Container[str], key: EpochKey | None, choices: SharingChoices
) -> str:
    """Say why an observable is not shared.

    Args:
        row: The observable.
        shared: Campaigns that are shared, as the case names them.
        key: The sharing group's epoch key; None if there is none.
        choices: What whoever shares has chosen.

    Returns:
        The reason in a few words; empty if it is shared.
    """
    if row.campaign_id not in shared:
        return "its campaign is not shared"
    if row.kind not in choices.kinds:
        return "its kind was not asked for"
    if reason := _weak(row):
        return reason
    keyed = form_of(row.kind, choices) == "keyed"
    return NO_KEY if keyed and key is None else ""


def _weak(row: Observable) -> str:
    """Why a value would hit bystanders or nothing, if so."""
    if row.kind == "template":
        short = len(shingles_of(row.value)) < FEWEST_SHINGLES
        return "it is too short to be told from a phrase" if short else ""
    if not normal_value(row.kind, row.value):
        return "it is no value of its kind"
    if row.accounts < (1 if row.kind in KEYED_UNLESS_ASKED else FEWEST_ACCOUNTS):
        return "one account alone shows it"
    if row.accounts < LEAST_OWN_SHARE * (row.accounts + row.other_accounts):
        return "others have it too"
    return ""
