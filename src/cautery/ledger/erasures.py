"""Requests to erase records: files that whoever writes the ledger carries out, after a crash too.

Order: the request is on disk; the ledger records it; record and salt are overwritten; the request
goes. Whatever is interrupted is done again at the next start.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from pathlib import Path
from typing import Final

import msgspec

from cautery.errors import LedgerError, UsageError
from cautery.ledger.canonical_json import canonical_json
from cautery.ledger.commitments import time_text
from cautery.ledger.durable_files import synchronise_folder, write_durably
from cautery.ledger.record_reader import RecordReader
from cautery.plain_files import open_plain

ERASURES_FOLDER: Final = "erasures"
ERASURE_KIND: Final = "erasure"
"""Kind of the record that says what was erased, and why."""
ERASURE_SCHEMA: Final = "cautery.erasure/1"
MOST_RANGES: Final = 1_000
"""Ranges of positions in one request."""
MOST_REASON_CHARACTERS: Final = 1_000
_MOST_BYTES: Final = 1 << 18
_NAME: Final = re.compile(r"[0-9a-f]{32}\.json")


class ErasureRequest(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What to erase, and why."""

    schema: str
    """``cautery.erasure/1``."""
    erasure_id: str
    """32 random hexadecimal digits."""
    ranges: tuple[tuple[int, int], ...]
    """First and last position of each run; ascending."""
    reason: str
    """For people; it stays in the ledger, so it names nobody."""
    requested_at: str
    """When; UTC."""
    tree_size: int
    """Size of the tree when it was asked for: the record of the erasure comes after it."""

    def positions(self) -> Iterator[int]:
        """Give every position."""
        for first, last in self.ranges:
            yield from range(first, last + 1)

    def names(self, position: int) -> bool:
        """Say whether a position is among them."""
        return any(first <= position <= last for first, last in self.ranges)


def new_request(
    ranges: Sequence[tuple[int, int]],
    *,
    reason: str,
    requested_at: datetime,
    tree_size: int,
    erasure_id: str,
) -> ErasureRequest:
    """Ask for records to be erased.

    Args:
        ranges: First and last position of each run, ascending (``runs_of``).
        reason: Why; it stays in the ledger, so it should name nobody.
        requested_at: When; UTC.
        tree_size: Size of the tree now.
        erasure_id: 32 random hexadecimal digits.

    Returns:
        The request.

    Raises:
        UsageError: No run, one that is not in the tree, too many, or no reason.
    """
    if not are_runs(ranges, tree_size):
        raise UsageError(
            f"an erasure names 1 to {MOST_RANGES:,} runs of records",
            hint=f"The tree has {tree_size:,} records.",
        )
    if not reason.strip() or len(reason) > MOST_REASON_CHARACTERS:
        raise UsageError("an erasure needs a reason", hint="It stays in the ledger: name nobody.")
    return ErasureRequest(
        schema=ERASURE_SCHEMA,
        erasure_id=erasure_id,
        ranges=tuple(ranges),
        reason=reason,
        requested_at=time_text(requested_at),
        tree_size=tree_size,
    )


def runs_of(positions: Iterable[int]) -> Iterator[tuple[int, int]]:
    """Join neighbouring positions.

    Args:
        positions: Ascending.

    Yields:
        First and last of each run.

    Example:
        >>> list(runs_of([1, 2, 3, 5]))
        [(1, 3), (5, 5)]
    """
    first = last = -1
    for position in positions:
        if position != last + 1 or first < 0:
            if first >= 0:
                yield first, last
            first = position
        last = position
    if first >= 0:
        yield first, last


def store_request(folder: Path, request: ErasureRequest) -> Path:
    """Write a request; on disk when this returns.

    Returns:
        Its file, which goes when it was carried out.

    Raises:
        OSError: It cannot be written.
    """
    path = folder / ERASURES_FOLDER / f"{request.erasure_id}.json"
    write_durably(path, canonical_json(msgspec.to_builtins(request)), mode=0o600)
    return path


def stored_requests(folder: Path) -> tuple[list[ErasureRequest], list[str]]:
    """Read the requests that wait.

    Args:
        folder: The ledger's folder.

    Returns:
        Requests, by when they were made, and what is wrong with those that cannot be read.
    """
    waiting = folder / ERASURES_FOLDER
    found, faults = [], []
    for path in sorted(waiting.iterdir()) if waiting.is_dir() else []:
        if _NAME.fullmatch(path.name):
            try:
                found.append(_read(path))
            except LedgerError as error:
                faults.append(str(error))
    return sorted(found, key=lambda request: (request.requested_at, request.erasure_id)), faults


def check_erasable(reader: RecordReader, request: ErasureRequest) -> None:
    """Refuse to erase what tells of an erasure.

    Args:
        reader: The records; one that is half erased already is no obstacle.
        request: What is to be erased.

    Raises:
        UsageError: The request wants it.
    """
    for found in reader.whole_records(request.positions()):
        if found.kind == ERASURE_KIND:
            raise UsageError(f"record {found.position} tells of an erasure, and stays")


def remove_request(folder: Path, request: ErasureRequest) -> None:
    """Remove a request that was carried out.

    Raises:
        OSError: It cannot be removed.
    """
    (folder / ERASURES_FOLDER / f"{request.erasure_id}.json").unlink(missing_ok=True)
    synchronise_folder(folder / ERASURES_FOLDER)


def erasure_record(request: ErasureRequest) -> dict[str, object]:
    """Write what the ledger says of an erasure."""
    return {
        "erasure_id": request.erasure_id,
        "ranges": [list(each) for each in request.ranges],
        "reason": request.reason,
        "requested_at": request.requested_at,
    }


def _read(path: Path) -> ErasureRequest:
    try:
        with open_plain(path) as stream:
            content = stream.read(_MOST_BYTES)
        request = msgspec.json.decode(content, type=ErasureRequest)
    except (OSError, msgspec.DecodeError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else error
        raise LedgerError(f"no request to erase: {reason}", where=str(path)) from error
    if (
        request.schema != ERASURE_SCHEMA
        or f"{request.erasure_id}.json" != path.name
        or not are_runs(request.ranges, request.tree_size)
    ):
        raise LedgerError("no request to erase", where=str(path))
    return request


def are_runs(ranges: Sequence[Sequence[int]], size: int) -> bool:
    """Say whether ranges are ascending runs of a tree of a size."""
    last = -1
    for each in ranges:
        if len(each) != 2 or not last < each[0] <= each[1] < size:
            return False
        last = each[1]
    return 0 < len(ranges) <= MOST_RANGES
