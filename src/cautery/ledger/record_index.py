"""Finds records by what they are about, without reading all: a small index, made again at will.

It is brought up to date by whoever asks, so that writing costs nothing. It holds salted hashes of
identifiers, not the identifiers: a hit is only a place to look at.
"""

from __future__ import annotations

import hashlib
import secrets
import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Final, Self

from cautery.errors import LedgerError
from cautery.ledger.commitments import LedgerRecord, time_text
from cautery.ledger.record_query import INDEXED_FIELDS, RecordQuery
from cautery.ledger.record_reader import RecordReader

INDEX_FILE: Final = "index.sqlite"
BLOCK_RECORDS: Final = 256
"""Records of a block; kinds and times are known by block."""
_VERSION: Final = 1
_RECORDS_AT_ONCE: Final = 8_192
_WAIT_SECONDS: Final = 10.0

_TABLES: Final = """
PRAGMA secure_delete = ON;
BEGIN IMMEDIATE;
CREATE TABLE IF NOT EXISTS about (version INTEGER, salt BLOB, size INTEGER);
CREATE TABLE IF NOT EXISTS posting (
    name INTEGER, place INTEGER, PRIMARY KEY (name, place)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS block (
    number INTEGER PRIMARY KEY, first_time TEXT NOT NULL, last_time TEXT NOT NULL
);
COMMIT;
"""


class RecordIndex:
    """The index of a ledger, in a file beside it.

    Args:
        folder: The ledger's folder.

    Raises:
        sqlite3.Error: It cannot be used.
    """

    def __init__(self, folder: Path) -> None:
        self._database = sqlite3.connect(
            folder / INDEX_FILE, timeout=_WAIT_SECONDS, isolation_level=None
        )
        try:
            self._database.executescript(_TABLES)
            if self._about() is None:
                self._begin_anew()
            about = self._about()
            if about is None or about[0] != _VERSION:
                raise sqlite3.DatabaseError("an index of another version")
        except sqlite3.Error:
            self._database.close()
            raise
        self._salt: bytes = about[1]

    def _about(self) -> tuple[int, bytes, int] | None:
        found: tuple[int, bytes, int] | None = self._database.execute(
            "SELECT version, salt, size FROM about"
        ).fetchone()
        return found

    def _begin_anew(self) -> None:
        self._database.execute("BEGIN IMMEDIATE")
        if self._about() is None:
            row = (_VERSION, secrets.token_bytes(16))
            self._database.execute("INSERT INTO about VALUES (?, ?, 0)", row)
        self._database.execute("COMMIT")

    @property
    def size(self) -> int:
        """Records that it knows."""
        about = self._about()
        return about[2] if about else 0

    def catch_up(self, reader: RecordReader, size: int) -> None:
        """Take in the records that it does not know.

        Args:
            reader: The records.
            size: How many there are.

        Raises:
            sqlite3.Error: It cannot be written.
            LedgerError: A record is missing or damaged.
        """
        while self.size < size:
            self._database.execute("BEGIN IMMEDIATE")
            try:
                start = self.size
                self._take_in(reader, start, min(size, start + _RECORDS_AT_ONCE))
            except BaseException:
                self._database.execute("ROLLBACK")
                raise
            self._database.execute("COMMIT")

    def _take_in(self, reader: RecordReader, start: int, stop: int) -> None:
        if stop <= start:
            return
        postings: set[tuple[int, int]] = set()
        times: dict[int, tuple[str, str]] = {}
        for found in reader.records(start, stop):
            if isinstance(found, LedgerRecord):
                postings.update(self._postings(found))
                number, time = found.position // BLOCK_RECORDS, time_text(found.written_at)
                first, last = times.get(number, (time, time))
                times[number] = (min(first, time), max(last, time))
        self._database.executemany("INSERT OR IGNORE INTO posting VALUES (?, ?)", sorted(postings))
        self._database.executemany(
            "INSERT INTO block VALUES (?, ?, ?) ON CONFLICT (number) DO UPDATE SET "
            "first_time = min(first_time, excluded.first_time), "
            "last_time = max(last_time, excluded.last_time)",
            ((number, *pair) for number, pair in times.items()),
        )
        self._database.execute("UPDATE about SET size = ?", (stop,))

    def candidates(self, query: RecordQuery, size: int) -> Iterator[int]:
        """Give the places of records that may be wanted, in the order that is asked for.

        Args:
            query: Which ones.
            size: Records to look at; those that the index does not know yet all may be.

        Yields:
            Positions.
        """
        known = min(self.size, size)
        tail = range(known, size)
        if query.newest_first:
            yield from reversed(tail)
        fields = query.fields()
        if fields:
            yield from self._places(self._name(*fields[0]), known, query)
        else:
            for number in self._blocks(query, known):
                block = range(number * BLOCK_RECORDS, min(known, (number + 1) * BLOCK_RECORDS))
                yield from reversed(block) if query.newest_first else block
        if not query.newest_first:
            yield from tail

    def _places(self, name: int, known: int, query: RecordQuery) -> Iterator[int]:
        order = "DESC" if query.newest_first else "ASC"
        rows = self._database.execute(
            f"SELECT place FROM posting WHERE name = ? AND place < ? ORDER BY place {order}",  # noqa: S608 - two fixed words
            (name, known),
        )
        return (int(row[0]) for row in rows)

    def _blocks(self, query: RecordQuery, known: int) -> Iterator[int]:
        """Blocks that hold the kind and the times that are asked for."""
        order = "DESC" if query.newest_first else "ASC"
        wanted = ["number * ? < ?"]
        texts: list[str | int] = [BLOCK_RECORDS, known]
        if query.kind:
            wanted.append("number IN (SELECT place FROM posting WHERE name = ?)")
            texts.append(self._name("kind", query.kind))
        if query.since is not None:
            wanted.append("last_time >= ?")
            texts.append(time_text(query.since))
        if query.until is not None:
            wanted.append("first_time < ?")
            texts.append(time_text(query.until))
        rows = self._database.execute(
            f"SELECT number FROM block WHERE {' AND '.join(wanted)} ORDER BY number {order}",  # noqa: S608 - fixed words
            texts,
        )
        return (int(row[0]) for row in rows)

    def forget(self, records: Iterable[LedgerRecord]) -> None:
        """Remove what tells of records.

        Raises:
            sqlite3.Error: It cannot be written.
        """
        # A kind's posting stands for the whole block, and tells of nobody.
        postings = [
            (self._name(name, value), found.position)
            for found in records
            for name, value in _fields_of(found)
        ]
        self._database.execute("BEGIN IMMEDIATE")
        self._database.executemany("DELETE FROM posting WHERE name = ? AND place = ?", postings)
        self._database.execute("COMMIT")

    def _postings(self, found: LedgerRecord) -> Iterator[tuple[int, int]]:
        yield self._name("kind", found.kind), found.position // BLOCK_RECORDS
        for name, value in _fields_of(found):
            yield self._name(name, value), found.position

    def _name(self, field: str, value: str) -> int:
        text = f"{field}\x00{value}".encode("utf-8", "surrogatepass")
        digest = hashlib.blake2b(text, key=self._salt, digest_size=8).digest()
        return int.from_bytes(digest, "big", signed=True)

    def close(self) -> None:
        """Close the file."""
        self._database.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def opened_index(folder: Path, reader: RecordReader, size: int) -> RecordIndex | None:
    """Open the index and bring it up to date; one that is damaged is made again.

    Args:
        folder: The ledger's folder.
        reader: The records.
        size: How many there are.

    Returns:
        The index; None where it cannot be written, so that all records have to be read.

    Raises:
        LedgerError: A record is missing or damaged.
    """
    for _ in range(2):
        index = None
        try:
            index = RecordIndex(folder)
            index.catch_up(reader, size)
        except sqlite3.Error as error:
            if index is not None:
                index.close()
            if isinstance(error, sqlite3.OperationalError) or not _removed(folder):
                return None
        except LedgerError:
            if index is not None:
                index.close()
            raise
        else:
            return index
    return None


def forget_records(folder: Path, positions: Iterable[int]) -> None:
    """Remove what the index tells of records, before they are destroyed.

    Args:
        folder: The ledger's folder.
        positions: Their places in the log.
    """
    if not (folder / INDEX_FILE).exists():
        return
    reader = RecordReader(folder)
    try:
        with RecordIndex(folder) as index:
            index.forget(reader.whole_records(positions))
    except sqlite3.Error:
        _removed(folder)


def _fields_of(found: LedgerRecord) -> Iterator[tuple[str, str]]:
    for name in INDEXED_FIELDS:
        value = found.record.get(name)
        if isinstance(value, str) and value:
            yield name, value


def _removed(folder: Path) -> bool:
    with suppress(OSError):
        (folder / INDEX_FILE).unlink(missing_ok=True)
        return True
    return False
