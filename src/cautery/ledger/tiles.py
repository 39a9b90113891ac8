"""The log as files: tiles of 256 hashes and bundles of 256 entries (C2SP tlog-tiles)."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Final, Literal

from cautery.errors import LedgerError
from cautery.ledger.merkle import HASH_BYTES, complete_root
from cautery.plain_files import open_plain

TILE_WIDTH: Final = 256
"""Hashes in a full tile, entries in a full bundle."""
TILE_HEIGHT: Final = 8
"""Levels of the tree that a tile spans."""
ENTRIES: Final = "entries"
"""Stands for the level in the path of a bundle."""
MOST_ENTRY_BYTES: Final = (1 << 16) - 1
_KEPT_TILES: Final = 64
"""Tiles that a reader keeps in memory: half a megabyte."""

Level = int | Literal["entries"]


def tile_path(level: Level, number: int, width: int = TILE_WIDTH) -> str:
    """Name a tile or a bundle.

    Args:
        level: Level of the tile, or ``entries``.
        number: Its number on the level, from 0.
        width: Hashes in it.

    Returns:
        Path under the log's folder.

    Example:
        >>> tile_path(0, 1234067), tile_path("entries", 3, 17)
        ('tile/0/x001/x234/067', 'tile/entries/003.p/17')
    """
    parts = [f"{number % 1000:03d}"]
    while number := number // 1000:
        parts.append(f"x{number % 1000:03d}")
    whole = f"tile/{level}/{'/'.join(reversed(parts))}"
    return whole if width == TILE_WIDTH else f"{whole}.p/{width}"


def encode_bundle(entries: Sequence[bytes]) -> bytes:
    """Write entries one after the other, each behind its length in two bytes."""
    return b"".join(len(entry).to_bytes(2, "big") + entry for entry in entries)


def decode_bundle(content: bytes, where: str) -> list[bytes]:
    """Read the entries of a bundle.

    Args:
        content: The whole file.
        where: What to name in an error.

    Returns:
        The entries.

    Raises:
        LedgerError: It is cut off.
    """
    entries, at = [], 0
    while at < len(content):
        start = at + 2
        at = start + int.from_bytes(content[at:start], "big")
        if start > len(content) or at > len(content):
            raise LedgerError("the bundle of entries is cut off", where=where)
        entries.append(content[start:at])
    return entries


def width_of(level: int, number: int, size: int) -> int:
    """Say how many hashes a tile of a tree has; below 1 if it has no such tile."""
    return min(TILE_WIDTH, (size >> (TILE_HEIGHT * level)) - number * TILE_WIDTH)


class TileReader:
    """Hashes and entries of a tree of a given size; a few tiles are kept in memory.

    Args:
        folder: The log's folder.
        size: Leaves of the tree.
    """

    def __init__(self, folder: Path, size: int) -> None:
        self.folder = folder
        self.size = size
        self._kept: dict[tuple[int, int], bytes] = {}

    def hash_at(self, height: int, index: int) -> bytes:
        """Give the hash of a complete subtree.

        Args:
            height: Its height; a leaf has 0.
            index: Which one of its height, from the left.

        Returns:
            32 bytes.

        Raises:
            LedgerError: A tile is missing or cut off, or the tree has no such subtree.
        """
        level, above = divmod(height, TILE_HEIGHT)
        number, place = divmod(index << above, TILE_WIDTH)
        hashes = self.tile(level, number)[place * HASH_BYTES : (place + (1 << above)) * HASH_BYTES]
        if len(hashes) != HASH_BYTES << above:
            raise LedgerError(f"a tree of {self.size} has no subtree {index} of height {height}")
        return complete_root(split_hashes(hashes))

    def tile(self, level: int, number: int) -> bytes:
        """Read a tile, as wide as this tree has it.

        Args:
            level: Its level.
            number: Its number on the level.

        Returns:
            The hashes one after the other.

        Raises:
            LedgerError: It is missing or cut off, or the tree has no such tile.
        """
        key = (level, number)
        found = self._kept.pop(key, None)
        if found is None:
            width = width_of(level, number, self.size)
            if width < 1:
                raise LedgerError(f"a tree of {self.size} has no tile {level}/{number}")
            content = self._read(level, number, width, TILE_WIDTH * HASH_BYTES)
            found = content[: width * HASH_BYTES]
            if len(found) != width * HASH_BYTES or len(content) % HASH_BYTES:
                where = str(self.folder / tile_path(level, number, width))
                raise LedgerError("the tile has a wrong length", where=where)
            if len(self._kept) >= _KEPT_TILES:
                self._kept.pop(next(iter(self._kept)))
        self._kept[key] = found
        return found

    def bundle(self, number: int) -> list[bytes]:
        """Read a bundle, as long as this tree has it.

        Args:
            number: Its number.

        Returns:
            The entries.

        Raises:
            LedgerError: It is missing or cut off, or the tree has no such bundle.
        """
        width = width_of(0, number, self.size)
        if width < 1:
            raise LedgerError(f"a tree of {self.size} has no bundle {number}")
        where = str(self.folder / tile_path(ENTRIES, number, width))
        content = self._read(ENTRIES, number, width, TILE_WIDTH * (2 + MOST_ENTRY_BYTES))
        entries = decode_bundle(content, where)
        if len(entries) not in {width, TILE_WIDTH}:
            raise LedgerError("the bundle has a wrong number of entries", where=where)
        return entries[:width]

    def content(self, level: Level, number: int) -> bytes:
        """Read a tile or a bundle as it lies there, as wide as this tree has it.

        Raises:
            LedgerError: It is missing or cut off, or the tree has no such tile.
        """
        return self.tile(level, number) if level != ENTRIES else encode_bundle(self.bundle(number))

    def _read(self, level: Level, number: int, width: int, most_bytes: int) -> bytes:
        """Read the tile of this width; once there is the full one, the partial one may be gone."""
        for each in (width, TILE_WIDTH):
            path = self.folder / tile_path(level, number, each)
            try:
                with open_plain(path) as stream:
                    content = stream.read(most_bytes + 1)
            except FileNotFoundError:
                continue
            except OSError as error:
                raise LedgerError(f"cannot be read: {error.strerror}", where=str(path)) from error
            if len(content) > most_bytes:
                raise LedgerError("the file is too long", where=str(path))
            return content
        path = self.folder / tile_path(level, number, width)
        raise LedgerError("a file of the log is missing", where=str(path))


def split_hashes(content: bytes) -> list[bytes]:
    """Cut the hashes of a tile apart."""
    return [content[at : at + HASH_BYTES] for at in range(0, len(content), HASH_BYTES)]
