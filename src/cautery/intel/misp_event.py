"""A bulletin as one MISP event: an object a campaign, an object an indicator.

The form is that of MISP's core format (draft-dulaunoy-misp-core-format). Identifiers follow from
what they name and times from the log, so that the same bulletin is the same event, and a later
one updates it on a server instead of standing beside it.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any, Final

from cautery.intel.identifiers import identifier
from cautery.intel.keyed_values import written, written_band
from cautery.intel.misp_templates import CAMPAIGN, CATEGORIES, INDICATOR, template
from cautery.intel.stix_campaigns import techniques_of
from cautery.intel.stix_objects import WORDS
from cautery.records.bulletin import Bulletin, SharedCampaign, SharedInfrastructure
from cautery.records.indicator import Indicator, Tlp

Values = Iterable[tuple[str, str]]
"""Names of an object's attributes and their values."""

DISTRIBUTIONS: Final[dict[Tlp, str]] = {"clear": "3", "green": "1"}
"""How far a server passes an event on: all communities, this one; otherwise nowhere by itself."""
NOWHERE: Final = "0"
INHERITED: Final = "5"
GALAXY_TECHNIQUES: Final[dict[str, str]] = {
    "AML.T0021": "Establish Accounts",
    "AML.T0040": "AI Model Inference API Access",
    "AML.T0024.002": "Extract ML Model",
    "AML.T0048.004": "ML Intellectual Property Theft",
}
"""Techniques that MISP's galaxy of ATLAS has, as it spells them (misp-galaxy, commit 9434ace of
2026-08-06, clusters/mitre-atlas-attack-pattern.json, version 14). It has no AML.T0008.005 and no
AML.T0065; those stand in the campaign's object only."""
GALAXY: Final = "misp-galaxy:mitre-atlas-attack-pattern"
RELATIONS: Final = {
    "address": "address",
    "autonomous_system": "autonomous-system",
    "network": "network",
    "tls_fingerprint": "tls-fingerprint",
}
"""Attribute of a value in clear, by its kind."""
_THREAT_LEVEL: Final = "2"
_ANALYSIS: Final = "2"
"""Medium, and complete: the log is over."""


def event_of(bulletin: Bulletin) -> dict[str, Any]:
    """Write a bulletin as an event.

    Args:
        bulletin: All that may leave.

    Returns:
        The document, ``{"Event": ...}``.
    """
    known = {campaign.campaign_ref for campaign in bulletin.campaigns}
    techniques = {
        one.technique for campaign in bulletin.campaigns for one in techniques_of(campaign)
    }
    objects = [_campaign_object(bulletin, each) for each in bulletin.campaigns]
    objects += [_indicator_object(each, known) for each in bulletin.indicators]
    names = [f"tlp:{bulletin.tlp}"]
    names += [f'{GALAXY}="{word}"' for key, word in GALAXY_TECHNIQUES.items() if key in techniques]
    return {
        "Event": {
            "uuid": _uuid(
                identifier(
                    "misp-event",
                    bulletin.provider_ref,
                    *(each.campaign_ref for each in bulletin.campaigns),
                )
            ),
            "info": f"Distillation campaigns seen by {bulletin.provider}",
            "date": bulletin.made_at[:10],
            "timestamp": seconds(bulletin.made_at),
            "published": False,
            "analysis": _ANALYSIS,
            "threat_level_id": _THREAT_LEVEL,
            "distribution": DISTRIBUTIONS.get(bulletin.tlp, NOWHERE),
            "Orgc": {"name": bulletin.provider, "uuid": _uuid(bulletin.provider_ref)},
            "Tag": [{"name": name} for name in names],
            "Attribute": [],
            "Object": objects,
        }
    }


def write_event(document: dict[str, Any]) -> bytes:
    """Write an event, an object on each line, in ASCII: inert wherever it is shown.

    Args:
        document: What ``event_of`` gave.

    Returns:
        The file's bytes.
    """
    event = dict(document["Event"])
    objects = [_line(each) for each in event.pop("Object")]
    head = _line(event)[:-1]
    body = ",\n".join(objects)
    return f'{{"Event":{head},"Object":[\n{body}\n]}}}}\n'.encode()


def _line(value: Any) -> str:
    return json.dumps(value, ensure_ascii=True, separators=(",", ":"))


def _campaign_object(bulletin: Bulletin, campaign: SharedCampaign) -> dict[str, Any]:
    made = _object(CAMPAIGN, _uuid(campaign.campaign_ref), bulletin.made_at)
    made |= _seen(campaign.first_seen, campaign.last_seen)
    made["Attribute"] = _attributes(made, _campaign_values(campaign))
    return made


def _campaign_values(campaign: SharedCampaign) -> list[tuple[str, str]]:
    return [
        ("name", campaign.name),
        ("operator", campaign.operator_name),
        ("asked-for", campaign.what),
        ("band", campaign.band),
        ("probability", repr(campaign.probability)),
        ("linked-probability", repr(campaign.linked_probability)),
        ("distillation-probability", repr(campaign.distillation_probability)),
        ("expected-false-per-1000", repr(campaign.expected_false_per_1000)),
        ("score-method", campaign.score_method),
        ("accounts", str(campaign.accounts)),
        ("exchanges", str(campaign.exchanges)),
        ("output-tokens", str(campaign.output_tokens)),
        ("templates", str(campaign.templates)),
        *(("capability", f"{name}: {share}") for name, share in campaign.capabilities),
        *(("daily-exchanges", f"{day}: {count}") for day, count in campaign.daily_exchanges),
        *(("shared-thing", f"{row.kind}: {_shared(row)}") for row in campaign.infrastructure),
        *(("weight", f"{row.signal}: {row.bits:+}") for row in campaign.weights),
        *(("technique", one.technique) for one in techniques_of(campaign)),
    ]


def _shared(row: SharedInfrastructure) -> str:
    return f"{row.distinct} values, {row.accounts} accounts, at most {row.largest} on one"


def _indicator_object(indicator: Indicator, known: set[str]) -> dict[str, Any]:
    made = _object(INDICATOR, _uuid(indicator.indicator_id), indicator.modified)
    made |= _seen(indicator.valid_from, indicator.last_seen)
    made["comment"] = f"{WORDS[indicator.kind]}, {indicator.form}"
    made["Attribute"] = _attributes(made, _indicator_values(indicator))
    value = made["Attribute"][0]
    value["to_ids"] = not indicator.revoked
    value["Tag"] = [{"name": f"tlp:{indicator.tlp}"}]
    value |= _seen(indicator.valid_from, indicator.last_seen)
    if indicator.campaign_ref in known:
        made["ObjectReference"] = [_reference(made["uuid"], _uuid(indicator.campaign_ref))]
    return made


def _indicator_values(indicator: Indicator) -> list[tuple[str, str]]:
    """Give an indicator's values, what is to be looked for first."""
    key_id, until = indicator.key_id, indicator.valid_until
    clear = indicator.form == "clear"
    return [
        (RELATIONS[indicator.kind], indicator.value)
        if clear
        else ("keyed-value", written(key_id, indicator.value)),
        ("kind", indicator.kind),
        *(
            ("band", written_band(key_id, place, band))
            for place, band in enumerate(indicator.bands)
        ),
        ("accounts", str(indicator.accounts)),
        ("confidence", str(indicator.confidence)),
        ("valid-until", misp_time(until)),
        ("modified", misp_time(indicator.modified)),
        *(
            [("created", misp_time(indicator.created))]
            if indicator.created != indicator.valid_from
            else []
        ),
        *([("revoked", "1")] if indicator.revoked else []),
    ]


def _object(name: str, uuid: str, modified: str) -> dict[str, Any]:
    its = template(name)
    return {
        "uuid": uuid,
        "name": name,
        "meta-category": its["meta-category"],
        "description": its["description"],
        "template_uuid": its["uuid"],
        "template_version": str(its["version"]),
        "timestamp": seconds(modified),
        "distribution": INHERITED,
    }


def _attributes(owner: dict[str, Any], values: Values) -> list[dict[str, Any]]:
    known = template(owner["name"])["attributes"]
    made: dict[str, dict[str, Any]] = {}
    for relation, value in values:
        its = known[relation]
        # What a row is about stays when its number changes from version to version: it is the
        # same attribute, and a server puts the new value in the old one's place.
        about = (value.rpartition(":")[0] or value) if its.get("multiple") else ""
        uuid = _uuid(identifier("misp-attribute", owner["uuid"], relation, about))
        attribute = {
            "uuid": uuid,
            "object_relation": relation,
            "type": its["misp-attribute"],
            "category": CATEGORIES.get(its["misp-attribute"], "Other"),
            "value": value,
            "to_ids": False,
            **({"disable_correlation": True} if its.get("disable_correlation") else {}),
        }
        made.setdefault(uuid, attribute)
    return list(made.values())


def _reference(source: str, target: str) -> dict[str, Any]:
    return {
        "uuid": _uuid(identifier("misp-reference", source, target)),
        "object_uuid": source,
        "referenced_uuid": target,
        "relationship_type": "indicates",
    }


def _seen(first: str, last: str) -> dict[str, str]:
    found = {"first_seen": first.replace("Z", "000+00:00")}
    return found | ({"last_seen": last.replace("Z", "000+00:00")} if last else {})


def _uuid(name: str) -> str:
    """Take the UUID of an identifier."""
    return name.rpartition("--")[2]


def seconds(moment: str) -> str:
    """Write a time as MISP's time stamps, in whole seconds.

    Args:
        moment: ISO 8601, UTC.

    Returns:
        Seconds since 1970, as text.

    Example:
        >>> seconds("2026-08-16T09:50:10.000Z")
        '1786873810'
    """
    return str(int(datetime.fromisoformat(moment).astimezone(UTC).timestamp()))


def misp_time(moment: str) -> str:
    """Write a time as a server spells attributes of the type ``datetime``.

    Args:
        moment: ISO 8601, UTC, in milliseconds.

    Returns:
        The same time.

    Example:
        >>> misp_time("2026-08-16T09:50:10.000Z")
        '2026-08-16T09:50:10.000000+0000'
    """
    return moment.replace("Z", "000+0000")
