"""Verifies the records of a ledger against the entries that commit to them."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from cautery.errors import LedgerError
from cautery.ledger.commitments import entry_of, read_record
from cautery.ledger.erasures import ERASURE_KIND, are_runs, stored_requests
from cautery.ledger.reader import LedgerReader
from cautery.ledger.record_frames import KEPT
from cautery.ledger.record_reader import SEGMENT_RECORDS, Frame, RecordReader
from cautery.ledger.tiles import TILE_WIDTH

_ERASURE_START: Final = f'{{"kind":"{ERASURE_KIND}",'.encode()
_RECORDS_A_TELLING: Final = 4_096

Run = tuple[int, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckedRecords:
    """What was found of them."""

    kept: int
    """Records that are what the tree commits to."""
    erased: int
    """Records that are erased."""


def check_records(
    reader: LedgerReader,
    fault: Callable[[str], None],
    progress: Callable[[int, int], None] | None = None,
) -> CheckedRecords:
    """Check every record against its commitment, and every erasure against what tells of it.

    Args:
        reader: The ledger.
        fault: Told what does not verify.
        progress: Told how many records of how many were looked at.

    Returns:
        How many there are.
    """
    erased: list[Run] = []
    told: list[Run] = []
    finished: list[Run] = []
    waiting = {request.erasure_id for request in stored_requests(reader.folder)[0]}
    kept, number, entries = 0, -1, []
    for position, frame in _frames(reader.records, reader.size, fault):
        if position // TILE_WIDTH != number:
            number = position // TILE_WIDTH
            entries = _entries(reader, number)
        if progress is not None and position % _RECORDS_A_TELLING == 0:
            progress(position, reader.size)
        if frame is None:
            continue
        header, content = frame
        if header.state != KEPT:
            _extend(erased, position)
        elif entries and entry_of(content, header.salt) != entries[position % TILE_WIDTH]:
            fault(f"record {position} is not what the tree commits to")
        else:
            kept += 1
            if content.startswith(_ERASURE_START):
                erasure_id, ranges = _told_runs(position, content, header.salt, fault)
                told += ranges
                finished += [] if erasure_id in waiting else ranges
    told = _joined(told)
    for run in erased:
        if not _covers(told, run):
            fault(f"records {run[0]} to {run[1]} are erased, and nothing tells of all of them")
    for run in _joined(finished):
        if not _covers(erased, run):
            fault(f"records {run[0]} to {run[1]} were to be erased, and not all of them are")
    return CheckedRecords(kept=kept, erased=sum(last - first + 1 for first, last in erased))


def _frames(
    records: RecordReader, size: int, fault: Callable[[str], None]
) -> Iterator[tuple[int, Frame | None]]:
    """Read every record; past one that is damaged go on with the next that can be found."""
    position = 0
    while position < size:
        try:
            for frame in records.frames(position, size):
                yield position, frame
                position += 1
        except LedgerError as error:
            fault(str(error))
            position += 1
            if position < size and not _can_find(records, position):
                end = min(size, (position // SEGMENT_RECORDS + 1) * SEGMENT_RECORDS)
                fault(f"records {position} to {end - 1} cannot be found")
                position = end


def _can_find(records: RecordReader, position: int) -> bool:
    try:
        records.offset_of(position)
    except LedgerError:
        return False
    return True


def _entries(reader: LedgerReader, number: int) -> list[bytes]:
    """Read a bundle; what is wrong with it the tree's own check tells."""
    try:
        return reader.tiles.bundle(number)
    except LedgerError:
        return []


def _told_runs(
    position: int, content: bytes, salt: bytes, fault: Callable[[str], None]
) -> tuple[str, list[Run]]:
    """Read what an erasure says."""
    try:
        told = read_record(position, content, salt).record
        ranges = [(int(first), int(last)) for first, last in told["ranges"]]
    except (LedgerError, KeyError, TypeError, ValueError):
        told, ranges = {}, []
    if not are_runs(ranges, position):
        fault(f"record {position} tells of an erasure that cannot be")
        return "", []
    return str(told.get("erasure_id", "")), ranges


def _extend(runs: list[Run], position: int) -> None:
    if runs and runs[-1][1] == position - 1:
        runs[-1] = (runs[-1][0], position)
    else:
        runs.append((position, position))


def _joined(runs: Sequence[Run]) -> list[Run]:
    joined: list[Run] = []
    for first, last in sorted(runs):
        if joined and first <= joined[-1][1] + 1:
            joined[-1] = (joined[-1][0], max(joined[-1][1], last))
        else:
            joined.append((first, last))
    return joined


def _covers(runs: list[Run], run: Run) -> bool:
    place = bisect_right(runs, (run[0], run[1])) - 1
    candidates = runs[max(place, 0) : place + 2]
    return any(first <= run[0] and run[1] <= last for first, last in candidates)
