"""The ledger as its many readers have it: nothing is locked, nothing but the index is written."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

from cautery.errors import NoInputError, UsageError
from cautery.ledger.checkpoints import CHECKPOINT_FILE, Checkpoint, open_checkpoint
from cautery.ledger.commitments import ErasedRecord, LedgerRecord
from cautery.ledger.erasures import ERASURE_KIND
from cautery.ledger.key_files import PUBLIC_KEY_FILE, load_public_key
from cautery.ledger.merkle import consistency_path, inclusion_path
from cautery.ledger.record_index import opened_index
from cautery.ledger.record_query import RecordQuery
from cautery.ledger.record_reader import RecordReader
from cautery.ledger.signed_notes import MOST_NOTE_BYTES, PublicKey
from cautery.ledger.tiles import TILE_WIDTH, TileReader
from cautery.plain_files import open_plain

_TRIES: Final = 3


class LedgerReader:
    """A ledger opened for reading, at its last checkpoint; ``refresh`` goes to the newest.

    Args:
        folder: The ledger's folder.
        public_key: The log's key; the copy in the folder if None, which shows what is there and
            proves nothing to anybody who does not trust the folder.

    Raises:
        NoInputError: There is no ledger.
        LedgerError: Its checkpoint does not verify.
    """

    def __init__(self, folder: Path, public_key: PublicKey | None = None) -> None:
        self.folder = folder
        self.public_key = public_key or load_public_key(folder / PUBLIC_KEY_FILE)
        self.records = RecordReader(folder)
        self.refresh()

    def refresh(self) -> Checkpoint:
        """Go to the newest checkpoint.

        Returns:
            The checkpoint.

        Raises:
            LedgerError: It does not verify.
        """
        path = self.folder / CHECKPOINT_FILE
        try:
            with open_plain(path) as stream:
                self.signed_checkpoint = stream.read(MOST_NOTE_BYTES + 1)
        except OSError as error:
            raise NoInputError(
                f"there is no ledger here ({error.strerror})", where=str(path)
            ) from error
        self.checkpoint, _ = open_checkpoint(
            self.signed_checkpoint, self.public_key, where=str(path)
        )
        self.tiles = TileReader(self.folder, self.checkpoint.size)
        return self.checkpoint

    @property
    def size(self) -> int:
        """Records that the checkpoint covers."""
        return self.checkpoint.size

    def entry(self, position: int) -> bytes:
        """Give the commitment to a record.

        Args:
            position: Its place in the log.

        Returns:
            The log's entry.

        Raises:
            UsageError: There is no such record.
            LedgerError: The log is damaged.
        """
        self._check(position)
        return self.tiles.bundle(position // TILE_WIDTH)[position % TILE_WIDTH]

    def record(self, position: int) -> LedgerRecord | ErasedRecord:
        """Read a record.

        Args:
            position: Its place in the log.

        Returns:
            The record, or what says that it was erased.

        Raises:
            UsageError: There is no such record.
            LedgerError: It is missing or damaged.
        """
        self._check(position)
        return self.records.read(position)

    def inclusion(self, position: int, size: int | None = None) -> list[bytes]:
        """Prove that a record is in the tree.

        Args:
            position: Its place in the log.
            size: Size of the tree; that of the checkpoint if None.

        Returns:
            The path (RFC 6962, section 2.1.1).

        Raises:
            UsageError: There is no such record.
            LedgerError: The log is damaged.
        """
        size = self.size if size is None else size
        if size > self.size or position >= size:
            raise UsageError(f"there is no record {position} in a tree of {min(size, self.size)}")
        self._check(position)
        return inclusion_path(self.tiles, position, size)

    def consistency(self, old_size: int, size: int | None = None) -> list[bytes]:
        """Prove that the tree only grew.

        Args:
            old_size: Size of an earlier tree.
            size: Size of a later one; that of the checkpoint if None.

        Returns:
            The path (RFC 6962, section 2.1.2).

        Raises:
            UsageError: The tree has no such sizes.
            LedgerError: The log is damaged.
        """
        size = self.size if size is None else size
        if not 0 <= old_size <= size <= self.size:
            raise UsageError(f"there is no growth from {old_size} to {size} in {self.size} records")
        return consistency_path(self.tiles, old_size, size)

    def find(self, query: RecordQuery) -> Iterator[LedgerRecord]:
        """Find records, by the index where there can be one.

        Args:
            query: Which ones.

        Yields:
            Records, in the order of the log or the other way round.

        Raises:
            LedgerError: A record is missing or damaged.
        """
        index = opened_index(self.folder, self.records, self.size)
        try:
            everything: Sequence[int] = range(self.size)
            places = (
                index.candidates(query, self.size)
                if index is not None
                else reversed(everything)
                if query.newest_first
                else iter(everything)
            )
            for position in places:
                found = self.records.read(position)
                if isinstance(found, LedgerRecord) and query.wants(found):
                    yield found
        finally:
            if index is not None:
                index.close()

    def erasure_of(self, position: int) -> LedgerRecord | None:
        """Find the record that tells of a record's erasure.

        Args:
            position: Its place in the log.

        Returns:
            The record; None if nothing tells of it.
        """
        return next(
            (
                found
                for found in self.find(RecordQuery(kind=ERASURE_KIND))
                if tells_of(found, position)
            ),
            None,
        )

    def _check(self, position: int) -> None:
        if not 0 <= position < self.size:
            raise UsageError(
                f"there is no record {position}",
                where=str(self.folder),
                hint=f"The checkpoint covers {self.size:,} records.",
            )


def tells_of(erasure: LedgerRecord, position: int) -> bool:
    """Say whether a record tells that another one was erased."""
    if erasure.kind != ERASURE_KIND or not position < erasure.position:
        return False
    ranges = erasure.record.get("ranges")
    if not isinstance(ranges, list):
        return False
    return any(
        isinstance(each, list)
        and len(each) == 2
        and all(isinstance(one, int) for one in each)
        and each[0] <= position <= each[1]
        for each in ranges
    )
