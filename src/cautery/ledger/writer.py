"""The ledger as its one writer has it: appends, publishes, erases; verified when it is opened."""

from __future__ import annotations

import secrets
import threading
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import Future
from datetime import datetime
from pathlib import Path
from typing import Any, Final, Self

from cautery.errors import CauteryError, OutputError
from cautery.ledger.checkpoints import Checkpoint
from cautery.ledger.commitments import SALT_BYTES, canonical_record, entry_of, read_time
from cautery.ledger.durable_files import WriterLock, output_errors
from cautery.ledger.erasures import (
    ERASURE_KIND,
    ErasureRequest,
    check_erasable,
    erasure_record,
    new_request,
    remove_request,
    runs_of,
    store_request,
    stored_requests,
)
from cautery.ledger.group_commit import MOST_AT_ONCE, GroupCommit
from cautery.ledger.opening import recover, stored_checkpoint
from cautery.ledger.record_frames import encode_frame
from cautery.ledger.record_index import forget_records
from cautery.ledger.record_reader import RecordReader
from cautery.ledger.record_store import RecordAppender, destroy_records
from cautery.ledger.signed_notes import SigningKey

PUBLISH_INTERVAL_SECONDS: Final = 1.0
"""How long a record may be on disk before it is in the tree, and a request to erase may wait."""
MOST_UNPUBLISHED: Final = 65_536
"""Records that may wait for the tree; with more, appending fails until it can be written again."""
RECOVERY_KIND: Final = "recovery"
"""Kind of the record that says what was cut off after a writer was killed."""
LOCK_FILE: Final = "lock"
"""Held by the writer."""

_Item = tuple[bytes, bytes, bytes]
"""A record's canonical spelling, its salt, and the entry that commits to it."""


class Ledger:
    """A ledger opened for writing; implements the port ``AuditTrail``. Close it, or use ``with``.

    When it is opened, the tree's right edge must have the root of the signed checkpoint, and the
    last records must be those that the tree commits to; what a killed writer had acknowledged is
    brought into the tree, what it had begun to erase is erased.

    Args:
        folder: The ledger's folder (``create_ledger``).
        key: Its key.
        clock: Gives the time in UTC, for what the ledger says of itself.
        publish_interval_seconds: How long a record may wait for the tree.
        most_at_once: Records that may share one wait for the disk.
        random_bytes: Draws salts.

    Raises:
        ConfigurationError: There is no ledger, or it is of another key.
        LedgerError: It was changed or damaged.
        OutputError: Another process writes to it, or it cannot be written.
    """

    def __init__(
        self,
        folder: Path,
        key: SigningKey,
        *,
        clock: Callable[[], datetime],
        publish_interval_seconds: float = PUBLISH_INTERVAL_SECONDS,
        most_at_once: int = MOST_AT_ONCE,
        random_bytes: Callable[[int], bytes] = secrets.token_bytes,
    ) -> None:
        stored_checkpoint(folder, key)  # before a lock is made where there is no ledger
        self._folder, self._random_bytes = folder, random_bytes
        self._lock = WriterLock(folder / LOCK_FILE)
        try:
            with output_errors(folder):
                self._publisher, tail = recover(folder, key, stored_checkpoint(folder, key))
        except CauteryError:
            self._lock.release()
            raise
        self.dropped_bytes = tail.dropped_bytes
        """Bytes of a record that was never acknowledged, cut off when this was opened."""
        self.faults: list[str] = []
        """What could not be done in the background since it last could."""
        self._unpublished: list[bytes] = []
        self._changing = threading.Lock()
        self._publishing = threading.RLock()
        self._appender = RecordAppender(folder, tail.position, tail.offset)
        self._commits = GroupCommit(self._write, most_at_once=most_at_once)
        self._closing = threading.Event()
        self._interval_seconds = publish_interval_seconds
        self._thread = threading.Thread(target=self._tend, name="ledger-publish", daemon=True)
        self._thread.start()
        if tail.dropped_bytes:
            dropped = {"dropped_bytes": tail.dropped_bytes, "position": tail.position}
            self._commits.submit(self._item(RECOVERY_KIND, dropped, clock()))
        self._carry_out_erasures()

    @property
    def size(self) -> int:
        """Records on disk."""
        return self._appender.position

    @property
    def published_size(self) -> int:
        """Records in the tree."""
        return self._publisher.checkpoint.size

    def append(self, kind: str, record: Mapping[str, Any], written_at: datetime) -> int:
        """Write a record and give its position; it is on disk when this returns.

        Args:
            kind: What it is, for example ``decision``.
            record: Plain values that JSON can hold.
            written_at: UTC.

        Returns:
            Its place in the log.

        Raises:
            OutputError: It cannot be written; it is not in the ledger.
            UsageError: It is nothing that the ledger can hold.
        """
        return self.submit(kind, record, written_at).result()

    def submit(self, kind: str, record: Mapping[str, Any], written_at: datetime) -> Future[int]:
        """Hand a record in without waiting for the disk, for example from an event loop.

        ``await asyncio.wrap_future(ledger.submit(...))`` gives its position.

        Args:
            kind: What it is.
            record: Plain values that JSON can hold.
            written_at: UTC.

        Returns:
            Its place in the log once it is on disk, or an ``OutputError``.

        Raises:
            OutputError: Too much waits already.
            UsageError: It is nothing that the ledger can hold.
        """
        item = self._item(kind, record, written_at)
        if len(self._unpublished) >= MOST_UNPUBLISHED:
            raise OutputError(
                f"{len(self._unpublished):,} records wait for the tree, which cannot be written",
                where=str(self._folder),
                hint="; ".join(self.faults),
            )
        return self._commits.submit(item)

    def _item(self, kind: str, record: Mapping[str, Any], written_at: datetime) -> _Item:
        content = canonical_record(kind, record, written_at)
        salt = self._random_bytes(SALT_BYTES)
        return content, salt, entry_of(content, salt)

    def publish(self) -> Checkpoint:
        """Bring every record that is on disk into the tree, and sign its checkpoint.

        Returns:
            The checkpoint.

        Raises:
            OutputError: The tree cannot be written; the records are kept.
        """
        with self._publishing, output_errors(self._folder):
            with self._changing:
                entries = list(self._unpublished)
            self._publisher.publish(entries)
            with self._changing:
                del self._unpublished[: len(entries)]
            return self._publisher.checkpoint

    def erase(self, positions: Iterable[int], *, reason: str, requested_at: datetime) -> int:
        """Destroy records and their salts; the tree still verifies, and says that they were there.

        Args:
            positions: Their places in the log.
            reason: Why; it stays in the ledger, so it should name nobody.
            requested_at: UTC.

        Returns:
            Place of the record that tells of it.

        Raises:
            UsageError: A position is not in the ledger or tells of an erasure, or no reason.
            OutputError: It cannot be done now; it is done at the next start.
        """
        with self._publishing:
            request = new_request(
                list(runs_of(sorted(set(positions)))),
                reason=reason,
                requested_at=requested_at,
                tree_size=self.publish().size,
                erasure_id=self._random_bytes(16).hex(),
            )
            check_erasable(RecordReader(self._folder), request)
            with output_errors(self._folder):
                store_request(self._folder, request)
                return self._carry_out(request)

    def _carry_out_erasures(self) -> None:
        """Erase what somebody asked for beside this writer, or before it was killed."""
        with self._publishing:
            requests, faults = stored_requests(self._folder)
            for request in requests:
                try:
                    check_erasable(RecordReader(self._folder), request)
                    with output_errors(self._folder):
                        self._carry_out(request)
                except CauteryError as error:  # the others are carried out all the same
                    faults.append(str(error))
            self.faults = faults

    def _carry_out(self, request: ErasureRequest) -> int:
        told = self._told(request)
        if told is None:
            requested_at = read_time(request.requested_at, "a request to erase")
            told = self.append(ERASURE_KIND, erasure_record(request), requested_at)
        self.publish()
        forget_records(self._folder, request.positions())
        destroy_records(self._folder, request.positions())
        remove_request(self._folder, request)
        return told

    def _told(self, request: ErasureRequest) -> int | None:
        """Find the record of an erasure that was interrupted."""
        later = RecordReader(self._folder).whole_records(range(request.tree_size, self.size))
        return next(
            (
                found.position
                for found in later
                if found.kind == ERASURE_KIND
                and found.record.get("erasure_id") == request.erasure_id
            ),
            None,
        )

    def _write(self, items: Sequence[_Item]) -> int:
        """Write records, on the committing thread."""
        first = self._appender.position
        frames = [
            encode_frame(position, content, salt)
            for position, (content, salt, _) in enumerate(items, start=first)
        ]
        self._appender.append(frames)
        with self._changing:
            self._unpublished += [entry for _, _, entry in items]
        return first

    def _tend(self) -> None:
        """Publish and erase now and then, on a thread of its own."""
        while not self._closing.wait(self._interval_seconds):
            try:
                self.publish()
            except CauteryError as error:
                self.faults = [str(error)]
            else:
                self._carry_out_erasures()

    def close(self) -> None:
        """Write and publish what waits, and let the ledger go.

        Raises:
            OutputError: The tree cannot be written; the records are on disk, and come into the
                tree when the ledger is opened again.
        """
        if self._closing.is_set():
            return
        self._closing.set()
        self._thread.join()
        self._commits.close()
        try:
            self.publish()
        finally:
            self._appender.close()
            self._lock.release()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
