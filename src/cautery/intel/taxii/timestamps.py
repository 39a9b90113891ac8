"""Times as TAXII and STIX write them (RFC 3339, in UTC), exact to what is needed of each.

The server's own times are whole microseconds. A version of an object may be written with any number
of digits; it is kept as text that sorts as the times do.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import Final

_TIMESTAMP: Final = re.compile(
    r"([0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2})(?:\.([0-9]{1,30}))?Z"
)
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND: Final = timedelta(microseconds=1)
_STIX_DIGITS: Final = 3
"""STIX writes at least milliseconds (STIX 2.1, section 3.2)."""


def microseconds_of(text: str) -> int | None:
    """Read a time as microseconds since 1970.

    Args:
        text: A timestamp; digits past the sixth are cut off, which keeps "later than" exact for
            times that are whole microseconds.

    Returns:
        The microseconds, or None if it is no timestamp.

    Example:
        >>> microseconds_of("1970-01-01T00:00:01.5Z")
        1500000
        >>> microseconds_of("1970-02-30T00:00:00Z") is None
        True
    """
    match = _TIMESTAMP.fullmatch(text)
    seconds = _seconds_of(match[1]) if match else None
    if match is None or seconds is None:
        return None
    return seconds * 10**6 + int((match[2] or "")[:6].ljust(6, "0"))


def timestamp_of(microseconds: int) -> str:
    """Write microseconds since 1970 as a timestamp with six digits.

    Args:
        microseconds: The time.

    Returns:
        The timestamp.

    Example:
        >>> timestamp_of(1_500_000)
        '1970-01-01T00:00:01.500000Z'
    """
    time = _EPOCH + microseconds * _MICROSECOND
    return f"{time:%Y-%m-%dT%H:%M:%S}.{time.microsecond:06}Z".rjust(27, "0")


def version_key(text: str) -> str | None:
    """Bring a version to the one form in which equal times are equal and texts sort as times.

    Args:
        text: A timestamp.

    Returns:
        It without ``Z`` and without zeros at its end, or None if it is no timestamp.

    Example:
        >>> version_key("2026-01-02T03:04:05.100Z"), version_key("2026-01-02T03:04:05.000Z")
        ('2026-01-02T03:04:05.1', '2026-01-02T03:04:05')
    """
    match = _TIMESTAMP.fullmatch(text)
    if match is None or _seconds_of(match[1]) is None:
        return None
    digits = (match[2] or "").rstrip("0")
    return f"{match[1]}.{digits}" if digits else match[1]


def version_text(key: str) -> str:
    """Write a version's key as a timestamp again.

    Args:
        key: As ``version_key`` gives it.

    Returns:
        A timestamp with at least three digits of a second.

    Example:
        >>> version_text("2026-01-02T03:04:05.1")
        '2026-01-02T03:04:05.100Z'
    """
    whole, _, digits = key.partition(".")
    return f"{whole}.{digits.ljust(_STIX_DIGITS, '0')}Z"


def _seconds_of(text: str) -> int | None:
    try:
        year, month, day = int(text[:4]), int(text[5:7]), int(text[8:10])
        hour, minute, second = int(text[11:13]), int(text[14:16]), int(text[17:19])
        time = datetime(year, month, day, hour, minute, second, tzinfo=UTC)
    except ValueError:
        return None
    return (time - _EPOCH) // timedelta(seconds=1)
