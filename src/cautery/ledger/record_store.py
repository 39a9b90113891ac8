"""Writes the erasable record store, which is the ledger's write-ahead log as well.

A record is acknowledged once its segment is on disk; the tree follows. What was not acknowledged
may be cut off when a writer was killed; what was, never is.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path

from cautery.errors import LedgerError
from cautery.ledger.commitments import entry_of
from cautery.ledger.durable_files import (
    make_folder,
    synchronise,
    synchronise_folder,
    write_all,
)
from cautery.ledger.record_frames import HEADER_BYTES, KEPT, decode_header, erased_frame, is_whole
from cautery.ledger.record_reader import RECORDS_FOLDER, SEGMENT_RECORDS, RecordReader, segment_path


@dataclass(frozen=True, slots=True, kw_only=True)
class Tail:
    """What lies behind the last record that is in the tree."""

    position: int
    """Place of the next record."""
    offset: int
    """Where it goes in its segment, in bytes."""
    entries: Sequence[bytes]
    """Commitments of records that are not in the tree yet."""
    dropped_bytes: int
    """What was cut off because it was written in part only."""


def recover_tail(folder: Path, size: int) -> Tail:
    """Find the end of the records, and cut off what a killed writer wrote in part.

    Args:
        folder: The ledger's folder.
        size: Records in the tree.

    Returns:
        What lies behind them; on disk.

    Raises:
        LedgerError: A record that is in the tree is missing.
        OSError: The end cannot be cut.
    """
    make_folder(folder / RECORDS_FOLDER)
    offset = RecordReader(folder).offset_of(size)
    position, entries = size, []
    while True:
        path = segment_path(folder, position // SEGMENT_RECORDS)
        last = (position // SEGMENT_RECORDS + 1) * SEGMENT_RECORDS
        if not path.exists():
            if offset:
                raise LedgerError(f"record {position - 1} is missing", where=str(path))
            break
        with path.open("r+b") as stream:
            stream.seek(offset)
            while position < last and (entry := _next_entry(stream.read, position)):
                entries.append(entry[0])
                offset += entry[1]
                position += 1
            synchronise(stream.fileno())
        if position < last:
            break
        offset = 0
    dropped = _cut(folder, position, offset)
    return Tail(position=position, offset=offset, entries=entries, dropped_bytes=dropped)


def unpublished_records(folder: Path, size: int) -> int:
    """Count the whole records behind those that are in the tree, without changing anything.

    Args:
        folder: The ledger's folder.
        size: Records in the tree.

    Returns:
        How many there are.
    """
    reader, position = RecordReader(folder), size
    while True:
        try:
            reader.frame(position)
        except LedgerError:
            return position - size
        position += 1


def _next_entry(read: Callable[[int], bytes], position: int) -> tuple[bytes, int] | None:
    """Read the next record's commitment and length; None if it is not whole."""
    try:
        header = decode_header(read(HEADER_BYTES), position)
    except LedgerError:
        return None
    content = read(header.length)
    if header.state != KEPT or not is_whole(header, content):
        return None
    return entry_of(content, header.salt), HEADER_BYTES + header.length


def _cut(folder: Path, position: int, offset: int) -> int:
    """Cut everything off from a place on; tell how many bytes that was."""
    segment = position // SEGMENT_RECORDS
    path = segment_path(folder, segment)
    dropped = 0
    if path.exists() and (extra := path.stat().st_size - offset) > 0:
        dropped += extra
        _truncate(path, offset)
    while (later := segment_path(folder, segment + 1)).exists():
        dropped += later.stat().st_size
        later.unlink()
        segment += 1
    synchronise_folder(folder / RECORDS_FOLDER)
    return dropped


def _truncate(path: Path, offset: int) -> None:
    descriptor = os.open(path, os.O_RDWR)
    try:
        os.ftruncate(descriptor, offset)
        synchronise(descriptor)
    finally:
        os.close(descriptor)


class RecordAppender:
    """Appends frames, all of a batch or none.

    Args:
        folder: The ledger's folder.
        position: Place of the next record.
        offset: Where it goes in its segment, in bytes.
    """

    def __init__(self, folder: Path, position: int, offset: int) -> None:
        self._folder = folder
        self.position, self._offset = position, offset
        self._descriptor = -1
        self._segment = -1
        self._damaged = False

    def append(self, frames: Sequence[bytes]) -> None:
        """Write frames and wait until they are on disk.

        Args:
            frames: Of the next positions.

        Raises:
            OSError: They cannot be written. None of them is there, and the same may be tried
                again.
        """
        if self._damaged:
            self._restore()
        try:
            position, offset = self._write(frames)
        except OSError:
            self._damaged = True
            with contextlib.suppress(OSError):
                self._restore()
            raise
        self.position, self._offset = position, offset

    def close(self) -> None:
        """Close the segment's file."""
        if self._descriptor >= 0:
            os.close(self._descriptor)
            self._descriptor = self._segment = -1

    def _write(self, frames: Sequence[bytes]) -> tuple[int, int]:
        position, offset, at = self.position, self._offset, 0
        while at < len(frames):
            room = SEGMENT_RECORDS - position % SEGMENT_RECORDS
            part = b"".join(frames[at : at + room])
            self._open(position // SEGMENT_RECORDS)
            write_all(self._descriptor, part, offset)
            synchronise(self._descriptor)
            position += min(room, len(frames) - at)
            at += room
            offset = 0 if position % SEGMENT_RECORDS == 0 else offset + len(part)
        return position, offset

    def _open(self, segment: int) -> None:
        if segment == self._segment:
            return
        self.close()
        path = segment_path(self._folder, segment)
        new = not path.exists()
        self._descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        self._segment = segment
        if new:
            synchronise_folder(path.parent)

    def _restore(self) -> None:
        """Cut off what a failed batch wrote."""
        self.close()
        _cut(self._folder, self.position, self._offset)
        self._damaged = False


def destroy_records(folder: Path, positions: Iterable[int]) -> None:
    """Overwrite records and their salts with zeros, and wait until that is on disk.

    Doing it again, or after a crash in the middle, does no harm.

    Args:
        folder: The ledger's folder.
        positions: Their places, ascending.

    Raises:
        LedgerError: One is not there.
        OSError: One cannot be overwritten.
    """
    reader = RecordReader(folder)
    for segment, places in groupby(positions, lambda position: position // SEGMENT_RECORDS):
        descriptor = os.open(segment_path(folder, segment), os.O_RDWR | os.O_CLOEXEC)
        try:
            for place in places:
                offset = reader.offset_of(place)
                header = decode_header(os.pread(descriptor, HEADER_BYTES, offset), place)
                write_all(descriptor, erased_frame(place, header.length), offset)
            synchronise(descriptor)
        finally:
            os.close(descriptor)
