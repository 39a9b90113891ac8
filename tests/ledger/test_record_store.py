"""The record store: batches whole or not at all, torn ends cut, erased records gone."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.ledger.ledgers import NOW, decision

from cautery.errors import LedgerError
from cautery.ledger import record_store
from cautery.ledger.commitments import ErasedRecord, canonical_record, entry_of
from cautery.ledger.durable_files import write_all
from cautery.ledger.record_frames import HEADER_BYTES, decode_header, encode_frame, is_whole
from cautery.ledger.record_reader import SEGMENT_RECORDS, RecordReader, segment_path
from cautery.ledger.record_store import (
    RecordAppender,
    destroy_records,
    recover_tail,
    unpublished_records,
)

SALT = bytes(range(32))


def content_of(number: int) -> bytes:
    """A record's canonical spelling."""
    return canonical_record("decision", decision(number), NOW)


def frames(start: int, stop: int) -> list[bytes]:
    """Records as they lie in the store."""
    return [encode_frame(number, content_of(number), SALT) for number in range(start, stop)]


def appender(folder: Path) -> RecordAppender:
    """An appender on an empty or recovered store."""
    tail = recover_tail(folder, 0)
    return RecordAppender(folder, tail.position, tail.offset)


def test_every_torn_end_is_cut(tmp_path: Path) -> None:
    """Wherever the last write was cut, the records before it stay and the rest is dropped."""
    store = appender(tmp_path)
    store.append(frames(0, 3))
    store.append(frames(3, 5))
    store.close()
    path = segment_path(tmp_path, 0)
    whole = path.read_bytes()
    ends = [0]
    for frame in frames(0, 5):
        ends.append(ends[-1] + len(frame))
    for length in range(ends[3], len(whole) + 1):
        path.write_bytes(whole[:length])
        tail = recover_tail(tmp_path, 2)
        position = max(number for number, end in enumerate(ends) if end <= length)
        assert (tail.position, tail.offset) == (position, ends[position])
        assert tail.dropped_bytes == length - ends[position]
        assert path.stat().st_size == ends[position]
        expected = [entry_of(content_of(number), SALT) for number in range(2, position)]
        assert list(tail.entries) == expected
        assert recover_tail(tmp_path, 2).dropped_bytes == 0


def test_every_flipped_byte_of_the_end_is_found(tmp_path: Path) -> None:
    """A byte of the last record that was not written ends the store there."""
    store = appender(tmp_path)
    store.append(frames(0, 2))
    store.close()
    path = segment_path(tmp_path, 0)
    whole, start = path.read_bytes(), len(frames(0, 1)[0])
    for place in range(start, len(whole)):
        changed = bytearray(whole)
        changed[place] ^= 1
        path.write_bytes(changed)
        assert unpublished_records(tmp_path, 1) == 0
        assert recover_tail(tmp_path, 1).position == 1


def test_a_record_of_the_tree_is_never_cut(tmp_path: Path) -> None:
    """If a record that is in the tree is missing, the store is refused and left alone."""
    store = appender(tmp_path)
    store.append(frames(0, 3))
    store.close()
    path = segment_path(tmp_path, 0)
    path.write_bytes(path.read_bytes()[:-100])
    size = path.stat().st_size
    with pytest.raises(LedgerError, match=r"cut off|missing|no record"):
        recover_tail(tmp_path, 4)
    assert path.stat().st_size == size
    path.unlink()
    with pytest.raises(LedgerError):
        recover_tail(tmp_path, 3)


def test_segments(tmp_path: Path) -> None:
    """A batch may reach over several segments; each record is found, also from the middle."""
    store = appender(tmp_path)
    count = 2 * SEGMENT_RECORDS + 10
    store.append(frames(0, 5))
    store.append(frames(5, count))
    store.append(frames(count, count + 1))
    store.close()
    assert len(list((tmp_path / "records").iterdir())) == 3
    reader = RecordReader(tmp_path)
    for position in (0, 4, 5, SEGMENT_RECORDS - 1, SEGMENT_RECORDS, count):
        assert reader.frame(position)[1] == content_of(position)
    some = list(RecordReader(tmp_path).frames(SEGMENT_RECORDS - 2, SEGMENT_RECORDS + 2))
    assert [header.position for header, _ in some] == [
        SEGMENT_RECORDS - 2,
        SEGMENT_RECORDS - 1,
        SEGMENT_RECORDS,
        SEGMENT_RECORDS + 1,
    ]
    assert recover_tail(tmp_path, count - 3).position == count + 1
    path = segment_path(tmp_path, 1)
    path.write_bytes(path.read_bytes()[:-1])
    tail = recover_tail(tmp_path, SEGMENT_RECORDS)
    assert tail.position == 2 * SEGMENT_RECORDS - 1
    assert not segment_path(tmp_path, 2).exists()


@pytest.mark.parametrize("fault", ["write", "short write", "sync"])
def test_a_failed_batch_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, fault: str
) -> None:
    """A batch that cannot be written leaves nothing of itself, and the next one goes in."""
    store = appender(tmp_path)
    store.append(frames(0, SEGMENT_RECORDS - 2))
    position, real = store.position, write_all

    def full_disk(descriptor: int, content: bytes, offset: int) -> None:
        if fault == "short write" and offset:
            real(descriptor, content[:50], offset)
        if fault != "sync" and offset == 0:
            raise OSError(28, "No space left on device")
        real(descriptor, content, offset)

    def broken_disk(descriptor: int) -> None:
        raise OSError(5, "Input/output error")

    monkeypatch.setattr(record_store, "write_all", full_disk)
    if fault == "sync":
        monkeypatch.setattr(record_store, "synchronise", broken_disk)
    with pytest.raises(OSError, match=r"No space|Input/output"):
        store.append(frames(position, position + 5))
    assert store.position == position
    monkeypatch.undo()
    assert unpublished_records(tmp_path, 0) in {position, position + 2}
    store.append(frames(position, position + 3))
    store.close()
    assert unpublished_records(tmp_path, 0) == position + 3
    assert recover_tail(tmp_path, 0).dropped_bytes == 0


def test_erasing(tmp_path: Path) -> None:
    """Erased records are zeros, as long as they were; the others stay; again does no harm."""
    store = appender(tmp_path)
    count = SEGMENT_RECORDS + 5
    store.append(frames(0, count))
    store.close()
    before = sum(path.stat().st_size for path in (tmp_path / "records").iterdir())
    gone = [0, 7, 8, SEGMENT_RECORDS - 1, SEGMENT_RECORDS + 1]
    for _ in range(2):
        destroy_records(tmp_path, gone)
    reader = RecordReader(tmp_path)
    found = list(reader.records(0, count))
    assert [each.position for each in found if isinstance(each, ErasedRecord)] == gone
    everything = b"".join(path.read_bytes() for path in sorted((tmp_path / "records").iterdir()))
    assert len(everything) == before
    assert b'"d7"' not in everything
    assert b'"d6"' in everything
    assert [found.position for found in reader.whole_records(range(9))] == [1, 2, 3, 4, 5, 6]


@given(st.binary(max_size=120), st.integers(0, 3))
def test_garbage_is_no_frame(content: bytes, position: int) -> None:
    """Random bytes are refused or read as a header, never anything else."""
    try:
        header = decode_header(content, position)
    except LedgerError:
        return
    assert not is_whole(header, content[HEADER_BYTES:])
