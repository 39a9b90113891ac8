"""A shared campaign as STIX objects: what it is, who and what is behind it, how it works."""

from __future__ import annotations

from typing import Any, Final

from cautery.intel.attack_patterns import CASE_STUDY, CASE_STUDY_URL, CHAIN, AttackPattern
from cautery.intel.extension import extended
from cautery.intel.identifiers import identifier
from cautery.intel.stix_values import shared_object, stix_time
from cautery.records.bulletin import Bulletin, SharedCampaign, SharedTrace
from cautery.records.detection import chance_text

MOST_OBSERVED: Final = 999_999_999
"""Greatest ``number_observed`` and sighting ``count`` (STIX 2.1, sections 4.14 and 5.2)."""
PROXY_KINDS: Final = ("client address", "network")
"""Kinds of shared infrastructure that speak of proxies; the others of accounts."""


def campaign_object(bulletin: Bulletin, campaign: SharedCampaign) -> dict[str, Any]:
    """Write the campaign with its numbers."""
    return shared_object(
        "campaign",
        campaign.campaign_ref,
        bulletin,
        campaign.first_seen,
        name=f"{campaign.name} ({campaign.what})",
        description="Linked accounts that collect a served model's answers as training material, "
        "as an access log shows it. The chance is an estimate and accuses nobody.",
        objective="Training a model on another model's answers.",
        confidence=round(100 * campaign.probability),
        first_seen=stix_time(campaign.first_seen),
        last_seen=stix_time(campaign.last_seen),
        external_references=[
            {"source_name": "mitre-atlas", "external_id": CASE_STUDY, "url": CASE_STUDY_URL}
        ],
        extensions=extended("campaign", _numbers(campaign)),
    )


def _numbers(campaign: SharedCampaign) -> dict[str, Any]:
    return {
        "accounts": campaign.accounts,
        "exchanges": campaign.exchanges,
        "output_tokens": campaign.output_tokens,
        "templates": campaign.templates,
        "band": campaign.band,
        "probability": campaign.probability,
        "linked_probability": campaign.linked_probability,
        "distillation_probability": campaign.distillation_probability,
        "expected_false_per_1000": campaign.expected_false_per_1000,
        "score_method": campaign.score_method,
        "capabilities": dict(campaign.capabilities),
        "daily_exchanges": dict(campaign.daily_exchanges),
        "weights": [{"signal": row.signal, "bits": row.bits} for row in campaign.weights],
    }


def operator_object(bulletin: Bulletin, campaign: SharedCampaign) -> dict[str, Any]:
    """Write who is thought to run it: a number, never a name."""
    return shared_object(
        "intrusion-set",
        campaign.operator_ref,
        bulletin,
        campaign.first_seen,
        name=campaign.operator_name,
        description="Whoever runs the linked accounts. A label for one operator, no accusation: "
        "who it is was not looked into.",
        primary_motivation="organizational-gain",
    )


def infrastructure_object(bulletin: Bulletin, campaign: SharedCampaign) -> dict[str, Any] | None:
    """Write what the accounts share, in numbers; None if they share nothing."""
    if not campaign.infrastructure:
        return None
    proxies = any(row.kind in PROXY_KINDS and row.accounts for row in campaign.infrastructure)
    return shared_object(
        "infrastructure",
        identifier("infrastructure", campaign.campaign_ref),
        bulletin,
        campaign.first_seen,
        name=f"What accounts of {campaign.name} share",
        infrastructure_types=["anonymization" if proxies else "unknown"],
        first_seen=stix_time(campaign.first_seen),
        last_seen=stix_time(campaign.last_seen),
        extensions=extended(
            "infrastructure",
            {
                "shared": [
                    {
                        "kind": row.kind,
                        "distinct": row.distinct,
                        "accounts": row.accounts,
                        "largest": row.largest,
                    }
                    for row in campaign.infrastructure
                ]
            },
        ),
    )


def techniques_of(campaign: SharedCampaign) -> list[AttackPattern]:
    """Choose the ATLAS techniques that the evidence of a campaign shows.

    Args:
        campaign: A shared campaign.

    Returns:
        Techniques in the order of the case study.
    """
    proxies = any(row.kind in PROXY_KINDS and row.accounts for row in campaign.infrastructure)
    shown = {"AML.T0008.005": proxies, "AML.T0065": campaign.templates > 0}
    return [pattern for pattern in CHAIN if shown.get(pattern.technique, pattern.always)]


def sighting_object(
    bulletin: Bulletin, campaign: SharedCampaign, observed: str | None
) -> dict[str, Any]:
    """Write that the provider saw the campaign, how often and when."""
    return shared_object(
        "sighting",
        identifier("sighting", campaign.campaign_ref),
        bulletin,
        campaign.first_seen,
        first_seen=stix_time(campaign.first_seen),
        last_seen=stix_time(campaign.last_seen),
        count=min(campaign.exchanges, MOST_OBSERVED),
        sighting_of_ref=campaign.campaign_ref,
        observed_data_refs=None if observed is None else [observed],
        where_sighted_refs=[bulletin.provider_ref],
        summary=False,
    )


def trace_objects(bulletin: Bulletin, campaign: SharedCampaign) -> list[dict[str, Any]]:
    """Write a note for each suspect model that learned from the campaign; it is not named."""
    return [
        shared_object(
            "note",
            identifier("note", campaign.campaign_ref, trace.report_sha256),
            bulletin,
            bulletin.made_at,
            abstract="A suspect model learned from what this campaign was answered",
            content=_trace_words(campaign, trace),
            object_refs=[campaign.campaign_ref],
        )
        for trace in campaign.traces
    ]


def _trace_words(campaign: SharedCampaign, trace: SharedTrace) -> str:
    whose = "keys of the accounts" if trace.accounts_together else "key"
    return (
        f"The watermark {whose} of {campaign.name} shows in a suspect model: chance without "
        f"training on text that it marked {chance_text(trace.log10_corrected_p)}, corrected for "
        f"{trace.tests:,} tests. Which model it is stays with the provider. It does not show who "
        f"collected the text. SHA-256 of the probe's report: {trace.report_sha256}."
    )


def observed_object(
    bulletin: Bulletin, campaign: SharedCampaign, references: list[str]
) -> dict[str, Any] | None:
    """Write what was observed of the campaign's machines; None if nothing is shared of them."""
    if not references:
        return None
    return shared_object(
        "observed-data",
        identifier("observed-data", campaign.campaign_ref),
        bulletin,
        campaign.first_seen,
        first_observed=stix_time(campaign.first_seen),
        last_observed=stix_time(campaign.last_seen),
        number_observed=max(1, min(campaign.exchanges, MOST_OBSERVED)),
        object_refs=sorted(set(references)),
        extensions=extended("observed-data", {"exchanges": campaign.exchanges}),
    )


def relationship(
    bulletin: Bulletin, source: str, verb: str, target: str, created: str
) -> dict[str, Any]:
    """Write a relationship.

    Args:
        bulletin: What it is part of.
        source: Identifier of the object that does.
        verb: What it does, as STIX names it.
        target: Identifier of the object that it is done to.
        created: When it was first true, ISO 8601, UTC.

    Returns:
        The STIX object.
    """
    return shared_object(
        "relationship",
        identifier("relationship", bulletin.provider_ref, source, verb, target),
        bulletin,
        created,
        relationship_type=verb,
        source_ref=source,
        target_ref=target,
    )
