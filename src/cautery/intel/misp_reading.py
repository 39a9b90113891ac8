"""Indicators out of a peer's MISP events, trusting nothing in them.

Ours are read from our objects; of other events, attributes that say what a log of exchanges shows
(source addresses, networks, autonomous systems) and are there to be looked for. All or nothing,
as with STIX; references are followed one step.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final, NamedTuple

from cautery.intel.identifiers import is_identifier
from cautery.intel.limits import (
    MOST_INDICATORS,
    MOST_OBJECTS,
    MOST_SKIPPED,
    MOST_TEXT,
)
from cautery.intel.misp_indicators import foreign_indicator, own_indicator
from cautery.intel.misp_templates import CAMPAIGN, INDICATOR, template
from cautery.intel.misp_values import Event, tags_of
from cautery.intel.peer_documents import document_of, fault
from cautery.intel.stix_indicators import UnreadableError
from cautery.records.bulletin import Received, Skipped
from cautery.records.indicator import Indicator

MOST_EVENTS: Final = 1_000
"""Events of one file."""


class _Part(NamedTuple):
    """An object of ours or an attribute of others."""

    what: Mapping[str, Any]
    place: str
    event: Event
    own: bool


def read_events(content: bytes, where: str) -> Received:
    """Read a file of MISP: an event, a list of events, or what a server answers.

    Args:
        content: The file.
        where: Its name, for messages.

    Returns:
        Its indicators, in the order of the file.

    Raises:
        MalformedFileError: It is no event, too large, or a part of it is not as it must be.
    """
    document = document_of(content, where)
    found: dict[tuple[str, str], Indicator] = {}
    skipped: list[Skipped] = []
    count = 0
    for looked, part in enumerate(_parts(document, where)):
        if looked >= MOST_OBJECTS:
            raise fault(where, f"it has more than the {MOST_OBJECTS:,} parts that are looked at")
        try:
            made = (own_indicator if part.own else foreign_indicator)(
                part.what, part.event, part.place
            )
        except UnreadableError as error:
            count += 1
            if len(skipped) < MOST_SKIPPED:
                skipped.append(Skipped(place=part.place, reason=str(error)))
            continue
        _keep(found, made, part.place)
        if len(found) > MOST_INDICATORS:
            raise fault(
                where,
                f"it has more than the {MOST_INDICATORS:,} indicators that are taken at once",
            )
    return Received(indicators=tuple(found.values()), skipped=tuple(skipped), skipped_count=count)


def _keep(found: dict[tuple[str, str], Indicator], made: Indicator, place: str) -> None:
    """Keep a version once; two that differ contradict each other."""
    earlier = found.setdefault((made.indicator_id, made.modified), made)
    if earlier != made:
        raise fault(place, f"it contradicts the other one of the version {made.modified}")


def _parts(document: Any, where: str) -> Iterator[_Part]:
    for place, raw in enumerate(_events(document, where)):
        at = f"{where}: Event" if place == 0 else f"{where}: [{place}].Event"
        event = _event(raw, at)
        for each, its in _listed(raw, "Attribute", at):
            yield _Part(each, its, event, own=False)
        for each, its in _listed(raw, "Object", at):
            if each.get("template_uuid") == template(INDICATOR)["uuid"]:
                yield _Part(each, its, event, own=True)
                continue
            # Attributes of a campaign of ours are numbers, none of them to be looked for.
            if each.get("template_uuid") != template(CAMPAIGN)["uuid"]:
                for attribute, inner in _listed(each, "Attribute", its):
                    yield _Part(attribute, inner, event, own=False)


def _events(document: Any, where: str) -> list[Any]:
    """Find the events in whatever wraps them: a server's answer, a list, or nothing."""
    inner = document
    if isinstance(inner, dict) and "response" in inner:
        inner = inner["response"]
    rows = inner if isinstance(inner, list) else [inner]
    if len(rows) > MOST_EVENTS:
        raise fault(where, f"{len(rows):,} events are more than the {MOST_EVENTS:,} read at once")
    found = []
    for row in rows:
        # PyMISP writes an event bare.
        event = row.get("Event", row) if isinstance(row, dict) else None
        if not (isinstance(event, dict) and {"uuid", "info"} <= event.keys()):
            raise fault(where, "this is not a MISP event")
        found.append(event)
    return found


def _event(raw: Mapping[str, Any], at: str) -> Event:
    creator = raw.get("Orgc", {})
    if not isinstance(creator, dict):
        raise fault(f"{at}.Orgc", "this is no organisation")
    source_id = ""
    if "uuid" in creator:
        source_id = f"identity--{str(creator['uuid']).lower()}"
        if not is_identifier(source_id, "identity"):
            raise fault(f"{at}.Orgc.uuid", "this is no UUID")
    name = creator.get("name")
    return Event(
        source=name[:MOST_TEXT] if isinstance(name, str) else "",
        source_id=source_id,
        labels=tags_of(raw, at),
    )


def _listed(owner: Mapping[str, Any], name: str, at: str) -> Iterator[tuple[Any, str]]:
    rows = owner.get(name, [])
    if not isinstance(rows, list):
        raise fault(f"{at}.{name}", "this is no list")
    for place, row in enumerate(rows):
        its = f"{at}.{name}[{place}]"
        if not isinstance(row, dict):
            raise fault(its, f"this is no {name.lower()}")
        if row.get("deleted") not in (True, "1", 1):
            yield row, its
