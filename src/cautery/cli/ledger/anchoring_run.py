"""What ``cautery ledger witness`` and ``cautery ledger stamp`` do."""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from pathlib import Path

from cautery.cli.given_files import read_whole
from cautery.errors import LedgerError
from cautery.ledger.anchors import (
    MOST_STAMP_BYTES,
    store_anchor,
    store_stamp,
    stored_anchors,
)
from cautery.ledger.durable_files import output_errors, write_durably
from cautery.ledger.key_files import (
    load_public_key,
    load_signing_key,
    new_signing_key,
    write_signing_key,
)
from cautery.ledger.reader import LedgerReader
from cautery.ledger.signed_notes import COSIGNATURE, MOST_NOTE_BYTES
from cautery.ledger.time_stamps import check_stamp, load_certificates, stamp_request
from cautery.ledger.witnessing import (
    MOST_REQUEST_BYTES,
    add_cosignature,
    ask_witness,
    cosign,
    read_request,
)


def new_witness_key(file: Path, name: str) -> int:
    """Draw a witness's key; see the verb ``key``."""
    public = write_signing_key(file, new_signing_key(name), COSIGNATURE)
    print(f"wrote {file} (keep it secret) and {public} (hand it out)", file=sys.stderr)
    return 0


def write_witness_request(folder: Path, output: Path, old_size: int) -> int:
    """Write a request to a witness; see the verb ``request``."""
    reader = LedgerReader(folder)
    _write(output, ask_witness(reader, old_size))
    print(f"asks for the checkpoint of {reader.size:,} records", file=sys.stderr)
    return 0


def sign_as_witness(request: Path, key: Path, public_key: Path, state: Path, output: Path) -> int:
    """Sign as a witness; see the verb ``sign``."""
    line = cosign(
        read_request(read_whole(request, MOST_REQUEST_BYTES, error_type=LedgerError), str(request)),
        log=load_public_key(public_key),
        key=load_signing_key(key),
        state=state,
        seen_at=datetime.now(UTC),
    )
    _write(output, line.encode())
    return 0


def keep_answer(folder: Path, answer: Path, public_key: Path) -> str:
    """Keep a witness's answer; see the verb ``add``."""
    content = read_whole(answer, MOST_NOTE_BYTES, error_type=LedgerError)
    witness = load_public_key(public_key)
    anchor = add_cosignature(LedgerReader(folder), content, witness)
    return f"{witness.name} signed the checkpoint of {anchor.size:,} records"


def write_stamp_request(folder: Path, output: Path) -> int:
    """Write a request for a time stamp; see the verb ``request``."""
    reader = LedgerReader(folder)
    content = stamp_request(reader.signed_checkpoint)
    if reader.size not in {anchor.size for anchor in stored_anchors(folder)}:
        store_anchor(folder, reader.size, reader.signed_checkpoint)
    _write(output, content)
    print(f"asks for a stamp of the checkpoint of {reader.size:,} records", file=sys.stderr)
    return 0


def keep_stamp(folder: Path, reply: Path, certificates: Path) -> str:
    """Check and keep a time stamp; see the verb ``add``."""
    content = read_whole(reply, MOST_STAMP_BYTES, error_type=LedgerError)
    roots = load_certificates(certificates)
    why = "no checkpoint waits for one"
    for anchor in stored_anchors(folder):
        try:
            time = check_stamp(content, anchor.checkpoint, roots)
        except LedgerError as error:
            why = error.what
            continue
        store_stamp(folder, anchor, content)
        return f"the checkpoint of {anchor.size:,} records was there at {time.isoformat()}"
    raise LedgerError(f"this is a stamp of no checkpoint that was kept: {why}", where=str(reply))


def _write(path: Path, content: bytes) -> None:
    with output_errors(path):
        write_durably(path, content)
