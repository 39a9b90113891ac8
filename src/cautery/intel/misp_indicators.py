"""One MISP object or attribute of a peer as an indicator: ours by its template, others' by type."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Final

from cautery.intel.keyed_values import SCHEME, normal_value
from cautery.intel.limits import MOST_BANDS
from cautery.intel.misp_values import (
    Event,
    count_of,
    strictest,
    tags_of,
    time_of,
    truth_of,
    uuid_of,
)
from cautery.intel.peer_documents import fault
from cautery.intel.stix_indicators import (
    USUAL_VALID_DAYS,
    UnreadableError,
    common_fields,
    stated_value,
)
from cautery.intel.stix_values import stix_time
from cautery.intel.tlp import MARKINGS
from cautery.records.indicator import Indicator, IndicatorKind

CLEAR_RELATIONS: Final[dict[str, IndicatorKind]] = {
    "address": "address",
    "autonomous-system": "autonomous_system",
    "network": "network",
    "tls-fingerprint": "tls_fingerprint",
}
"""Kinds of our attributes in clear, by relation."""
MOST_ATTRIBUTES: Final = MOST_BANDS + 32
"""Attributes of one object of ours."""

Row = tuple[Mapping[str, Any], str]
"""An attribute and its place."""


def own_indicator(each: Mapping[str, Any], event: Event, at: str) -> Indicator:
    """Read an object of ours.

    Args:
        each: The object.
        event: What it is part of.
        at: Its place, for messages.

    Returns:
        The indicator.

    Raises:
        MalformedFileError: It is not as its template says.
        UnreadableError: It is none that this program looks for.
    """
    rows = _rows(each, at)
    looked_for, value = _value(rows, at)
    start = time_of(each.get("first_seen"), f"{at}.first_seen")
    modified = _time(rows, "modified", at)
    revoked = _one(rows, "revoked", at)
    members = {
        "id": uuid_of(each, "indicator", at),
        "created_by_ref": event.source_id,
        "created": _time(rows, "created", at) if "created" in rows else start,
        "modified": modified,
        "valid_from": start,
        "valid_until": _time(rows, "valid-until", at),
        "confidence": _count(rows, "confidence", at),
        "revoked": revoked is not None and truth_of(revoked[0].get("value"), f"{revoked[1]}.value"),
        "object_marking_refs": [
            MARKINGS[strictest(*event.labels, *tags_of(looked_for[0], looked_for[1]))]
        ],
    }
    value["accounts"] = _count(rows, "accounts", at) if "accounts" in rows else 0
    if each.get("last_seen") is not None:
        value["last_seen"] = time_of(each["last_seen"], f"{at}.last_seen")
    names = {event.source_id: event.source}
    common = common_fields(members, at, names, _campaign(each, at))
    return Indicator(**common, **stated_value(value, at))


def _rows(each: Mapping[str, Any], at: str) -> dict[str, list[Row]]:
    listed = each.get("Attribute", [])
    if not isinstance(listed, list) or len(listed) > MOST_ATTRIBUTES:
        raise fault(f"{at}.Attribute", f"this is no list of at most {MOST_ATTRIBUTES}")
    found: dict[str, list[Row]] = {}
    for place, row in enumerate(listed):
        its = f"{at}.Attribute[{place}]"
        if not isinstance(row, dict):
            raise fault(its, "this is no attribute")
        if row.get("deleted") not in (True, "1", 1):
            found.setdefault(str(row.get("object_relation")), []).append((row, its))
    return found


def _one(rows: Mapping[str, list[Row]], relation: str, at: str) -> Row | None:
    found = rows.get(relation, [])
    if len(found) > 1:
        raise fault(f"{found[1][1]}", f"there is more than one {relation}")
    return found[0] if found else None


def _needed(rows: Mapping[str, list[Row]], relation: str, at: str) -> Row:
    found = _one(rows, relation, at)
    if found is None:
        raise fault(at, f"it has no {relation}")
    return found


def _time(rows: Mapping[str, list[Row]], relation: str, at: str) -> str:
    row, its = _needed(rows, relation, at)
    return time_of(row.get("value"), f"{its}.value")


def _count(rows: Mapping[str, list[Row]], relation: str, at: str) -> int:
    row, its = _needed(rows, relation, at)
    return count_of(row.get("value"), f"{its}.value")


def _value(rows: Mapping[str, list[Row]], at: str) -> tuple[Row, dict[str, Any]]:
    """Find what is to be looked for, and say it as our STIX extension does."""
    names = [name for name in (*CLEAR_RELATIONS, "keyed-value") if name in rows]
    if len(names) != 1:
        raise fault(at, "it has not just one value")
    found = _needed(rows, names[0], at)
    kind = _needed(rows, "kind", at)[0].get("value")
    text = found[0].get("value")
    if not isinstance(text, str):
        raise fault(f"{found[1]}.value", "this is no text")
    if names[0] in CLEAR_RELATIONS:
        known = CLEAR_RELATIONS[names[0]]
        if kind != known:
            raise fault(f"{found[1]}.value", f"this is no value of the kind {str(kind)[:40]}")
        # A server may spell an autonomous system with or without its letters.
        spelled = normal_value(known, text) if known == "autonomous_system" else text
        return found, {"kind": kind, "form": "clear", "value": spelled}
    scheme, _, rest = text.partition(":")
    key_id, _, digest = rest.rpartition(":")
    if scheme != SCHEME:
        raise fault(f"{found[1]}.value", f"this is no value keyed by {SCHEME}")
    stated = {"kind": kind, "form": "keyed", "value": digest, "key_id": key_id}
    return found, stated | {"bands": _bands(rows, key_id)}


def _bands(rows: Mapping[str, list[Row]], key_id: str) -> list[str]:
    """Put the bands in order: a server gives attributes in any."""
    listed = rows.get("band", [])
    found: dict[int, str] = {}
    for row, its in listed:
        text = row.get("value")
        key, _, rest = text.rpartition(":") if isinstance(text, str) else ("", "", "")
        key, _, place = key.rpartition(":")
        if key != key_id or not (place.isascii() and place.isdigit() and len(place) <= 3):
            raise fault(f"{its}.value", "this is no band of this value's key, KEY:PLACE:DIGITS")
        if int(place) in found:
            raise fault(f"{its}.value", f"band {int(place)} is there twice")
        found[int(place)] = rest
    if sorted(found) != list(range(len(found))):
        raise fault(listed[0][1], "a band before the last one is missing")
    return [found[place] for place in sorted(found)]


def _campaign(each: Mapping[str, Any], at: str) -> str:
    """Which campaign it indicates; the last reference holds."""
    rows = each.get("ObjectReference", [])
    if not isinstance(rows, list):
        raise fault(f"{at}.ObjectReference", "this is no list")
    found = ""
    for place, row in enumerate(rows):
        its = f"{at}.ObjectReference[{place}]"
        if not isinstance(row, dict):
            raise fault(its, "this is no reference")
        if row.get("relationship_type") == "indicates":
            found = uuid_of({"uuid": row.get("referenced_uuid")}, "campaign", its)
    return found


_FOREIGN: Final[dict[str, IndicatorKind]] = {"ip-src": "address", "AS": "autonomous_system"}
"""Types of others' attributes that say what a log of exchanges shows: where clients are. What
``ip-dst`` names are servers."""


def foreign_indicator(each: Mapping[str, Any], event: Event, at: str) -> Indicator:
    """Read an attribute of another tool.

    Args:
        each: The attribute.
        event: What it is part of.
        at: Its place, for messages.

    Returns:
        The indicator.

    Raises:
        MalformedFileError: It is not as MISP says.
        UnreadableError: It is none that this program looks for.
    """
    kind, text = _FOREIGN.get(str(each.get("type"))), each.get("value")
    if kind is None or not isinstance(text, str):
        raise UnreadableError("it is no source address, network or autonomous system")
    if each.get("to_ids") not in (True, "1", 1):
        raise UnreadableError("its source does not say that it is to be looked for")
    if kind == "address" and "/" in text:
        kind = "network"
    value = normal_value(kind, text)
    if not value or (kind == "network" and value != text):
        raise UnreadableError("it is no address, no network of the size that logs are grouped by")
    stamp = time_of(each.get("timestamp"), f"{at}.timestamp")
    start = time_of(each["first_seen"], f"{at}.first_seen") if each.get("first_seen") else stamp
    seen = time_of(each["last_seen"], f"{at}.last_seen") if each.get("last_seen") else ""
    members = {
        "id": uuid_of(each, "indicator", at),
        "created_by_ref": event.source_id,
        "created": min(start, stamp),
        "modified": stamp,
        "valid_from": start,
        "valid_until": _after(max(start, seen)),
        "object_marking_refs": [MARKINGS[strictest(*event.labels, *tags_of(each, at))]],
    }
    names = {event.source_id: event.source}
    under: dict[str, Any] = {"kind": kind, "form": "clear", "value": value}
    if seen:
        under["last_seen"] = seen
    return Indicator(**common_fields(members, at, names, ""), **stated_value(under, at))


def _after(moment: str) -> str:
    later = datetime.fromisoformat(moment) + timedelta(days=USUAL_VALID_DAYS)
    return stix_time(later.isoformat())
