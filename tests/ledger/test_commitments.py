"""Records, their one spelling, and the commitment that is the log's leaf."""

from __future__ import annotations

import hashlib
import hmac
from datetime import UTC, datetime, timedelta, timezone

import pytest
from tests.ledger.ledgers import NOW

from cautery.errors import LedgerError, UsageError
from cautery.ledger.commitments import (
    ENTRY_BYTES,
    MOST_RECORD_BYTES,
    canonical_record,
    entry_of,
    read_record,
    read_time,
    time_text,
)

SALT = bytes(range(32))
SPELLED = (
    b'{"kind":"decision","record":{"a":1,"b":"\xc3\xa9"},"version":1,'
    b'"written_at":"2026-11-29T12:00:00.000000Z"}'
)


def test_the_spelling_and_the_commitment_are_what_the_page_says() -> None:
    """Anybody can compute an entry with what docs/reference/ledger-files.md says."""
    content = canonical_record("decision", {"b": "\u00e9", "a": 1}, NOW)
    assert content == SPELLED
    expected = hmac.new(SALT, b"cautery.ledger/1\n" + SPELLED, hashlib.sha256).digest()
    assert entry_of(content, SALT) == b"\x01" + expected
    assert len(entry_of(content, SALT)) == ENTRY_BYTES


def test_records_come_back() -> None:
    """A record is read as it was written."""
    found = read_record(3, SPELLED, SALT)
    assert (found.position, found.kind, found.record) == (3, "decision", {"a": 1, "b": "\u00e9"})
    assert (found.written_at, found.salt) == (NOW, SALT)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"[]",
        b"{}",
        b"\xff" + SPELLED,
        SPELLED[:-1],
        SPELLED.replace(b'"version":1,', b""),
        SPELLED.replace(b'"decision"', b"7"),
        SPELLED.replace(b'{"a":1,"b":"\xc3\xa9"}', b"[]"),
        SPELLED.replace(b"12:00", b"12.00"),
        SPELLED.replace(b".000000Z", b".0Z"),
        b"[" * 100_000,
    ],
    ids=range(11),
)
def test_what_is_no_record(content: bytes) -> None:
    """What does not read as a record is refused."""
    with pytest.raises(LedgerError):
        read_record(0, content, SALT)


def test_times() -> None:
    """Times are UTC to the microsecond, in one spelling; they need a zone."""
    east = NOW.astimezone(timezone(timedelta(hours=5, minutes=30)))
    assert time_text(east) == "2026-11-29T12:00:00.000000Z"
    early = datetime(99, 1, 2, 3, 4, 5, 6, tzinfo=UTC)
    assert time_text(early) == "0099-01-02T03:04:05.000006Z"
    assert read_time(time_text(early), "here") == early
    with pytest.raises(UsageError, match="time zone"):
        time_text(NOW.replace(tzinfo=None))
    for text in (None, 7, "", "2026-11-29T12:00:00Z", "2026-13-29T12:00:00.000000Z"):
        with pytest.raises(LedgerError):
            read_time(text, "here")


def test_records_are_bounded() -> None:
    """A record that is too long is refused before it is written."""
    room = MOST_RECORD_BYTES - len(canonical_record("x", {"a": ""}, NOW))
    assert len(canonical_record("x", {"a": "x" * room}, NOW)) == MOST_RECORD_BYTES
    with pytest.raises(UsageError, match="too long"):
        canonical_record("x", {"a": "x" * (room + 1)}, NOW)
    with pytest.raises(UsageError, match="kind"):
        canonical_record("", {}, NOW)
