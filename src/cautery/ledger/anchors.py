"""Checkpoints that somebody else has seen: cosigned by witnesses, stamped by authorities.

They lie in ``anchors/``: ``SIZE.checkpoint``, with the cosignatures in it, and beside it
``SIZE.NUMBER.tsr``, replies of time-stamp authorities (RFC 3161) to the checkpoint's text.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from cautery.errors import LedgerError
from cautery.ledger.durable_files import output_errors, write_durably
from cautery.ledger.signed_notes import MOST_NOTE_BYTES, split_note
from cautery.plain_files import open_plain

ANCHORS_FOLDER: Final = "anchors"
MOST_STAMP_BYTES: Final = 1 << 16
MOST_STAMPS: Final = 16
_NAME: Final = re.compile(r"([0-9]{1,19})\.checkpoint")


@dataclass(frozen=True, slots=True, kw_only=True)
class Anchor:
    """A checkpoint that was shown to somebody."""

    size: int
    """Size of its tree, as its file's name says."""
    checkpoint: bytes
    """The signed note, with whatever cosignatures there are."""
    stamps: tuple[bytes, ...]
    """Replies of time-stamp authorities."""

    @property
    def was_seen(self) -> bool:
        """Whether anybody but the log itself put something to it."""
        return bool(self.stamps) or len(split_note(self.checkpoint)[1]) > 1


def store_anchor(folder: Path, size: int, checkpoint: bytes) -> None:
    """Keep a checkpoint that is to be shown to somebody, or was.

    Raises:
        OutputError: It cannot be written.
    """
    path = folder / ANCHORS_FOLDER / f"{size}.checkpoint"
    with output_errors(path):
        write_durably(path, checkpoint)


def store_stamp(folder: Path, anchor: Anchor, stamp: bytes) -> None:
    """Keep a time stamp beside its checkpoint; one that is there already is left.

    Raises:
        LedgerError: There are too many.
        OutputError: It cannot be written.
    """
    if stamp in anchor.stamps:
        return
    number = len(anchor.stamps)
    path = folder / ANCHORS_FOLDER / f"{anchor.size}.{number}.tsr"
    if number >= MOST_STAMPS:
        raise LedgerError(f"there are {MOST_STAMPS} stamps of this checkpoint", where=str(path))
    with output_errors(path):
        write_durably(path, stamp)


def stored_anchors(folder: Path) -> list[Anchor]:
    """Read the checkpoints that were shown to somebody; nothing is checked.

    Args:
        folder: The ledger's folder.

    Returns:
        Them, the largest first.

    Raises:
        LedgerError: One cannot be read.
    """
    kept = folder / ANCHORS_FOLDER
    names = [path.name for path in kept.iterdir()] if kept.is_dir() else []
    sizes = [int(found[1]) for name in names if (found := _NAME.fullmatch(name))]
    return [stored_anchor(folder, size) for size in sorted(sizes, reverse=True)]


def stored_anchor(folder: Path, size: int) -> Anchor:
    """Read one of them.

    Raises:
        LedgerError: It cannot be read.
    """
    kept = folder / ANCHORS_FOLDER
    stamps = []
    for number in range(MOST_STAMPS):
        path = kept / f"{size}.{number}.tsr"
        if not path.exists():
            break
        stamps.append(_content(path, MOST_STAMP_BYTES))
    checkpoint = _content(kept / f"{size}.checkpoint", MOST_NOTE_BYTES)
    return Anchor(size=size, checkpoint=checkpoint, stamps=tuple(stamps))


def best_anchor(folder: Path, position: int) -> Anchor | None:
    """Find the newest checkpoint that covers a record and that somebody else has seen.

    Args:
        folder: The ledger's folder.
        position: The record's place.

    Returns:
        It, or None.
    """
    for anchor in stored_anchors(folder):
        if anchor.size > position and anchor.was_seen:
            return anchor
    return None


def _content(path: Path, most_bytes: int) -> bytes:
    try:
        with open_plain(path) as stream:
            content = stream.read(most_bytes + 1)
    except OSError as error:
        raise LedgerError(f"cannot be read: {error.strerror}", where=str(path)) from error
    if len(content) > most_bytes:
        raise LedgerError("the file is too long", where=str(path))
    return content
