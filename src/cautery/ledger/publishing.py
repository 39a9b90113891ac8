"""Grows the tree on disk: tiles and bundles first, the checkpoint that promises them last."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from cautery.errors import LedgerError
from cautery.ledger.checkpoints import CHECKPOINT_FILE, Checkpoint, sign_checkpoint
from cautery.ledger.durable_files import synchronise_folder, write_durably
from cautery.ledger.merkle import complete_root, fold_peaks, leaf_hash
from cautery.ledger.signed_notes import SigningKey
from cautery.ledger.tiles import (
    ENTRIES,
    TILE_HEIGHT,
    TILE_WIDTH,
    Level,
    TileReader,
    encode_bundle,
    split_hashes,
    tile_path,
)

MOST_LEVELS: Final = 8
"""Levels of tiles of a tree of 2^63 leaves."""
UNFINISHED: Final = "unfinished"
"""Folder of files that are being written; what a killed writer left there is removed."""


def edge_of(folder: Path, size: int) -> list[list[bytes]]:
    """Read the right edge of the tree: the hashes of the last, partial tile of each level.

    Args:
        folder: The log's folder.
        size: Leaves of the tree.

    Returns:
        One list for each level, the lowest first.

    Raises:
        LedgerError: A tile is missing or cut off.
    """
    reader = TileReader(folder, size)
    edge: list[list[bytes]] = []
    while total := size >> (TILE_HEIGHT * len(edge)):
        number, width = divmod(total, TILE_WIDTH)
        edge.append(split_hashes(reader.tile(len(edge), number)) if width else [])
    return edge


def root_of_edge(edge: Sequence[Sequence[bytes]]) -> bytes:
    """Compute the root of a tree from its right edge alone."""
    peaks = []
    for hashes in reversed(edge):
        at = 0
        while at < len(hashes):
            count = 1 << ((len(hashes) - at).bit_length() - 1)
            peaks.append(complete_root(hashes[at : at + count]))
            at += count
    return fold_peaks(peaks)


class Publisher:
    """Writes what was appended into the tree; memory holds the tree's right edge only.

    Args:
        folder: The log's folder.
        key: The log's key.
        checkpoint: The checkpoint that is on disk; its signature was checked.

    Raises:
        LedgerError: The tiles do not have the root that the checkpoint promises.
    """

    def __init__(self, folder: Path, key: SigningKey, checkpoint: Checkpoint) -> None:
        self._folder, self._key = folder, key
        self.checkpoint = checkpoint
        self._unnamed: set[Path] = set()
        self._edge = edge_of(folder, checkpoint.size)
        if root_of_edge(self._edge) != checkpoint.root:
            raise LedgerError(
                "the tiles do not have the root that the checkpoint promises",
                where=str(folder / CHECKPOINT_FILE),
                hint="The log was changed or damaged: keep it as it is, and verify a copy.",
            )
        reader = TileReader(folder, checkpoint.size)
        number, width = divmod(checkpoint.size, TILE_WIDTH)
        self._bundle = reader.bundle(number) if width else []

    @property
    def last_entries(self) -> list[bytes]:
        """Entries of the last, partial bundle."""
        return list(self._bundle)

    def publish(self, entries: Sequence[bytes]) -> None:
        """Add entries to the tree and sign its new checkpoint; durable when this returns.

        Args:
            entries: What follows the last entry.

        Raises:
            OSError: It cannot be written. The tree is as it was, and the same may be tried again.
        """
        if not entries:
            return
        size = self.checkpoint.size
        self._unnamed.clear()
        edge = [list(hashes) for hashes in self._edge]
        bundle = list(self._bundle)
        full: list[Path] = []
        for place, entry in enumerate(entries, start=size + 1):
            bundle.append(entry)
            if len(bundle) == TILE_WIDTH:
                full.append(self._write(ENTRIES, place // TILE_WIDTH - 1, encode_bundle(bundle)))
                bundle = []
            self._push(edge, leaf_hash(entry), place, full)
        size += len(entries)
        self._write_partial(edge, bundle, size)
        for folder in self._unnamed:
            synchronise_folder(folder)
        checkpoint = Checkpoint(origin=self._key.name, size=size, root=root_of_edge(edge))
        content = sign_checkpoint(checkpoint, self._key)
        write_durably(self._folder / CHECKPOINT_FILE, content, scratch=self._folder / UNFINISHED)
        self.checkpoint, self._edge, self._bundle = checkpoint, edge, bundle
        for path in full:  # the specification lets partial tiles go once the full one is there
            shutil.rmtree(path.with_name(f"{path.name}.p"), ignore_errors=True)

    def _push(self, edge: list[list[bytes]], node: bytes, size: int, full: list[Path]) -> None:
        """Add a leaf's hash to the lowest tile, and full tiles' roots to the tiles above."""
        for level in range(MOST_LEVELS):
            if level == len(edge):
                edge.append([])
            hashes = edge[level]
            hashes.append(node)
            if len(hashes) < TILE_WIDTH:
                return
            number = (size >> (TILE_HEIGHT * (level + 1))) - 1
            full.append(self._write(level, number, b"".join(hashes)))
            node = complete_root(hashes)
            hashes.clear()

    def _write_partial(self, edge: list[list[bytes]], bundle: list[bytes], size: int) -> None:
        if bundle:
            self._write(ENTRIES, size // TILE_WIDTH, encode_bundle(bundle), len(bundle))
        for level, hashes in enumerate(edge):
            before = self._edge[level] if level < len(self._edge) else None
            if hashes and hashes != before:
                number = size >> (TILE_HEIGHT * (level + 1))
                self._write(level, number, b"".join(hashes), len(hashes))

    def _write(self, level: Level, number: int, content: bytes, width: int = TILE_WIDTH) -> Path:
        path = self._folder / tile_path(level, number, width)
        write_durably(path, content, scratch=self._folder / UNFINISHED, named_later=True)
        self._unnamed.add(path.parent)
        return path
