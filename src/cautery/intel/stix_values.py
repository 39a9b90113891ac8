"""Times, texts and markings as every STIX object of ours writes them."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from cautery.intel.tlp import MARKINGS
from cautery.records.bulletin import Bulletin


def stix_time(moment: str) -> str:
    """Write a time of a record as STIX does, in milliseconds.

    Args:
        moment: ISO 8601, UTC.

    Returns:
        The same time.

    Example:
        >>> stix_time("2026-08-16T09:50:10Z")
        '2026-08-16T09:50:10.000Z'
    """
    read = datetime.fromisoformat(moment).astimezone(UTC)
    return f"{read:%Y-%m-%dT%H:%M:%S}.{read.microsecond // 1000:03d}Z"


def shared_object(
    kind: str, identity: str, bulletin: Bulletin, created: str, **properties: Any
) -> dict[str, Any]:
    """Write what all objects of a bulletin have, and some properties.

    Args:
        kind: Type of the object.
        identity: Its identifier.
        bulletin: What it is part of: its creator, version and marking.
        created: When it was first true, ISO 8601, UTC.
        properties: The others; None leaves one out.

    Returns:
        The object.
    """
    return {
        "type": kind,
        "spec_version": "2.1",
        "id": identity,
        "created_by_ref": bulletin.provider_ref,
        "created": stix_time(min(created, bulletin.made_at)),
        "modified": stix_time(bulletin.made_at),
        "object_marking_refs": [MARKINGS[bulletin.tlp]],
        **{name: value for name, value in properties.items() if value is not None},
    }
