"""What the verbs of ``cautery ledger`` do that write records."""

from __future__ import annotations

import secrets
import sys
import time
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from typing import Final

from cautery.cli.ledger.times import read_moment
from cautery.errors import OutputError, UsageError
from cautery.ledger.durable_files import is_locked, output_errors
from cautery.ledger.erasures import (
    ERASURE_KIND,
    ERASURES_FOLDER,
    MOST_RANGES,
    ErasureRequest,
    check_erasable,
    new_request,
    runs_of,
    store_request,
)
from cautery.ledger.key_files import load_signing_key, new_signing_key, write_signing_key
from cautery.ledger.opening import create_ledger
from cautery.ledger.reader import LedgerReader
from cautery.ledger.record_query import RecordQuery
from cautery.ledger.signed_notes import SigningKey
from cautery.ledger.writer import LOCK_FILE, RECOVERY_KIND, Ledger

WAIT_SECONDS: Final = 30.0
"""How long to wait for a running writer."""
_LOOK_AGAIN_SECONDS: Final = 0.1


def begin_ledger(folder: Path, key: Path | None, new_key: Path | None, name: str) -> int:
    """Begin a ledger; see the verb ``init``."""
    if (key is None) == (new_key is None):
        raise UsageError("give --key, or --new-key with --name")
    if new_key is not None and not name:
        raise UsageError("a new key needs --name", hint="Give a name like example.com/ledger.")
    if key is not None and name:
        raise UsageError("a key has its name already: leave --name out")
    signing = new_signing_key(name) if key is None else load_signing_key(key)
    if new_key is not None:
        public = write_signing_key(new_key, signing)
        print(f"wrote {new_key} (keep it secret) and {public} (hand it out)", file=sys.stderr)
    create_ledger(folder, signing)
    fingerprint = signing.public_key().fingerprint
    print(f"began {folder}, the log {signing.name}, key {fingerprint}", file=sys.stderr)
    return 0


def erase_records(
    folder: Path,
    positions: Sequence[int],
    *,
    reason: str,
    account: str,
    kind: str,
    before: str,
    key: Path | None,
) -> int:
    """Erase records; see the verb ``erase``."""
    if bool(positions) == bool(account or before):
        raise UsageError("give positions, or --account, or --before")
    locked = is_locked(folder / LOCK_FILE)
    if key is None and not locked:
        raise UsageError("nobody writes to this ledger now: give --key")
    signing = None if key is None else load_signing_key(key)
    reader = LedgerReader(folder)
    query = RecordQuery(
        kind=kind, account_id=account, until=read_moment(before) if before else None
    )
    chosen: Iterable[int] = sorted(set(positions)) if positions else _found(reader, query)
    requests = list(_requests(reader, chosen, reason))
    if not requests:
        print("there is nothing to erase", file=sys.stderr)
        return 0
    for request in requests:
        check_erasable(reader.records, request)
    with output_errors(folder):
        for request in requests:
            store_request(folder, request)
    _carry_out(folder, requests, None if locked else signing)
    count = sum(1 for request in requests for _ in request.positions())
    print(f"erased {count:,} records", file=sys.stderr)
    return 0


def _found(reader: LedgerReader, query: RecordQuery) -> Iterator[int]:
    kept = {ERASURE_KIND, RECOVERY_KIND}
    return (found.position for found in reader.find(query) if found.kind not in kept)


def _requests(
    reader: LedgerReader, positions: Iterable[int], reason: str
) -> Iterator[ErasureRequest]:
    runs = runs_of(positions)
    while some := list(islice(runs, MOST_RANGES)):
        yield new_request(
            some,
            reason=reason,
            requested_at=datetime.now(UTC),
            tree_size=reader.size,
            erasure_id=secrets.token_hex(16),
        )


def _carry_out(folder: Path, requests: Sequence[ErasureRequest], key: SigningKey | None) -> None:
    """Do it here, or wait until the running writer has."""
    files = [folder / ERASURES_FOLDER / f"{request.erasure_id}.json" for request in requests]
    faults: Sequence[str] = ()
    if key is not None:
        with Ledger(folder, key, clock=lambda: datetime.now(UTC)) as ledger:
            faults = ledger.faults
    else:
        deadline = time.monotonic() + WAIT_SECONDS
        while any(file.exists() for file in files) and time.monotonic() < deadline:
            time.sleep(_LOOK_AGAIN_SECONDS)
    if any(file.exists() for file in files):
        raise OutputError(
            "the records are not erased yet",
            where=str(folder),
            hint="; ".join(faults) or "Whoever writes next to the ledger does it at its start.",
        )
