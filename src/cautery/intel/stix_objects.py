"""A bulletin as STIX 2.1 objects, in an order in which every reference was seen before."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any, Final

from cautery.intel.attack_patterns import CHAIN, attack_pattern
from cautery.intel.extension import extended, extension_objects
from cautery.intel.identifiers import identifier
from cautery.intel.stix_campaigns import (
    campaign_object,
    infrastructure_object,
    observed_object,
    operator_object,
    relationship,
    sighting_object,
    techniques_of,
    trace_objects,
)
from cautery.intel.stix_observables import observable_of
from cautery.intel.stix_patterns import pattern_of
from cautery.intel.stix_values import shared_object, stix_time
from cautery.intel.tlp import MARKINGS, marking
from cautery.records.bulletin import Bulletin, SharedCampaign
from cautery.records.indicator import Indicator, IndicatorKind

Objects = list[dict[str, Any]]

WORDS: Final[dict[IndicatorKind, str]] = {
    "account": "account",
    "address": "client address",
    "autonomous_system": "autonomous system",
    "email_domain": "e-mail domain",
    "network": "client network",
    "organisation": "organisation",
    "payment": "payment instrument",
    "template": "prompt template",
    "tls_fingerprint": "TLS fingerprint (JA4)",
}
"""Names of the kinds for people."""


def bulletin_objects(bulletin: Bulletin) -> Objects:
    """Write a bulletin as STIX objects.

    Args:
        bulletin: All that may leave.

    Returns:
        The objects, each once; the same bulletin gives the same ones in the same order.
    """
    found = [*extension_objects(), marking(bulletin.tlp), _provider(bulletin)]
    used = {one.technique for campaign in bulletin.campaigns for one in techniques_of(campaign)}
    found += [attack_pattern(pattern) for pattern in CHAIN if pattern.technique in used]
    for campaign in bulletin.campaigns:
        found += _campaign_objects(bulletin, campaign)
    known = {campaign.campaign_ref for campaign in bulletin.campaigns}
    found += [
        indicator_object(bulletin, indicator)
        for indicator in bulletin.indicators
        if indicator.campaign_ref not in known
    ]
    unique = list({each["id"]: each for each in found}.values())
    return [*unique, *_report(bulletin, unique)]


def _campaign_objects(bulletin: Bulletin, campaign: SharedCampaign) -> Objects:
    own = [one for one in bulletin.indicators if one.campaign_ref == campaign.campaign_ref]
    observables = {
        one.indicator_id: made for one in own if (made := observable_of(one)) is not None
    }
    things = [made["id"] for made in observables.values()]
    observed = observed_object(bulletin, campaign, things)
    shared = infrastructure_object(bulletin, campaign)
    what = campaign_object(bulletin, campaign)
    operator = operator_object(bulletin, campaign)
    seen = None if observed is None else observed["id"]
    found = [operator, what, *observables.values()]
    found += [each for each in (observed, shared) if each is not None]
    found += [indicator_object(bulletin, one) for one in own]
    links = [(what["id"], "attributed-to", operator["id"])]
    links += [(what["id"], "targets", bulletin.provider_ref)]
    links += [
        (what["id"], "uses", f"attack-pattern--{one.uuid}") for one in techniques_of(campaign)
    ]
    if shared is not None:
        links += [(what["id"], "uses", shared["id"])]
        links += [
            (shared["id"], "consists-of", thing)
            for thing in sorted(set(things))
            if not thing.startswith("user-account--")
        ]
    for one in own:
        links += [(one.indicator_id, "indicates", what["id"])]
        if seen is not None and one.indicator_id in observables:
            links += [(one.indicator_id, "based-on", seen)]
    found += [relationship(bulletin, *link, campaign.first_seen) for link in links]
    return [
        *found,
        sighting_object(bulletin, campaign, seen),
        *trace_objects(bulletin, campaign),
    ]


def _provider(bulletin: Bulletin) -> dict[str, Any]:
    # An identity is not a version of the log: its dates are those of the extension's birth.
    return {
        "type": "identity",
        "spec_version": "2.1",
        "id": bulletin.provider_ref,
        "created": _IDENTITY_DATE,
        "modified": _IDENTITY_DATE,
        "name": bulletin.provider,
        "identity_class": "organization",
        "sectors": ["technology"],
    }


_IDENTITY_DATE: Final = "2026-01-01T00:00:00.000Z"


def indicator_object(bulletin: Bulletin, indicator: Indicator) -> dict[str, Any]:
    """Write an indicator, with its value under our extension.

    Args:
        bulletin: What it is part of.
        indicator: The indicator.

    Returns:
        The STIX object.
    """
    under = {
        "kind": indicator.kind,
        "form": indicator.form,
        "value": indicator.value,
        "accounts": indicator.accounts,
        **({"key_id": indicator.key_id} if indicator.key_id else {}),
        **({"bands": list(indicator.bands)} if indicator.bands else {}),
        **({"last_seen": stix_time(indicator.last_seen)} if indicator.last_seen else {}),
    }
    return {
        **shared_object(
            "indicator",
            indicator.indicator_id,
            bulletin,
            indicator.created,
            name=f"{WORDS[indicator.kind]}, {indicator.form}",
            description=f"Accounts of the campaign show this {WORDS[indicator.kind]}. It raises a "
            "chance and proves nothing by itself.",
            indicator_types=["anomalous-activity"],
            pattern=pattern_of(indicator),
            pattern_type="stix",
            pattern_version="2.1",
            valid_from=stix_time(indicator.valid_from),
            valid_until=stix_time(indicator.valid_until),
            confidence=indicator.confidence,
            revoked=True if indicator.revoked else None,
            extensions=extended("indicator", under),
        ),
        "created_by_ref": indicator.source_id,
        "created": stix_time(indicator.created),
        "modified": stix_time(indicator.modified),
        "object_marking_refs": [MARKINGS[indicator.tlp]],
    }


def _report(bulletin: Bulletin, objects: Objects) -> Objects:
    about = [each["id"] for each in objects if each["type"] != "marking-definition"]
    if not bulletin.campaigns:
        return []
    return [
        shared_object(
            "report",
            identifier(
                "report", bulletin.provider_ref, *(c.campaign_ref for c in bulletin.campaigns)
            ),
            bulletin,
            min(campaign.first_seen for campaign in bulletin.campaigns),
            name=f"Distillation campaigns seen by {bulletin.provider}",
            description=f"Made by {bulletin.tool} from an access log. Chances are estimates.",
            report_types=["campaign", "indicator"],
            published=stix_time(bulletin.made_at),
            object_refs=about,
        )
    ]


def write_bundle(objects: Iterable[dict[str, Any]]) -> bytes:
    """Write objects as a bundle, one on each line, in ASCII: inert wherever it is shown.

    Args:
        objects: STIX objects.

    Returns:
        The file's bytes. The bundle's identifier follows from the objects.
    """
    lines = [json.dumps(each, ensure_ascii=True, separators=(",", ":")) for each in objects]
    name = identifier("bundle", *lines)
    head = f'{{"type":"bundle","id":"{name}"'
    if not lines:
        return f"{head}}}\n".encode()
    body = ",\n".join(lines)
    return f'{head},"objects":[\n{body}\n]}}\n'.encode()
