"""A record, and the salted commitment to it that is the log's leaf.

The leaf tells nothing: it is HMAC-SHA-256 under 32 random bytes of the record's own, which lie
beside the record. With record and salt anybody checks the leaf; once both are destroyed nobody can
tell what it stood for, and the tree still verifies.
"""

from __future__ import annotations

import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

import msgspec

from cautery.errors import LedgerError, UsageError
from cautery.ledger.canonical_json import canonical_json

SALT_BYTES: Final = 32
ENTRY_BYTES: Final = 33
"""One byte for the version, then the commitment."""
MOST_RECORD_BYTES: Final = 1 << 20
"""Longest record in its canonical spelling."""
RECORD_VERSION: Final = 1
_DOMAIN: Final = b"cautery.ledger/1\n"
_ENTRY_VERSION: Final = b"\x01"
_MEMBERS: Final = frozenset({"kind", "record", "version", "written_at"})
_TIME_FORMAT: Final = "%Y-%m-%dT%H:%M:%S.%fZ"


@dataclass(frozen=True, slots=True, kw_only=True)
class LedgerRecord:
    """What was written at one place of the ledger."""

    position: int
    """Place in the log, from 0."""
    kind: str
    """What it is, for example ``decision``."""
    record: Mapping[str, Any]
    """What was written."""
    written_at: datetime
    """When, by the writer's clock; UTC."""
    salt: bytes
    """The salt of its commitment."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ErasedRecord:
    """A place whose record and salt were destroyed."""

    position: int
    """Place in the log, from 0."""


def canonical_record(kind: str, record: Mapping[str, Any], written_at: datetime) -> bytes:
    """Write a record in the spelling that is committed to.

    Args:
        kind: What it is; not empty.
        record: Plain values that JSON can hold.
        written_at: With a time zone.

    Returns:
        UTF-8, at most ``MOST_RECORD_BYTES``.

    Raises:
        UsageError: It cannot be written so.
    """
    if not kind:
        raise UsageError("a record needs a kind")
    content = canonical_json(
        {
            "kind": kind,
            "record": record,
            "version": RECORD_VERSION,
            "written_at": time_text(written_at),
        }
    )
    if len(content) > MOST_RECORD_BYTES:
        raise UsageError(f"a record of {len(content):,} bytes is too long for the ledger")
    return content


def read_record(position: int, content: bytes, salt: bytes) -> LedgerRecord:
    """Read a record from its canonical spelling.

    Args:
        position: Its place.
        content: UTF-8.
        salt: Its salt.

    Returns:
        The record.

    Raises:
        LedgerError: It is no record.
    """
    try:
        value = msgspec.json.decode(content)
    except (msgspec.DecodeError, ValueError, RecursionError) as error:
        raise LedgerError(f"record {position} cannot be read: {error}") from error
    if not isinstance(value, dict) or value.keys() != _MEMBERS:
        raise LedgerError(f"record {position} has not the members of a record")
    kind, record, written_at = value["kind"], value["record"], value["written_at"]
    if not isinstance(kind, str) or not isinstance(record, dict):
        raise LedgerError(f"record {position} has not the members of a record")
    return LedgerRecord(
        position=position,
        kind=kind,
        record=record,
        written_at=read_time(written_at, f"record {position}"),
        salt=salt,
    )


def entry_of(content: bytes, salt: bytes) -> bytes:
    """Commit to a record.

    Args:
        content: Its canonical spelling.
        salt: Its own 32 random bytes.

    Returns:
        The log's entry.
    """
    return _ENTRY_VERSION + hmac.digest(salt, _DOMAIN + content, "sha256")


def time_text(time: datetime) -> str:
    """Write a time as the ledger does: UTC, with microseconds.

    Raises:
        UsageError: It has no time zone.
    """
    if time.tzinfo is None:
        raise UsageError("a time in the ledger needs a time zone")
    # Quicker than strftime, and years below 1000 have four digits everywhere.
    return time.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="microseconds") + "Z"


def read_time(text: Any, where: str) -> datetime:
    """Read a time as the ledger writes it.

    Raises:
        LedgerError: It is none.
    """
    try:
        time = datetime.strptime(text, _TIME_FORMAT).replace(tzinfo=UTC)
    except (TypeError, ValueError) as error:
        raise LedgerError("a time is not as the ledger writes it", where=where) from error
    if time_text(time) != text:
        raise LedgerError("a time is not as the ledger writes it", where=where)
    return time
