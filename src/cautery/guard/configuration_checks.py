"""What one section of a guard's configuration says against another."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final
from urllib.parse import urlsplit

from cautery.guard.configuration_service import faults_of_service, is_loopback
from cautery.guard.configuration_values import header_name
from cautery.records.decision import clash_of

Place = tuple[str, int, str]
"""A section, how many of its name stand before it, and a key; empty for the section itself."""
Found = Iterator[tuple[Place, str]]

_OF_DECISIONS: Final = (
    "snapshot",
    "band",
    "rate",
    "early_warning",
    "shared_template",
    "policy",
    "audit",
    "sharing",
)
"""Sections that say what is decided by."""


def faults_together(sections: Mapping[str, Any]) -> Found:
    """Check sections against each other.

    Args:
        sections: What was read, by name; None where a section is wrong by itself already.

    Yields:
        Where something is wrong, and what.
    """
    yield from _listening(sections)
    if sections.get("decision_service") is not None:
        for name, text in faults_of_service(sections["decision_service"], sections.get("guard")):
            yield ("decision_service", 0, name), f"[decision_service] {text}"
    yield from _headers(sections)
    yield from _deciding(sections)
    yield from _rules(sections)
    yield from _recognising(sections)


def _listening(sections: Mapping[str, Any]) -> Found:
    guard, upstream, tls = (sections.get(name) for name in ("guard", "upstream", "tls"))
    if guard is not None and guard.listen is None and "upstream" in sections:
        yield ("guard", 0, ""), "[guard] needs listen"
    if guard is not None and guard.listen and guard.admin == guard.listen and guard.listen.port:
        yield ("guard", 0, "admin"), "[guard] admin must not be where clients are served"
    for path in guard.paths if guard is not None else ():
        if not path.startswith("/"):
            yield ("guard", 0, "paths"), "[guard] paths must begin with a slash"
    inside = sections.get("inside")
    if inside is not None and not all(path.startswith("/") for path in inside.paths):
        yield ("inside", 0, "paths"), "[inside] paths must begin with a slash"
    if inside is not None and not all(path.startswith("/") for path in inside.open_paths):
        yield ("inside", 0, "open_paths"), "[inside] open_paths must begin with a slash"
    if inside is not None and any(not path.rstrip("/") for path in inside.open_paths):
        yield ("inside", 0, "open_paths"), "[inside] open_paths must not be everything"
    if upstream is not None and upstream.credential_file and upstream.credential == "remove":
        yield (
            ("upstream", 0, "credential"),
            "[upstream] credential and credential_file cannot both be given",
        )
    identity = sections.get("identity")
    if guard is not None and guard.workers > 1 and identity and not identity.pepper_file:
        yield (
            ("guard", 0, "workers"),
            "[identity] needs pepper_file with several workers, which must name accounts alike",
        )
    if tls is not None and tls.client_certificates == "optional" and not tls.client_authorities:
        yield (
            ("tls", 0, "client_certificates"),
            "[tls] client_certificates says nothing without client_authorities",
        )


def _headers(sections: Mapping[str, Any]) -> Found:
    stripped, watermark = sections.get("stripped"), sections.get("watermark")
    for name in stripped.headers if stripped is not None else ():
        if not header_name(name):
            yield ("stripped", 0, "headers"), "[stripped] headers must be lower case"
    if watermark is not None and watermark.header and not header_name(watermark.header):
        yield ("watermark", 0, "header"), "[watermark] header must be lower case"
    for index, webhook in enumerate(sections.get("webhook", ())):
        if webhook is not None and not _is_private(webhook.url):
            yield ("webhook", index, "url"), "[[webhook]] url must begin with https://"
    certificates, identity = sections.get("certificates"), sections.get("identity")
    if certificates is None:
        return
    if not header_name(certificates.header):
        yield ("certificates", 0, "header"), "[certificates] header must be lower case"
    if identity is not None and not identity.trusted_proxies:
        yield (
            ("certificates", 0, ""),
            "[certificates] needs trusted_proxies in [identity]: a header of anybody says nothing",
        )


def _deciding(sections: Mapping[str, Any]) -> Found:
    if "decision" not in sections:
        for name in _OF_DECISIONS:
            if sections.get(name):
                shown = f"[[{name}]]" if name in {"band", "rate"} else f"[{name}]"
                yield (name, 0, ""), f"{shown} needs a section [decision]"
    decision = sections.get("decision")
    if decision is None:
        return
    for fault in sorted({*decision.fail_open} & {*decision.fail_closed}):
        yield ("decision", 0, "fail_closed"), f"[decision] cannot fail open and closed at {fault}"
    audit = sections.get("audit")
    if audit is None and "audit-failed" in (*decision.fail_open, *decision.fail_closed):
        yield ("decision", 0, ""), "[decision] audit-failed says nothing without [audit]"
    if audit is not None and audit.mode == "best-effort" and "audit-failed" in decision.fail_closed:
        yield (
            ("audit", 0, "mode"),
            "[audit] mode best-effort waits for no record, so that it cannot fail closed",
        )


def _rules(sections: Mapping[str, Any]) -> Found:
    names: set[str] = set()
    bands: set[str] = set()
    degrade = sections.get("degrade")
    has_tiers = degrade is not None and degrade.tiers is not None
    if degrade is not None and degrade.usual_tier and not has_tiers:
        yield ("degrade", 0, "usual_tier"), "[degrade] usual_tier needs tiers"
    for index, band in enumerate(sections.get("band", ())):
        if band is None:
            continue
        if band.band in bands:
            yield ("band", index, "band"), f"[[band]] '{band.band}' has a rule already"
        bands.add(band.band)
        yield from _named(
            ("band", index, "name"), band.name or f"band-{band.band}".replace(" ", "-"), names
        )
        yield from _degrades(("band", index, "action"), band, has_tiers)
    for index, rate in enumerate(sections.get("rate", ())):
        if rate is None:
            continue
        yield from _named(("rate", index, "name"), rate.name, names)
        if rate.shared and "sharing" not in sections:
            yield ("rate", index, "shared"), "[[rate]] is shared, and there is no [sharing]"
    for name in ("early_warning", "shared_template"):
        if sections.get(name) is not None:
            yield from _named((name, 0, ""), name.replace("_", "-"), names)
            yield from _degrades((name, 0, "action"), sections[name], has_tiers)
    if "sharing" in sections and not any(one and one.shared for one in sections["rate"]):
        yield ("sharing", 0, ""), "[sharing] shares nothing: no [[rate]] says shared = true"


def _named(place: Place, name: str, names: set[str]) -> Found:
    if not name.strip():
        yield place, "a rule needs a name"
    if name in names:
        yield place, f"two rules are called '{name}'"
    names.add(name)


def _degrades(place: Place, section: Any, has_tiers: bool) -> Found:
    name, index, _ = place
    if section.action == "degrade" and not (section.degradations or section.defence_tier):
        yield place, "an action degrade needs degradations or a defence_tier"
    if section.degradations and section.defence_tier:
        yield (
            (name, index, "defence_tier"),
            "degradations and a defence_tier cannot both be given: the tier says what is done",
        )
    if section.defence_tier and not has_tiers:
        yield (name, index, "defence_tier"), "a defence_tier needs tiers in [degrade]"
    if clash := clash_of(section.degradations):
        yield (
            (name, index, "degradations"),
            f"{clash[0]} and {clash[1]} clash, as the first leaves nothing to the second",
        )


def _recognising(sections: Mapping[str, Any]) -> Found:
    issuers = sections.get("issuer", ())
    if "keys" not in sections and not issuers:
        if "proofs" in sections:
            yield ("proofs", 0, ""), "[proofs] needs [keys] or an [[issuer]]"
        if "certificates" in sections:
            yield ("certificates", 0, ""), "[certificates] needs [keys] or an [[issuer]]"
    seen: set[str] = set()
    for index, issuer in enumerate(issuers):
        if issuer is not None and issuer.issuer in seen:
            yield ("issuer", index, "issuer"), "[[issuer]] is there twice"
        seen.add(issuer.issuer if issuer is not None else "")
    sharing = sections.get("key_sharing")
    if sharing is not None and max(sharing.networks, sharing.networks_at_once) > (
        sharing.most_networks
    ):
        yield (
            ("key_sharing", 0, "most_networks"),
            "[key_sharing] most_networks must be at least networks and networks_at_once",
        )


def _is_private(url: str) -> bool:
    parts = urlsplit(url)
    return parts.scheme == "https" or is_loopback(parts.hostname or "")
