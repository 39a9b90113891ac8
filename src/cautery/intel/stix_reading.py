"""Indicators out of a peer's STIX 2.1 objects, trusting nothing in them.

Either all of a file is read or nothing: what is plainly wrong is an error with its place, what is
merely unknown here is passed over and counted. References are never followed more than one step,
so that a circle of them has nothing to turn in.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, Final

from cautery.intel.identifiers import is_identifier
from cautery.intel.limits import (
    DEEPEST,
    MOST_INDICATORS,
    MOST_OBJECTS,
    MOST_SKIPPED,
    MOST_TEXT,
)
from cautery.intel.peer_documents import document_of, fault
from cautery.intel.stix_indicators import UnreadableError, indicators_of
from cautery.records.bulletin import Received, Skipped
from cautery.records.indicator import Indicator

_REFERENCES: Final = {
    "created_by_ref": "identity",
    "sighting_of_ref": "",
    "source_ref": "",
    "target_ref": "",
}
"""Members that name one other object, and of which type it must be."""


def read_bundle(content: bytes, where: str) -> Received:
    """Read a file of STIX.

    Args:
        content: A bundle.
        where: The file's name, for messages.

    Returns:
        Its indicators, in the order of the file.

    Raises:
        MalformedFileError: It is no bundle, too large, or an object in it is not as it must be.
    """
    bundle = document_of(content, where)
    if not isinstance(bundle, dict) or bundle.get("type") != "bundle":
        raise fault(where, "this is not a STIX bundle")
    if not is_identifier(bundle.get("id"), "bundle"):
        raise fault(f"{where}: id", "this is no identifier of a bundle")
    objects = bundle.get("objects", [])
    if not isinstance(objects, list):
        raise fault(f"{where}: objects", "this is not a list")
    return read_objects(objects, where)


def read_objects(objects: Sequence[Any], where: str) -> Received:
    """Read STIX objects, from a bundle or an envelope.

    Args:
        objects: What JSON gave.
        where: Where they are from, for messages.

    Returns:
        Their indicators, in order.

    Raises:
        MalformedFileError: There are too many, or one is not as it must be.
    """
    if len(objects) > MOST_OBJECTS:
        raise fault(where, f"{len(objects):,} objects are more than the {MOST_OBJECTS:,} read")
    for place, each in enumerate(objects):
        _check_object(each, f"{where}: objects[{place}]")
    names = {each["id"]: _text(each.get("name")) for each in objects if each["type"] == "identity"}
    indicated = dict(_indicated(objects))
    versions: dict[tuple[str, str], Any] = {}
    found: list[Indicator] = []
    skipped: list[Skipped] = []
    count = 0
    for place, each in enumerate(objects):
        if each["type"] != "indicator":
            continue
        at = f"{where}: objects[{place}]"
        if not _is_new(each, versions, at):
            continue
        try:
            found += indicators_of(each, at, names, indicated.get(each["id"], ""))
        except UnreadableError as error:
            count += 1
            if len(skipped) < MOST_SKIPPED:
                skipped.append(Skipped(place=each["id"], reason=str(error)))
        if len(found) > MOST_INDICATORS:
            raise fault(
                where,
                f"it has more than the {MOST_INDICATORS:,} indicators that are taken at once",
            )
    return Received(indicators=tuple(found), skipped=tuple(skipped), skipped_count=count)


def _check_object(each: Any, where: str) -> None:
    """Look at what every object must have, known or not."""
    if not isinstance(each, dict):
        raise fault(where, "this is no STIX object")
    kind = each.get("type")
    if not isinstance(kind, str) or not is_identifier(each.get("id"), kind):
        raise fault(where, "its id is no identifier of its type")
    # Objects of STIX 2.0 have no spec_version, and other members.
    if kind != "bundle" and each.get("spec_version", "2.1") != "2.1":
        raise fault(f"{where}.spec_version", "this is not STIX 2.1")
    if _depth(each, DEEPEST) > DEEPEST:
        raise fault(where, f"it is nested deeper than {DEEPEST} levels")
    for name, wanted in _REFERENCES.items():
        if name in each and not is_identifier(each[name], wanted):
            raise fault(
                f"{where}.{name}", f"this is no identifier{f' of an {wanted}' * bool(wanted)}"
            )
    if kind == "relationship" and each.get("source_ref") == each.get("target_ref"):
        raise fault(f"{where}.target_ref", "this relationship leads back to where it starts")


def _depth(value: Any, most: int) -> int:
    """Levels of lists and objects, counted without recursion."""
    level = [value]
    for depth in range(most + 1):
        level = [
            below
            for each in level
            for below in (each.values() if isinstance(each, dict) else each)
            if isinstance(below, dict | list)
        ]
        if not level:
            return depth + 1
    return most + 1


def _indicated(objects: Sequence[Any]) -> Iterator[tuple[str, str]]:
    """Which campaign each indicator indicates; the last relationship holds."""
    for each in objects:
        if each["type"] == "relationship" and each.get("relationship_type") == "indicates":
            source, target = each.get("source_ref"), each.get("target_ref")
            if is_identifier(source, "indicator") and is_identifier(target, "campaign"):
                yield source, target


def _is_new(each: Any, versions: dict[tuple[str, str], Any], where: str) -> bool:
    """Whether a version is there for the first time; two that differ contradict each other."""
    key = (each["id"], str(each.get("modified")))
    earlier = versions.setdefault(key, each)
    if earlier is each:
        return True
    if earlier == each:
        return False
    raise fault(where, f"it contradicts the other object of the version {key[1][:40]}")


def _text(value: object) -> str:
    return value[:MOST_TEXT] if isinstance(value, str) else ""
