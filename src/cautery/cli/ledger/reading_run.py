"""What the verbs of ``cautery ledger`` do that read records."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from typing import Final

from cautery.cli.exits import printable
from cautery.cli.ledger.times import read_moment
from cautery.errors import InputError, UsageError
from cautery.ledger.canonical_json import canonical_json
from cautery.ledger.commitments import ErasedRecord, LedgerRecord, time_text
from cautery.ledger.durable_files import output_errors, write_durably
from cautery.ledger.evidence_packs import make_pack
from cautery.ledger.key_files import load_signing_key
from cautery.ledger.reader import LedgerReader
from cautery.ledger.record_query import RecordQuery

_LONGEST_PLACE: Final = 20
"""Digits: longer numbers are identifiers."""


def shown_records(
    folder: Path,
    positions: Sequence[int],
    *,
    kind: str,
    account: str,
    campaign: str,
    request: str,
    since: str,
    until: str,
    last: int,
    output_format: str,
) -> list[str]:
    """Show records; see the verb ``show``."""
    reader = LedgerReader(folder)
    query = RecordQuery(
        kind=kind,
        account_id=account,
        campaign_id=campaign,
        request_id=request,
        since=read_moment(since) if since else None,
        until=read_moment(until) if until else None,
        newest_first=True,
    )
    found: Iterable[LedgerRecord | ErasedRecord]
    if positions:
        found = (reader.record(position) for position in reversed(positions))
    elif query == RecordQuery(newest_first=True):
        newest = range(reader.size - 1, max(-1, reader.size - 1 - last), -1)
        found = (reader.record(position) for position in newest)
    else:
        found = reader.find(query)
    shown = list(islice(found, len(positions) or max(0, last)))
    as_line = _as_json if output_format == "json" else _as_words
    return [as_line(each) for each in reversed(shown)]


def write_pack(folder: Path, records: Sequence[str], key: Path, output: Path) -> int:
    """Write an evidence pack; see the verb ``prove``."""
    if not records:
        raise UsageError("which records?", hint="Give places, or identifiers of decisions.")
    signing = load_signing_key(key)
    reader = LedgerReader(folder, signing.public_key())
    positions = [position for text in records for position in _positions(reader, text)]
    pack = make_pack(reader, positions, signing, datetime.now(UTC))
    with output_errors(output):
        write_durably(output, pack)
    print(f"wrote {output}: verify it with the log's public key", file=sys.stderr)
    return 0


def _positions(reader: LedgerReader, text: str) -> list[int]:
    """Find records by place, or by what they say of themselves."""
    if text.isascii() and text.isdigit() and len(text) < _LONGEST_PLACE:
        return [int(text)]
    for query in (RecordQuery(decision_id=text), RecordQuery(request_id=text)):
        if found := [each.position for each in reader.find(query)]:
            return found
    raise InputError(f"no record is of the decision or request '{text}'", where=str(reader.folder))


def _as_json(found: LedgerRecord | ErasedRecord) -> str:
    if isinstance(found, ErasedRecord):
        return canonical_json({"position": found.position, "state": "erased"}).decode()
    value = {
        "position": found.position,
        "state": "kept",
        "kind": found.kind,
        "written_at": time_text(found.written_at),
        "record": found.record,
    }
    return canonical_json(value).decode()


def _as_words(found: LedgerRecord | ErasedRecord) -> str:
    if isinstance(found, ErasedRecord):
        return f"{found.position:>8}  erased"
    words = f"{found.position:>8}  {time_text(found.written_at)}  {found.kind}  "
    return printable(words + canonical_json(found.record).decode())
