"""What a log says of itself: its name, its size and its root, signed (C2SP tlog-checkpoint)."""

from __future__ import annotations

import base64
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from cautery.errors import LedgerError
from cautery.ledger.merkle import HASH_BYTES
from cautery.ledger.signed_notes import (
    ED25519,
    NoteSignature,
    PublicKey,
    SigningKey,
    open_note,
    strict_base64,
)

CHECKPOINT_FILE: Final = "checkpoint"
"""Its file in the log's folder."""
GREATEST_SIZE: Final = 2**63 - 1
_SIZE: Final = re.compile("0|[1-9][0-9]{0,18}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Checkpoint:
    """A tree's size and root under the name of its log."""

    origin: str
    """Name of the log."""
    size: int
    """Leaves of the tree."""
    root: bytes
    """Its root."""

    def text(self) -> str:
        """Write it as the text of a note."""
        return f"{self.origin}\n{self.size}\n{base64.b64encode(self.root).decode()}\n"


def sign_checkpoint(checkpoint: Checkpoint, key: SigningKey) -> bytes:
    """Sign a checkpoint as its log."""
    text = checkpoint.text()
    return f"{text}\n{key.sign_note(text)}".encode()


def open_checkpoint(
    content: bytes, log: PublicKey, witnesses: Sequence[PublicKey] = (), where: str = ""
) -> tuple[Checkpoint, list[NoteSignature]]:
    """Check a signed checkpoint.

    Args:
        content: The whole note.
        log: The log's key; it must have signed.
        witnesses: Keys of witnesses; whichever of them signed is told.
        where: What to name in an error.

    Returns:
        The checkpoint, and the signatures of witnesses.

    Raises:
        LedgerError: It does not verify.
    """
    text, signatures = open_note(content, [log, *witnesses], where)
    if log.kind != ED25519 or not any(signature.key == log for signature in signatures):
        raise LedgerError("the log itself has not signed this checkpoint", where=where)
    checkpoint = parse_checkpoint(text, where)
    if checkpoint.origin != log.name:
        raise LedgerError(f"this checkpoint is of another log, {checkpoint.origin}", where=where)
    return checkpoint, [signature for signature in signatures if signature.key != log]


def parse_checkpoint(text: str, where: str = "") -> Checkpoint:
    """Read the text of a checkpoint; lines of extensions are refused, because nobody audits them.

    Raises:
        LedgerError: It is none.
    """
    lines = text.split("\n")
    if len(lines) != 4 or lines[3] or not lines[0]:
        raise LedgerError("this is no checkpoint (origin, size, root)", where=where)
    root = strict_base64(lines[2])
    if root is None or len(root) != HASH_BYTES or not _SIZE.fullmatch(lines[1]):
        raise LedgerError("this is no checkpoint (origin, size, root)", where=where)
    size = int(lines[1])
    if size > GREATEST_SIZE:
        raise LedgerError("this is no checkpoint (origin, size, root)", where=where)
    return Checkpoint(origin=lines[0], size=size, root=root)
