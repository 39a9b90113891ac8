"""A bulletin: all that leaves a provider about its campaigns, and nothing else.

Formats write bulletins, never cases: what is not in here cannot be in a file for peers.
"""

from __future__ import annotations

from dataclasses import dataclass

from cautery.records.campaign import Band
from cautery.records.indicator import Indicator, Tlp


@dataclass(frozen=True, slots=True, kw_only=True)
class SharedInfrastructure:
    """A kind of thing that accounts of a campaign share, in numbers."""

    kind: str
    """payment instrument, client address, network ..."""
    distinct: int
    """Different values among the campaign's accounts."""
    accounts: int
    """Accounts that share a value with another one."""
    largest: int
    """Accounts on the most shared value."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SharedWeight:
    """A row of the waterfall without its words, which may quote a customer."""

    signal: str
    """Name of the signal."""
    bits: float
    """Signed weight."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SharedTrace:
    """That some suspect model learned from what a campaign was answered; never which one."""

    log10_corrected_p: float
    """Chance of the finding in a model that did not, after correction for all tests."""
    tests: int
    """Keys that were tested."""
    accounts_together: bool
    """Whether the keys of its accounts showed together, rather than the campaign's own."""
    report_sha256: str
    """Digest of the probe's report, which stays with the provider."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SharedCampaign:
    """A campaign as peers may see it: numbers and names of our own."""

    campaign_ref: str
    """STIX identifier, ``campaign--`` and a UUID."""
    name: str
    """Name within the case, for example *C-2026-0001*."""
    operator_ref: str
    """STIX identifier of the operator's intrusion set."""
    operator_name: str
    """A number and no accusation, for example *O-0003*."""
    what: str
    """What it asks for, in words of our own."""
    band: Band
    """Band of the chance."""
    probability: float
    """Chance that this is an unpermitted distillation campaign."""
    linked_probability: float
    """Chance that the accounts have one operator."""
    distillation_probability: float
    """Chance that what they do is distillation."""
    expected_false_per_1000: float
    """Expected false campaigns in this band per 1,000 honest accounts."""
    score_method: str
    """What the chances rest on."""
    accounts: int
    """Accounts in it."""
    exchanges: int
    """Exchanges of these accounts."""
    output_tokens: int
    """Tokens that they received."""
    first_seen: str
    """ISO 8601, UTC."""
    last_seen: str
    """ISO 8601, UTC."""
    capabilities: tuple[tuple[str, float], ...]
    """Share of the exchanges by capability."""
    daily_exchanges: tuple[tuple[str, int], ...]
    """Day and number of exchanges."""
    templates: int
    """Prompt templates that it repeats; their texts stay."""
    infrastructure: tuple[SharedInfrastructure, ...]
    """What the accounts share outside their prompts."""
    weights: tuple[SharedWeight, ...]
    """Signals and their bits."""
    traces: tuple[SharedTrace, ...] = ()
    """Suspect models that learned from what it was answered."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Bulletin:
    """What one provider tells its peers at once."""

    provider: str
    """Who says so."""
    provider_ref: str
    """STIX identifier of the provider, ``identity--`` and a UUID."""
    made_at: str
    """End of the log that it rests on, ISO 8601, UTC: no clock, so that twice is the same."""
    tlp: Tlp
    """To whom it may be passed on."""
    tool: str
    """Name and version of what made it."""
    campaigns: tuple[SharedCampaign, ...]
    """The campaigns, in the order of the case."""
    indicators: tuple[Indicator, ...]
    """The indicators, in the order of their identifiers."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Skipped:
    """A part of a peer's file that nothing here understands; the rest was read."""

    place: str
    """Where it stands: an object's identifier or place."""
    reason: str
    """Why it was passed over."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Received:
    """What a peer's file says, checked but not yet believed."""

    indicators: tuple[Indicator, ...]
    """The indicators, each version once, in the order of the file."""
    skipped: tuple[Skipped, ...] = ()
    """What was passed over, at most a hundred."""
    skipped_count: int = 0
    """How many were passed over in all."""
