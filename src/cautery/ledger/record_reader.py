"""Reads the erasable record store: segments of 4,096 records, one after the other."""

from __future__ import annotations

import os
from array import array
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import BinaryIO, Final

from cautery.errors import LedgerError
from cautery.ledger.commitments import ErasedRecord, LedgerRecord, read_record
from cautery.ledger.record_frames import (
    ERASED,
    HEADER_BYTES,
    FrameHeader,
    decode_header,
    is_whole,
)
from cautery.plain_files import open_plain

SEGMENT_RECORDS: Final = 4_096
"""Records of a segment: to find one of them its headers are read, which takes milliseconds."""
RECORDS_FOLDER: Final = "records"
_KEPT_SEGMENTS: Final = 32
"""Segments whose places a reader keeps in memory: 32 KiB each."""
_READS: Final = 3
"""Tries for a record that somebody may be erasing just now."""

Frame = tuple[FrameHeader, bytes]


def segment_path(folder: Path, segment: int) -> Path:
    """Name a segment's file."""
    return folder / RECORDS_FOLDER / f"{segment:08d}"


class RecordReader:
    """Records by their position.

    Args:
        folder: The ledger's folder.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._kept: dict[int, array[int]] = {}

    def offset_of(self, position: int) -> int:
        """Find where a record's header begins in its segment.

        Args:
            position: Its place in the log; the place after the last record has one too.

        Returns:
            Bytes from the beginning of the segment.

        Raises:
            LedgerError: A record before it is missing.
        """
        segment, place = divmod(position, SEGMENT_RECORDS)
        offsets = self._kept.pop(segment, None) or array("Q", [0])
        if len(self._kept) >= _KEPT_SEGMENTS:
            self._kept.pop(next(iter(self._kept)))
        self._kept[segment] = offsets
        if len(offsets) <= place:
            with self._opened(segment, position) as stream:
                while len(offsets) <= place:
                    at = segment * SEGMENT_RECORDS + len(offsets) - 1
                    head = os.pread(stream.fileno(), HEADER_BYTES, offsets[-1])
                    header = self._header(head, at)
                    offsets.append(offsets[-1] + HEADER_BYTES + header.length)
        return offsets[place]

    def frame(self, position: int) -> Frame:
        """Read a record as it lies there.

        Raises:
            LedgerError: It is missing or damaged.
        """
        offset = self.offset_of(position)
        segment = position // SEGMENT_RECORDS
        with self._opened(segment, position) as stream:
            for _ in range(_READS):
                header = self._header(os.pread(stream.fileno(), HEADER_BYTES, offset), position)
                content = os.pread(stream.fileno(), header.length, offset + HEADER_BYTES)
                if is_whole(header, content):
                    return header, content
        where = str(segment_path(self._folder, segment))
        raise LedgerError(f"record {position} is damaged", where=where)

    def frames(self, start: int, stop: int) -> Iterator[Frame]:
        """Read records one after the other.

        Args:
            start: The first.
            stop: The one after the last.

        Yields:
            Each as it lies there.

        Raises:
            LedgerError: One is missing or damaged.
        """
        while start < stop:
            segment = start // SEGMENT_RECORDS
            end = min(stop, (segment + 1) * SEGMENT_RECORDS)
            offset = self.offset_of(start)
            with self._opened(segment, start) as stream:
                stream.seek(offset)
                for position in range(start, end):
                    header = self._header(stream.read(HEADER_BYTES), position)
                    content = stream.read(header.length)
                    yield ((header, content) if is_whole(header, content) else self.frame(position))
            start = end

    def read(self, position: int) -> LedgerRecord | ErasedRecord:
        """Read a record.

        Args:
            position: Its place in the log.

        Returns:
            The record, or what says that it was erased.

        Raises:
            LedgerError: It is missing or damaged.
        """
        return as_record(*self.frame(position))

    def records(self, start: int, stop: int) -> Iterator[LedgerRecord | ErasedRecord]:
        """Read records one after the other, as ``frames`` does."""
        for header, content in self.frames(start, stop):
            yield as_record(header, content)

    def whole_records(self, positions: Iterable[int]) -> Iterator[LedgerRecord]:
        """Read the records that are neither erased nor damaged, for example by half an erasure."""
        for position in positions:
            try:
                found = self.read(position)
            except LedgerError:
                continue
            if isinstance(found, LedgerRecord):
                yield found

    def _header(self, content: bytes, position: int) -> FrameHeader:
        try:
            return decode_header(content, position)
        except LedgerError as error:
            where = str(segment_path(self._folder, position // SEGMENT_RECORDS))
            raise LedgerError(error.what, where=where) from error

    def _opened(self, segment: int, position: int) -> BinaryIO:
        path = segment_path(self._folder, segment)
        try:
            return open_plain(path)
        except OSError as error:
            message = f"record {position} cannot be read: {error.strerror}"
            raise LedgerError(message, where=str(path)) from error


def as_record(header: FrameHeader, content: bytes) -> LedgerRecord | ErasedRecord:
    """Read what lies in a frame.

    Raises:
        LedgerError: It is no record.
    """
    if header.state == ERASED:
        return ErasedRecord(position=header.position)
    return read_record(header.position, content, header.salt)
