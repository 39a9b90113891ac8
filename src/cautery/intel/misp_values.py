"""Small values of MISP events as records have them: times, tags, numbers, identifiers."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, NamedTuple

from cautery.intel.identifiers import is_identifier
from cautery.intel.limits import MOST_TEXT
from cautery.intel.peer_documents import fault
from cautery.intel.stix_values import stix_time
from cautery.intel.tlp import parse_label
from cautery.records.indicator import Tlp, tlp_rank

MOST_TAGS = 200
"""Tags of an event or attribute that are looked at."""


class Event(NamedTuple):
    """What an event says of all that is in it."""

    source: str
    """Name of the organisation that made it."""
    source_id: str
    """Its identifier; empty if it has none."""
    labels: tuple[Tlp, ...]
    """Labels of the event."""


def tags_of(owner: Mapping[str, Any], at: str) -> tuple[Tlp, ...]:
    """Read the labels among the tags of an event or attribute.

    Args:
        owner: The event or attribute.
        at: Its place, for messages.

    Returns:
        The labels; a label of this protocol that is unknown counts as amber.

    Raises:
        MalformedFileError: Its tags are none.
    """
    rows = owner.get("Tag", [])
    if not isinstance(rows, list) or len(rows) > MOST_TAGS:
        raise fault(f"{at}.Tag", f"this is no list of at most {MOST_TAGS} tags")
    found: list[Tlp] = []
    for place, row in enumerate(rows):
        name = row.get("name") if isinstance(row, dict) else None
        if not isinstance(name, str):
            raise fault(f"{at}.Tag[{place}]", "this tag has no name")
        if name[:4].lower() == "tlp:":
            found.append(parse_label(name[:MOST_TEXT]) or "amber")
    return tuple(found)


def strictest(*labels: Tlp) -> Tlp:
    """Choose the strictest label; amber if there is none.

    Example:
        >>> strictest("green", "red"), strictest()
        ('red', 'amber')
    """
    return max(labels, key=tlp_rank, default="amber")


def uuid_of(owner: Mapping[str, Any], kind: str, at: str) -> str:
    """Give the identifier that an object or attribute has in STIX.

    Args:
        owner: The object or attribute.
        kind: Type of the STIX object.
        at: Its place, for messages.

    Returns:
        ``kind--uuid``.

    Raises:
        MalformedFileError: It has no UUID.
    """
    name = f"{kind}--{str(owner.get('uuid')).lower()}"
    if not is_identifier(name, kind):
        raise fault(f"{at}.uuid", "this is no UUID")
    return name


def time_of(value: object, at: str) -> str:
    """Read a time in whatever spelling a server or PyMISP gives it.

    Args:
        value: Seconds since 1970, as number or text, or ISO 8601 with a zone.
        at: Its place, for messages.

    Returns:
        ISO 8601, UTC, in milliseconds.

    Raises:
        MalformedFileError: It is no time.
    """
    text = str(value)
    if len(text) > 40 or not isinstance(value, str | int) or isinstance(value, bool):
        raise fault(at, "this is no time")
    try:
        if text.isascii() and text.isdigit():
            moment = datetime.fromtimestamp(int(text), UTC)
        else:
            moment = datetime.fromisoformat(text)
        if moment.tzinfo is None or not 1970 <= moment.year <= 9000:
            raise fault(at, "this is no time with a zone, like 2026-11-30T00:00:00+00:00")
        return stix_time(moment.isoformat())
    except (ValueError, OverflowError, OSError) as error:
        raise fault(at, f"this is no time: {text!r}") from error


def count_of(value: object, at: str) -> int:
    """Read a whole number.

    Args:
        value: A number, or its digits.
        at: Its place, for messages.

    Returns:
        The number.

    Raises:
        MalformedFileError: It is none.
    """
    text = str(value)
    if isinstance(value, bool) or not (text.isascii() and text.isdigit() and len(text) <= 10):
        raise fault(at, "this is no whole number")
    return int(text)


def truth_of(value: object, at: str) -> bool:
    """Read a truth value as MISP and PyMISP write it.

    Args:
        value: A truth value, or what stands for it.
        at: Its place, for messages.

    Returns:
        The truth value.

    Raises:
        MalformedFileError: It is none.
    """
    text = str(value).lower()
    if text not in {"0", "1", "true", "false"}:
        raise fault(at, "this is neither true nor false")
    return text in {"1", "true"}
