"""Verifies a whole ledger: every tile, every entry, every record, every earlier checkpoint."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from cautery.errors import LedgerError
from cautery.ledger.anchors import Anchor, stored_anchors
from cautery.ledger.checkpoints import Checkpoint, open_checkpoint
from cautery.ledger.merkle import (
    CompactRange,
    complete_root,
    consistency_path,
    is_consistent,
    leaf_hash,
)
from cautery.ledger.reader import LedgerReader
from cautery.ledger.record_store import unpublished_records
from cautery.ledger.signed_notes import NoteSignature, PublicKey
from cautery.ledger.tiles import (
    ENTRIES,
    TILE_HEIGHT,
    TILE_WIDTH,
    Level,
    TileReader,
    tile_path,
    width_of,
)
from cautery.ledger.time_stamps import check_stamp
from cautery.ledger.verifying_records import check_records
from cautery.plain_files import open_plain

if TYPE_CHECKING:
    from datetime import datetime

    from cryptography.x509 import Certificate

MOST_FAULTS: Final = 50
"""Faults that are told one by one; there may be millions."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LedgerVerdict:
    """What verifying found."""

    checkpoint: Checkpoint
    """The tree, as its log signed it."""
    kept: int
    """Records that are what the tree commits to."""
    erased: int
    """Records that were erased, and the ledger tells of it."""
    unpublished: int
    """Records behind the checkpoint, which nothing protects yet."""
    earlier: int
    """Earlier checkpoints that this tree grew from."""
    witnesses: tuple[NoteSignature, ...]
    """Cosignatures of witnesses that are trusted, on checkpoints that this tree grew from."""
    stamped_at: tuple[datetime, ...]
    """Times before which such checkpoints were there."""
    faults: tuple[str, ...]
    """What does not verify; empty if everything does."""


class _Faults:
    """Collects what does not verify."""

    def __init__(self) -> None:
        self._kept: list[str] = []
        self._count = 0

    def add(self, fault: str) -> None:
        self._count += 1
        if self._count <= MOST_FAULTS:
            self._kept.append(fault)

    def all(self) -> tuple[str, ...]:
        more = self._count - len(self._kept)
        return (*self._kept, *([f"and {more:,} more"] if more else []))


def verify_ledger(
    reader: LedgerReader,
    *,
    earlier: Sequence[bytes] = (),
    witnesses: Sequence[PublicKey] = (),
    roots: Sequence[Certificate] = (),
    progress: Callable[[int, int], None] | None = None,
) -> LedgerVerdict:
    """Verify everything that a ledger holds.

    Args:
        reader: The ledger, opened with a public key from elsewhere.
        earlier: Signed checkpoints that somebody kept.
        witnesses: Keys of witnesses that are trusted.
        roots: Certificates of time-stamp authorities that are trusted.
        progress: Told how many records of how many were looked at.

    Returns:
        What was found.

    Raises:
        LedgerError: An earlier checkpoint is not of this log's key.
    """
    faults = _Faults()
    _check_tree(reader.tiles, reader.checkpoint, faults)
    records = check_records(reader, faults.add, progress)
    grown = [_check_growth(reader, note, faults) for note in earlier]
    cosigned: list[NoteSignature] = []
    stamped: list[datetime] = []
    for anchor in _anchors(reader.folder, faults):
        try:
            signatures = open_checkpoint(anchor.checkpoint, reader.public_key, witnesses)[1]
            stamps = anchor.stamps if roots else ()
            times = [check_stamp(each, anchor.checkpoint, list(roots)) for each in stamps]
        except LedgerError as error:
            faults.add(f"the kept checkpoint of size {anchor.size}: {error}")
            continue
        grown.append(_check_growth(reader, anchor.checkpoint, faults))
        cosigned += signatures
        stamped += times
    return LedgerVerdict(
        checkpoint=reader.checkpoint,
        kept=records.kept,
        erased=records.erased,
        unpublished=unpublished_records(reader.folder, reader.size),
        earlier=sum(grown),
        witnesses=tuple(cosigned),
        stamped_at=tuple(stamped),
        faults=faults.all(),
    )


def _check_tree(tiles: TileReader, checkpoint: Checkpoint, faults: _Faults) -> None:
    """Compute every hash of the tree again, from the entries up."""
    tree = CompactRange()
    rows: list[list[bytes]] = []
    whole = True
    for number in range(-(-tiles.size // TILE_WIDTH)):
        try:
            leaves = [leaf_hash(entry) for entry in tiles.bundle(number)]
        except LedgerError as error:
            faults.add(str(error))
            whole = False
            continue
        if whole:
            tree.extend(leaves)
            _push(tiles, rows, leaves, number, faults)
        else:
            _compare(tiles, 0, number, leaves, faults)
    for level, row in enumerate(rows):
        if row and whole:
            _compare(tiles, level, tiles.size >> (TILE_HEIGHT * (level + 1)), row, faults)
    if whole and tree.root() != checkpoint.root:
        faults.add("the entries do not have the root that the checkpoint promises")
    for level in range(len(rows)):
        _check_partial(tiles, level, faults)
    _check_partial(tiles, ENTRIES, faults)


def _check_partial(tiles: TileReader, level: Level, faults: _Faults) -> None:
    """Partial tiles of earlier checkpoints must be the beginning of the tile that is there now."""
    height = TILE_HEIGHT * (1 if level == ENTRIES else level + 1)
    number = tiles.size >> height
    width = width_of(0 if level == ENTRIES else level, number, tiles.size)
    folder = tiles.folder / f"{tile_path(level, number)}.p"
    if width < 1 or not folder.is_dir():
        return
    try:
        now = tiles.content(level, number)
        for path in folder.iterdir():
            # A wider one is of a checkpoint that a killed writer never signed.
            earlier = path.name.isdigit() and int(path.name) < width
            if not earlier:
                continue
            with open_plain(path) as stream:
                if not now.startswith(stream.read(len(now) + 1)):
                    faults.add(f"{path} is not what the tree was")
    except (LedgerError, OSError) as error:
        faults.add(f"partial tiles in {folder}: {error}")


def _push(
    tiles: TileReader, rows: list[list[bytes]], leaves: list[bytes], number: int, faults: _Faults
) -> None:
    """Add the hashes of a bundle to the lowest row, and those of full tiles to the rows above."""
    added, level = leaves, 0
    while True:
        if level == len(rows):
            rows.append([])
        rows[level] += added
        if len(rows[level]) < TILE_WIDTH:
            return
        _compare(tiles, level, number, rows[level], faults)
        added, rows[level] = [complete_root(rows[level])], []
        level, number = level + 1, number // TILE_WIDTH


def _compare(
    tiles: TileReader, level: int, number: int, hashes: list[bytes], faults: _Faults
) -> None:
    try:
        stored = tiles.tile(level, number)
    except LedgerError as error:
        faults.add(str(error))
        return
    if stored != b"".join(hashes):
        faults.add(f"tile {level}/{number} is not what the tiles or entries below it make")


def _check_growth(reader: LedgerReader, note: bytes, faults: _Faults) -> bool:
    """Say whether the tree grew from an earlier checkpoint."""
    before, _ = open_checkpoint(note, reader.public_key)
    tree = reader.checkpoint
    if before.size > tree.size:
        faults.add(f"the log had {before.size:,} records once, and has {tree.size:,} now")
        return False
    try:
        path = consistency_path(reader.tiles, before.size, tree.size)
    except LedgerError as error:
        faults.add(str(error))
        return False
    if not is_consistent(before.size, before.root, tree.size, tree.root, path):
        faults.add(f"the log is not what it was at size {before.size:,}: it was rewritten")
        return False
    return True


def _anchors(folder: Path, faults: _Faults) -> list[Anchor]:
    try:
        return stored_anchors(folder)
    except LedgerError as error:
        faults.add(str(error))
        return []
