"""Tiles and bundles as files, as C2SP tlog-tiles says."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.ledger.ledgers import filled

from cautery.errors import LedgerError
from cautery.ledger.tiles import (
    TileReader,
    decode_bundle,
    encode_bundle,
    tile_path,
    width_of,
)


def test_paths_of_the_specification() -> None:
    """Paths are those of the specification's examples."""
    assert tile_path(0, 1234067) == "tile/0/x001/x234/067"
    assert tile_path(2, 0, 1) == "tile/2/000.p/1"
    assert tile_path("entries", 1000) == "tile/entries/x001/000"


def test_widths_of_the_specification() -> None:
    """A tree of 70,000 has the tiles that the specification counts; one of 256 too."""
    full = sum(width_of(0, number, 70_000) == 256 for number in range(300))
    assert (full, width_of(0, 273, 70_000)) == (273, 112)
    assert [width_of(1, number, 70_000) for number in range(3)] == [256, 17, -239]
    assert [width_of(2, number, 70_000) for number in range(2)] == [1, -255]
    assert (width_of(0, 0, 256), width_of(0, 1, 256), width_of(1, 0, 256)) == (256, 0, 1)


def test_bundles() -> None:
    """Entries come back; a bundle that is cut off anywhere inside an entry is refused."""
    entries = [b"", b"one", bytes(300)]
    content = encode_bundle(entries)
    assert decode_bundle(content, "here") == entries
    whole = {0, 2, 7}
    for length in range(len(content)):
        if length not in whole:
            with pytest.raises(LedgerError):
                decode_bundle(content[:length], "here")


def test_an_older_tree_is_read_from_full_tiles(tmp_path: Path) -> None:
    """A tree of an earlier size is read though its partial tiles are gone."""
    folder = filled(tmp_path / "ledger", 300)
    assert not (folder / "tile/0/000.p").exists()
    old = TileReader(folder, 100)
    assert len(old.tile(0, 0)) == 100 * 32
    assert len(old.bundle(0)) == 100
    with pytest.raises(LedgerError, match="no tile"):
        old.tile(0, 1)
    with pytest.raises(LedgerError, match="no subtree"):
        old.hash_at(6, 1)
    with pytest.raises(LedgerError, match="no bundle"):
        old.bundle(1)


def test_missing_and_cut_files(tmp_path: Path) -> None:
    """A tile or bundle that is missing, too short or too long is named in the error."""
    folder = filled(tmp_path / "ledger", 300)
    tile, bundle = folder / "tile/0/000", folder / "tile/entries/000"
    whole = tile.read_bytes()
    for content in (whole[:-1], whole[:-32], whole + b"x"):
        tile.write_bytes(content)
        with pytest.raises(LedgerError, match="000"):
            TileReader(folder, 300).tile(0, 0)
    tile.unlink()
    with pytest.raises(LedgerError, match="missing"):
        TileReader(folder, 300).hash_at(3, 2)
    bundle.write_bytes(bundle.read_bytes() + encode_bundle([b"one more"]))
    with pytest.raises(LedgerError, match="number of entries"):
        TileReader(folder, 300).bundle(0)
    bundle.unlink()
    bundle.mkdir()
    with pytest.raises(LedgerError, match="cannot be read"):
        TileReader(folder, 300).bundle(0)
