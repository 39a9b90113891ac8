"""Times, texts and markings as every STIX object of ours writes them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from cautery.errors import InputError
from cautery.intel.tlp import MARKINGS
from cautery.records.bulletin import Bulletin


def stix_time(moment: str) -> str:
    """Write a time of a record as STIX does, in milliseconds.

    Args:
        moment: ISO 8601, UTC.

    Returns:
        The same time.

    Raises:
        InputError: It is no time.

    Example:
        >>> stix_time("2026-08-16T09:50:10Z")
        '2026-08-16T09:50:10.000Z'
    """
    return _spelled(_moment(moment))


def days_after(moment: str, days: int) -> str:
    """Write the time some days after another.

    Args:
        moment: ISO 8601, UTC.
        days: How many days later.

    Returns:
        The later time.

    Raises:
        InputError: One of them is no time.

    Example:
        >>> days_after("2026-08-16T09:50:10Z", 30)
        '2026-09-15T09:50:10.000Z'
    """
    try:
        return _spelled(_moment(moment) + timedelta(days=days))
    except OverflowError as error:
        raise _no_time(moment) from error


def _moment(text: str) -> datetime:
    try:
        read = datetime.fromisoformat(text)
        return (read if read.tzinfo else read.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise _no_time(text) from error


def _spelled(moment: datetime) -> str:
    # Of the same length for every year, so that the order of texts is that of times.
    return f"{moment.isoformat(timespec='milliseconds').removesuffix('+00:00')}Z"


def _no_time(text: str) -> InputError:
    return InputError(f"a time in the case is none: {text[:40]!r}", hint="Scan the log again.")


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
