"""The tree on disk: it grows as the definition says, and a failed write leaves it as it was."""

from __future__ import annotations

import random
from pathlib import Path

import pytest
from tests.ledger.ledgers import KEY, oracle_root

from cautery.errors import LedgerError
from cautery.ledger import publishing
from cautery.ledger.checkpoints import CHECKPOINT_FILE, Checkpoint, open_checkpoint, sign_checkpoint
from cautery.ledger.durable_files import write_durably
from cautery.ledger.merkle import (
    EMPTY_ROOT,
    consistency_path,
    inclusion_path,
    is_consistent,
    is_included,
    leaf_hash,
)
from cautery.ledger.publishing import Publisher
from cautery.ledger.tiles import TileReader

ENTRIES = [number.to_bytes(4, "big") for number in range(66_000)]
LEAVES = [leaf_hash(entry) for entry in ENTRIES]
EMPTY = Checkpoint(origin=KEY.name, size=0, root=EMPTY_ROOT)


def stored(folder: Path) -> Checkpoint:
    """The checkpoint on disk."""
    return open_checkpoint((folder / CHECKPOINT_FILE).read_bytes(), KEY.public_key())[0]


def test_it_grows_as_the_definition_says(tmp_path: Path) -> None:
    """After steps of any length root, proofs and a publisher opened anew are right."""
    draw = random.Random(11)
    publisher = Publisher(tmp_path, KEY, EMPTY)
    sizes = [0]
    while sizes[-1] < 1_500:
        size = min(1_500, sizes[-1] + draw.choice([1, 2, 3, 100, 256, 257, 300]))
        publisher.publish(ENTRIES[sizes[-1] : size])
        assert stored(tmp_path) == publisher.checkpoint
        assert publisher.checkpoint.root == oracle_root(LEAVES[:size])
        if draw.random() < 0.5:
            publisher = Publisher(tmp_path, KEY, stored(tmp_path))
        sizes.append(size)
    reader, root = TileReader(tmp_path, 1_500), oracle_root(LEAVES[:1_500])
    for _ in range(100):
        index = draw.randrange(1_500)
        path = inclusion_path(reader, index, 1_500)
        assert is_included(LEAVES[index], index, 1_500, path, root)
        assert reader.bundle(index // 256)[index % 256] == ENTRIES[index]
    for size in sizes:
        path = consistency_path(reader, size, 1_500)
        assert is_consistent(size, oracle_root(LEAVES[:size]), 1_500, root, path)


def test_three_levels(tmp_path: Path) -> None:
    """A tree of more than 65,536 leaves has a tile on the third level, and the right root."""
    publisher = Publisher(tmp_path, KEY, EMPTY)
    publisher.publish(ENTRIES)
    assert (tmp_path / "tile/2/000.p/1").is_file()
    assert not (tmp_path / "tile/3").exists()
    assert len(list((tmp_path / "tile/0").glob("[0-9]*[0-9]"))) == 257
    again = Publisher(tmp_path, KEY, stored(tmp_path))
    assert again.checkpoint.root == oracle_root(LEAVES)
    path = inclusion_path(TileReader(tmp_path, len(ENTRIES)), 65_700, len(ENTRIES))
    assert is_included(LEAVES[65_700], 65_700, len(ENTRIES), path, again.checkpoint.root)


def test_partial_tiles_go_when_the_full_one_is_there(tmp_path: Path) -> None:
    """Partial tiles of every published size stay until the full tile is published."""
    publisher = Publisher(tmp_path, KEY, EMPTY)
    publisher.publish(ENTRIES[:10])
    publisher.publish(ENTRIES[10:255])
    assert sorted(path.name for path in (tmp_path / "tile/0/000.p").iterdir()) == ["10", "255"]
    publisher.publish(ENTRIES[255:256])
    assert not (tmp_path / "tile/0/000.p").exists()
    assert not (tmp_path / "tile/entries/000.p").exists()
    assert (tmp_path / "tile/1/000.p/1").is_file()


@pytest.mark.parametrize("failing", range(1, 9))
def test_a_failed_write_leaves_it_as_it_was(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, failing: int
) -> None:
    """Whichever write fails, the checkpoint stays, and the same entries go in afterwards."""
    publisher = Publisher(tmp_path, KEY, EMPTY)
    publisher.publish(ENTRIES[:250])
    writes = 0
    write = write_durably

    def full_disk(path: Path, content: bytes, **options: object) -> None:
        nonlocal writes
        writes += 1
        if writes == failing:
            raise OSError(28, "No space left on device")
        write(path, content, **options)  # type: ignore[arg-type]

    monkeypatch.setattr(publishing, "write_durably", full_disk)
    with pytest.raises(OSError, match="No space"):
        publisher.publish(ENTRIES[250:600])
    assert stored(tmp_path) == publisher.checkpoint
    assert Publisher(tmp_path, KEY, stored(tmp_path)).checkpoint.size == 250
    monkeypatch.undo()
    publisher.publish(ENTRIES[250:600])
    assert stored(tmp_path).root == oracle_root(LEAVES[:600])


def test_another_root_is_refused(tmp_path: Path) -> None:
    """A publisher does not start on tiles that are not those of the checkpoint."""
    Publisher(tmp_path, KEY, EMPTY).publish(ENTRIES[:300])
    before = stored(tmp_path)
    forged = Checkpoint(origin=KEY.name, size=300, root=bytes(32))
    (tmp_path / CHECKPOINT_FILE).write_bytes(sign_checkpoint(forged, KEY))
    with pytest.raises(LedgerError, match="do not have the root"):
        Publisher(tmp_path, KEY, stored(tmp_path))
    tile = tmp_path / "tile/1/000.p/1"
    tile.write_bytes(bytes(32))
    with pytest.raises(LedgerError, match="do not have the root"):
        Publisher(tmp_path, KEY, before)
