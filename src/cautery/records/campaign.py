"""Campaigns, their members and the operators thought to run them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

from cautery.records.anytime import AnytimeEvidence
from cautery.records.evidence import Weight

Band = Literal["very likely", "likely", "watch", ""]
"""Named ranges of the chance; the empty band is *not listed*."""

BAND_FLOORS: Final[tuple[tuple[Band, float], ...]] = (
    ("very likely", 0.99),
    ("likely", 0.90),
    ("watch", 0.50),
)
"""Lowest chance of each band, highest band first (contracts, section 4)."""


def band_of(probability: float) -> Band:
    """Name the band of a chance.

    Args:
        probability: Chance between 0 and 1.

    Returns:
        The band, empty below ``watch``.

    Example:
        >>> band_of(0.93), band_of(0.2)
        ('likely', '')
    """
    for band, floor in BAND_FLOORS:
        if probability >= floor:
            return band
    return ""


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountLink:
    """A reason to think that two accounts have one owner."""

    other_account_id: str
    """The other account."""
    link: str
    """Name of the link kind."""
    reason: str
    """What the two share, in words; hostile text is already shortened, not yet escaped."""
    bits: float
    """Rarity of the shared thing under the null model."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CampaignShare:
    """A part of an account's exchanges, by whose templates they carry."""

    campaign_id: str
    """The campaign or permitted group; empty for the rest, which is cover traffic, or that of
    honest customers behind a relay."""
    exchanges: int
    """Exchanges of the account that carry the campaign's templates."""
    share: float
    """Part of the account's exchanges."""
    bits: float | None = None
    """Log-odds of membership by these templates alone; null for the rest, or if not measured."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """One account inside a group."""

    account_id: str
    """The account, as the log names it."""
    org_id: str
    """Its organisation; empty if the log has none."""
    linked_probability: float
    """Chance that the account belongs to the group's operator."""
    probability: float
    """Chance that it takes part in an unpermitted distillation campaign."""
    band: Band
    """Band of its own chance; empty for a permitted account."""
    permitted_use: str
    """What the account table allows it; empty if nothing."""
    exchanges: int
    """Exchanges of the account in the log."""
    harvest_exchanges: int
    """Exchanges thought to be harvest rather than cover traffic."""
    output_tokens: int
    """Tokens that it received."""
    first_seen: str
    """ISO 8601, UTC."""
    last_seen: str
    """ISO 8601, UTC."""
    top_reason: str
    """The strongest weight or link, in words."""
    weights: tuple[Weight, ...] = ()
    """Membership waterfall: prior, links and own behaviour; bits add up to linked_probability."""
    links: tuple[AccountLink, ...] = ()
    """The strongest links to other members, at most five."""
    stability: float | None = None
    """Share of the runs with redrawn evidence that have the account in this group; null where it
    was not measured, as for accounts that only their templates brought in."""
    shares: tuple[CampaignShare, ...] = ()
    """Whose templates the account's exchanges carry, its own campaign first and the rest last;
    empty if the group has no templates."""
    most_probability: float | None = None
    """Highest chance that the account may have, whatever its evidence; null where there is no such
    limit. An account of a young group with which it shares no infrastructure has one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Template:
    """A prompt template that several accounts of a group repeat."""

    template_id: str
    """Name of the template within the case."""
    text: str
    """Redacted: shared words kept, slots as ``{...}``; empty if the text was dropped."""
    accounts: int
    """Accounts of the group that use it."""
    exchanges: int
    """Exchanges of the group that carry it."""
    share: float
    """Part of the group's exchanges that carry it."""
    first_seen: str
    """ISO 8601, UTC."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SharedThing:
    """Infrastructure that accounts of a group share."""

    kind: str
    """payment, address, network, sign-up cohort, client ..."""
    distinct: int
    """Different values among the group's accounts."""
    accounts: int
    """Accounts of the group that share a value with another one."""
    largest: int
    """Accounts on the most shared value."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Innocent:
    """The nearest innocent explanation of a group, and what would decide it."""

    explanation: str
    """Who else behaves like this."""
    test: str
    """The question or record that tells the two apart."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Campaign:
    """Linked accounts acting together over a time, with three separate verdicts."""

    campaign_id: str
    """For example *C-2026-0001*."""
    operator_id: str
    """Who is thought to run it, for example *O-0003*; empty if nobody else is linked."""
    band: Band
    """Band of the chance; empty for a permitted group."""
    score: int
    """``round(100 * probability)``."""
    probability: float
    """Chance that this is an unpermitted distillation campaign."""
    linked_probability: float
    """Verdict one: same operator."""
    distillation_probability: float
    """Verdict two: distillation-like."""
    permitted: bool
    """Verdict three: whether contracts permit all of it."""
    what: str
    """What they ask for, in two or three words."""
    accounts: int
    """Accounts in the group."""
    exchanges: int
    """Exchanges of these accounts."""
    output_tokens: int
    """Tokens that they received: what a student trains on."""
    first_seen: str
    """ISO 8601, UTC."""
    last_seen: str
    """ISO 8601, UTC."""
    weights: tuple[Weight, ...]
    """The waterfall: the first row is the prior; bits add up to ``bits``."""
    bits: float
    """Sum of the weights; ``probability = 1 / (1 + 2 ** -bits)``."""
    expected_false_per_1000: float
    """Expected false campaigns in this band per 1,000 honest accounts."""
    capabilities: tuple[tuple[str, float], ...]
    """Share of the group's exchanges by capability."""
    daily_exchanges: tuple[tuple[str, int], ...]
    """Day (ISO, UTC) and number of exchanges, days without any included."""
    templates: tuple[Template, ...]
    """Prompt templates that the group repeats."""
    infrastructure: tuple[SharedThing, ...]
    """What the accounts share outside their prompts."""
    innocent: Innocent
    """The nearest innocent explanation."""
    limits: tuple[str, ...]
    """What this finding cannot tell."""
    members: tuple[Member, ...]
    """The accounts."""
    anytime: AnytimeEvidence | None = None
    """What daily scans saw since the group was fixed; null without ``--incremental``."""
    stability: float | None = None
    """How far the group comes back when the evidence is redrawn: the mean Jaccard coefficient with
    the most similar group of each run; 0.75 is stable, under 0.6 it should not be trusted (Hennig
    2007). Null where it was not measured."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NearMiss:
    """A group that was looked at and not listed, and why."""

    what: str
    """What it looks like, for example *classroom behind one network*."""
    accounts: int
    """Accounts in the group."""
    exchanges: int
    """Exchanges of these accounts."""
    score: int
    """``round(100 * probability)``; below the floor of *watch*."""
    reason: str
    """Why it is not listed: the strongest counter-evidence."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Operator:
    """Campaigns thought to be run by one operator; never a company name."""

    operator_id: str
    """For example *O-0003*."""
    campaign_ids: tuple[str, ...]
    """The campaigns."""
    reason: str
    """Why they are thought to have one operator."""
