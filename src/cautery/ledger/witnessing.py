"""What a witness does: sees that a log only grew, and says so (C2SP tlog-witness).

A request is the body that any such witness takes over HTTP, its answer the lines that it gives.
"""

from __future__ import annotations

import base64
import re
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final

from cautery.errors import LedgerError, NoInputError, UsageError
from cautery.ledger.anchors import Anchor, store_anchor, stored_anchors
from cautery.ledger.checkpoints import Checkpoint, open_checkpoint
from cautery.ledger.durable_files import WriterLock, output_errors, write_durably
from cautery.ledger.merkle import EMPTY_ROOT, HASH_BYTES, is_consistent
from cautery.ledger.reader import LedgerReader
from cautery.ledger.signed_notes import (
    COSIGNATURE,
    MOST_NOTE_BYTES,
    PublicKey,
    SigningKey,
    open_note,
    strict_base64,
)
from cautery.plain_files import open_plain

MOST_REQUEST_BYTES: Final = MOST_NOTE_BYTES + 64 * 64
_MOST_PROOF_LINES: Final = 63
_OLD_SIZE: Final = re.compile("old (0|[1-9][0-9]{0,18})")


@dataclass(frozen=True, slots=True, kw_only=True)
class WitnessRequest:
    """What a witness is asked to sign."""

    old_size: int
    """Size of the tree that it signed last; 0 if none."""
    path: tuple[bytes, ...]
    """Proof that the tree only grew since."""
    checkpoint: bytes
    """The signed checkpoint."""


def ask_witness(reader: LedgerReader, old_size: int) -> bytes:
    """Write the request for the current checkpoint, and keep that checkpoint for the answer.

    Args:
        reader: The ledger.
        old_size: Size of the tree that the witness signed last; 0 if none.

    Returns:
        The request's body.

    Raises:
        UsageError: The tree is smaller.
        OutputError: The checkpoint cannot be kept.
    """
    path = reader.consistency(old_size)
    if reader.size not in {anchor.size for anchor in stored_anchors(reader.folder)}:
        store_anchor(reader.folder, reader.size, reader.signed_checkpoint)
    lines = [f"old {old_size}\n", *(f"{base64.b64encode(each).decode()}\n" for each in path), "\n"]
    return "".join(lines).encode() + reader.signed_checkpoint


def read_request(content: bytes, where: str = "") -> WitnessRequest:
    """Read a request.

    Args:
        content: Its body.
        where: What to name in an error.

    Returns:
        The request; nothing is checked.

    Raises:
        LedgerError: It is none.
    """
    head, blank, checkpoint = content[:MOST_REQUEST_BYTES].partition(b"\n\n")
    lines = head.decode("ascii", errors="replace").split("\n")
    old, *proof = lines
    found = _OLD_SIZE.fullmatch(old)
    if not blank or found is None:
        raise LedgerError("this is no request to a witness", where=where)
    path = [strict_base64(line) for line in proof]
    hashes = tuple(each for each in path if each is not None and len(each) == HASH_BYTES)
    if len(hashes) != len(proof) or len(proof) > _MOST_PROOF_LINES:
        raise LedgerError("a line of the proof is no hash", where=where)
    return WitnessRequest(old_size=int(found[1]), path=hashes, checkpoint=checkpoint)


def cosign(
    request: WitnessRequest, *, log: PublicKey, key: SigningKey, state: Path, seen_at: datetime
) -> str:
    """Sign a checkpoint as a witness, if the log only grew since the last one.

    Args:
        request: The request.
        log: The log's key, from elsewhere than the request.
        key: The witness's key.
        state: File of the last checkpoint that was signed; made if it is not there.
        seen_at: Now; UTC.

    Returns:
        The cosignature's line.

    Raises:
        LedgerError: The checkpoint does not verify, or the log was rewritten.
        UsageError: The request does not begin at the last checkpoint that was signed.
        OutputError: The state cannot be kept; nothing is signed then.
    """
    checkpoint, _ = open_checkpoint(request.checkpoint, log)
    lock = WriterLock(state.with_name(f"{state.name}.lock"))
    try:
        _check_growth(request, checkpoint, _last_signed(state, log), state)
        line = key.cosign(checkpoint.text(), seen_at)
        with output_errors(state):
            write_durably(state, request.checkpoint)
    finally:
        lock.release()
    return line


def _check_growth(
    request: WitnessRequest, checkpoint: Checkpoint, before: Checkpoint, state: Path
) -> None:
    if request.old_size != before.size:
        raise UsageError(
            f"the last checkpoint signed here has size {before.size}",
            hint=f"Ask with: cautery ledger witness request --old-size {before.size}",
        )
    if not is_consistent(before.size, before.root, checkpoint.size, checkpoint.root, request.path):
        raise LedgerError(
            f"the log is not what it was at size {before.size}: it was rewritten",
            where=checkpoint.origin,
            hint=f"Keep {state} and the request: together they prove it.",
        )


def _last_signed(state: Path, log: PublicKey) -> Checkpoint:
    if not state.exists():
        return Checkpoint(origin=log.name, size=0, root=EMPTY_ROOT)
    try:
        with open_plain(state) as stream:
            content = stream.read(MOST_NOTE_BYTES + 1)
    except OSError as error:
        raise NoInputError(f"cannot be read: {error.strerror}", where=str(state)) from error
    return open_checkpoint(content, log, where=str(state))[0]


def add_cosignature(reader: LedgerReader, lines: bytes, witness: PublicKey) -> Anchor:
    """Keep a witness's answer with the checkpoint that it signed.

    Args:
        reader: The ledger.
        lines: The answer.
        witness: The witness's key.

    Returns:
        The checkpoint with it.

    Raises:
        UsageError: The key is no witness's.
        LedgerError: It signed none of the checkpoints that were kept for it.
        OutputError: It cannot be written.
    """
    if witness.kind != COSIGNATURE:
        raise UsageError("this public key is not of a witness")
    answer = lines[:MOST_NOTE_BYTES]
    for anchor in stored_anchors(reader.folder) if answer else []:
        signed = anchor.checkpoint + answer
        try:
            open_note(signed, [witness])
        except LedgerError:
            continue
        if answer in anchor.checkpoint:
            return anchor
        store_anchor(reader.folder, anchor.size, signed)
        return Anchor(size=anchor.size, checkpoint=signed, stamps=anchor.stamps)
    raise LedgerError(
        f"{witness.name} signed no checkpoint that was kept for it",
        hint="Ask with: cautery ledger witness request",
    )
