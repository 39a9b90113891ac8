"""Verifying a whole ledger: whatever is changed in its files is found."""

from __future__ import annotations

import random
import shutil
from pathlib import Path

import pytest
from tests.ledger.ledgers import KEY, NOW, decision, filled, opened

from cautery.errors import LedgerError
from cautery.ledger.reader import LedgerReader
from cautery.ledger.record_frames import encode_frame
from cautery.ledger.record_reader import RecordReader
from cautery.ledger.record_store import destroy_records
from cautery.ledger.verifying import MOST_FAULTS, LedgerVerdict, verify_ledger


@pytest.fixture(scope="module")
def original(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A ledger of two tiles with an erasure in it."""
    folder = filled(tmp_path_factory.mktemp("verifying") / "ledger", 300)
    with opened(folder) as ledger:
        ledger.erase([5, 6, 250], reason="request 80", requested_at=NOW)
    return folder


@pytest.fixture
def folder(original: Path, tmp_path: Path) -> Path:
    """A copy to spoil."""
    return Path(shutil.copytree(original, tmp_path / "ledger"))


def verdict(folder: Path, *earlier: bytes) -> LedgerVerdict:
    """Verify a ledger with its own key."""
    return verify_ledger(LedgerReader(folder, KEY.public_key()), earlier=earlier)


def test_a_sound_ledger(original: Path) -> None:
    """A sound ledger verifies, and what it holds is counted."""
    seen: list[tuple[int, int]] = []
    reader = LedgerReader(original, KEY.public_key())
    found = verify_ledger(reader, progress=lambda done, of: seen.append((done, of)))
    assert found.faults == ()
    assert (found.kept, found.erased, found.unpublished) == (298, 3, 0)
    assert seen == [(0, 301)]


def test_every_flipped_byte_is_found(folder: Path) -> None:
    """A byte changed anywhere in tiles, entries, records or checkpoint is found."""
    draw = random.Random(3)
    files = [
        path
        for path in sorted(folder.rglob("*"))
        if path.is_file() and path.name not in {"lock", "public-key", "index.sqlite"}
    ]
    assert len(files) >= 7
    for path in files:
        whole = path.read_bytes()
        for place in {0, len(whole) - 1, *(draw.randrange(len(whole)) for _ in range(12))}:
            changed = bytearray(whole)
            changed[place] ^= 1 << draw.randrange(8)
            path.write_bytes(changed)
            try:
                faults = verdict(folder).faults
            except LedgerError:
                faults = ("the checkpoint does not verify",)
            assert faults, f"{path.name} at {place}"
        path.write_bytes(whole)
    assert verdict(folder).faults == ()


@pytest.mark.parametrize(
    "name", ["tile/0/000", "tile/1/000.p/1", "tile/entries/000", "records/00000000"]
)
def test_missing_files_are_found(folder: Path, name: str) -> None:
    """A missing file is a fault, and the rest is looked at all the same."""
    (folder / name).unlink()
    assert verdict(folder).faults


def test_a_record_that_vanished(folder: Path) -> None:
    """A record overwritten without an erasure that tells of it is a fault."""
    destroy_records(folder, [7, 8, 9])
    assert verdict(folder).faults == (
        "records 5 to 9 are erased, and nothing tells of all of them",
    )


def test_a_record_that_was_to_go(folder: Path) -> None:
    """A record that an erasure tells of and that is still there is a fault."""
    sound = filled(folder.with_name("sound"), 300)
    header, content = RecordReader(sound).frame(6)
    offset = RecordReader(folder).offset_of(6)
    segment = folder / "records/00000000"
    whole = bytearray(segment.read_bytes())
    frame = encode_frame(6, content, header.salt)
    whole[offset : offset + len(frame)] = frame
    segment.write_bytes(whole)
    faults = verdict(folder).faults
    assert "record 6 is not what the tree commits to" in faults or len(faults) == 1
    assert any("6" in fault for fault in faults)


def test_faults_are_bounded(folder: Path) -> None:
    """Of thousands of faults the first are told, and how many more there are."""
    segment = folder / "records/00000000"
    reader = RecordReader(folder)
    whole = bytearray(segment.read_bytes())
    for position in range(100):
        whole[reader.offset_of(position) + 60] ^= 1
    segment.write_bytes(whole)
    faults = verdict(folder).faults
    assert len(faults) == MOST_FAULTS + 1
    assert faults[-1].startswith("and 5")


def test_rewritten_history(tmp_path: Path) -> None:
    """An operator who writes another history is found by an earlier checkpoint, only by it."""
    honest = filled(tmp_path / "honest", 200)
    kept = (honest / "checkpoint").read_bytes()
    forged = tmp_path / "forged"
    with opened(forged) as ledger:
        for number in range(250):
            ledger.submit("decision", decision(number + (number == 100)), NOW)
    assert verdict(forged).faults == ()
    assert "rewritten" in verdict(forged, kept).faults[0]
    (forged / "anchors").mkdir()
    (forged / "anchors/200.checkpoint").write_bytes(kept)
    assert "rewritten" in verdict(forged).faults[0]
    (forged / "anchors/200.checkpoint").write_bytes(b"x" * 80_000)
    assert "too long" in verdict(forged).faults[0]
    with opened(honest) as ledger:
        ledger.append("decision", decision(200), NOW)
    assert verdict(honest, kept).earlier == 1


def test_a_log_that_was_cut(tmp_path: Path) -> None:
    """A log that was put back to an earlier state is found by a later checkpoint."""
    folder = filled(tmp_path / "ledger", 5)
    shutil.copytree(folder, tmp_path / "old")
    with opened(folder) as ledger:
        ledger.append("decision", decision(5), NOW)
    later = (folder / "checkpoint").read_bytes()
    assert "had 6 records once" in verdict(tmp_path / "old", later).faults[0]


def test_what_is_not_in_the_tree_yet_is_counted(tmp_path: Path) -> None:
    """Records that a killed writer left behind the checkpoint are counted, not verified."""
    folder = filled(tmp_path / "ledger", 5)
    with opened(folder) as ledger:
        ledger.append("decision", decision(5), NOW)
        assert verdict(folder).unpublished == 1
