"""Fingerprints of all exchanges of an epoch, in one file that is useless without its key."""

from __future__ import annotations

import math
import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from cautery.errors import ConfigurationError, MalformedFileError, OutputError
from cautery.ledger.fingerprints import commitment, fingerprints
from cautery.plain_files import require_plain
from cautery.records.key import Secret

FEWEST_SHARED: Final = 3
"""Fingerprints that a snippet must share with an exchange to be called its own; the measured rate
of false matches is in docs/explanation/fingerprints.md."""
SMALLEST_SHARE: Final = 0.15
"""Share of a snippet's fingerprints that must be shared: one word in four changed leaves as many,
and another answer to the same question seldom has them."""
COMMON_EXCHANGES: Final = 20
"""A run of words that more exchanges hold (a licence, a refusal) is evidence for none of them."""
_NAMES_AT_ONCE: Final = 500
_VERSION: Final = 1

_TABLES: Final = """
CREATE TABLE about (version INTEGER NOT NULL, epoch TEXT NOT NULL, key_check BLOB NOT NULL);
CREATE TABLE exchange (
    exchange INTEGER PRIMARY KEY, request_id TEXT NOT NULL, account_id TEXT NOT NULL,
    time_start TEXT NOT NULL, fingerprints INTEGER NOT NULL, commitment BLOB NOT NULL
);
CREATE INDEX exchange_commitment ON exchange (commitment);
CREATE TABLE run (
    fingerprint INTEGER NOT NULL, exchange INTEGER NOT NULL, PRIMARY KEY (fingerprint, exchange)
) WITHOUT ROWID;
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class GivenText:
    """One answer as it went out."""

    request_id: str
    account_id: str
    time_start: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class FingerprintMatch:
    """An exchange whose answer a snippet may be a piece of."""

    epoch: str
    request_id: str
    account_id: str
    time_start: str
    shared: int
    """Fingerprints of the snippet that the exchange holds, those of common runs left out."""
    snippet_fingerprints: int
    exact: bool
    """Whether the snippet is the answer to the last byte."""


class FingerprintStore:
    """One epoch's fingerprints.

    Args:
        path: The store's file; made if it is not there.
        epoch: Identifier of the epoch.
        key: The epoch's fingerprint key.

    Raises:
        ConfigurationError: The store is of another epoch or key.
        MalformedFileError: It is no store, or damaged.
        OutputError: It cannot be made.
    """

    def __init__(self, path: Path, epoch: str, key: Secret) -> None:
        self._path, self._epoch, self._key = path, epoch, key
        if path.exists():
            require_plain(path, error_type=OutputError)
        try:
            new = not path.exists() or path.stat().st_size == 0
            self._database = sqlite3.connect(path)
        except (OSError, sqlite3.OperationalError) as error:
            raise OutputError(f"cannot be opened: {error}", where=str(path)) from error
        with self._errors():
            if new:
                self._database.executescript(_TABLES)
                about = (_VERSION, epoch, commitment(epoch, key))
                self._database.execute("INSERT INTO about VALUES (?, ?, ?)", about)
                self._database.commit()
            found = self._database.execute("SELECT version, epoch, key_check FROM about").fetchone()
        if found != (_VERSION, epoch, commitment(epoch, key)):
            raise ConfigurationError(
                f"this store is not of epoch '{epoch}' and its key", where=str(path)
            )

    def add(self, texts: Iterable[GivenText]) -> int:
        """Add answers. An answer that is there already under its request is left as it is.

        Args:
            texts: The answers.

        Returns:
            How many were added.
        """
        with self._errors():
            before = self._count()
            for given in texts:
                self._add_one(given)
            self._database.commit()
            return self._count() - before

    def _count(self) -> int:
        return int(self._database.execute("SELECT count(*) FROM exchange").fetchone()[0])

    def _add_one(self, given: GivenText) -> None:
        marks = fingerprints(given.text, self._key)
        seal = commitment(given.text, self._key)
        row = (given.request_id, given.account_id, given.time_start, len(marks), seal)
        there = self._database.execute(
            "SELECT 1 FROM exchange WHERE commitment = ? AND request_id = ?",
            (seal, given.request_id),
        )
        if there.fetchone():
            return
        cursor = self._database.execute(
            "INSERT INTO exchange (request_id, account_id, time_start, fingerprints, commitment) "
            "VALUES (?, ?, ?, ?, ?)",
            row,
        )
        self._database.executemany(
            "INSERT INTO run VALUES (?, ?)", ((mark, cursor.lastrowid) for mark in marks.tolist())
        )

    def look_up(self, snippet: str) -> list[FingerprintMatch]:
        """Find the exchanges whose answers a snippet may come from.

        Args:
            snippet: A piece of text, at least some dozen words.

        Returns:
            Matches, the best first; equal ones by request.
        """
        marks = fingerprints(snippet, self._key).tolist()
        with self._errors():
            shared: dict[int, int] = {}
            for start in range(0, len(marks), _NAMES_AT_ONCE):
                for exchanges in self._holders(marks[start : start + _NAMES_AT_ONCE]):
                    for exchange in exchanges:
                        shared[exchange] = shared.get(exchange, 0) + 1
            seal = commitment(snippet, self._key)
            same = self._database.execute(
                "SELECT exchange FROM exchange WHERE commitment = ?", (seal,)
            ).fetchall()
            exact = {int(row[0]) for row in same}
            fewest = max(FEWEST_SHARED, math.ceil(SMALLEST_SHARE * len(marks)))
            wanted = exact | {each for each, count in shared.items() if count >= fewest}
            found = [
                self._match(each, shared.get(each, 0), len(marks), exact=each in exact)
                for each in sorted(wanted)
            ]
        return sorted(found, key=lambda match: (not match.exact, -match.shared, match.request_id))

    def _holders(self, marks: list[int]) -> Iterator[list[int]]:
        """Exchanges that hold each fingerprint, unless it is a common one."""
        for mark in marks:
            rows = self._database.execute(
                "SELECT exchange FROM run WHERE fingerprint = ? LIMIT ?",
                (mark, COMMON_EXCHANGES + 1),
            ).fetchall()
            if len(rows) <= COMMON_EXCHANGES:
                yield [int(row[0]) for row in rows]

    def _match(self, exchange: int, shared: int, marks: int, *, exact: bool) -> FingerprintMatch:
        request_id, account_id, time_start = self._database.execute(
            "SELECT request_id, account_id, time_start FROM exchange WHERE exchange = ?",
            (exchange,),
        ).fetchone()
        return FingerprintMatch(
            epoch=self._epoch,
            request_id=request_id,
            account_id=account_id,
            time_start=time_start,
            shared=shared,
            snippet_fingerprints=marks,
            exact=exact,
        )

    def close(self) -> None:
        """Close the file."""
        self._database.close()

    @contextmanager
    def _errors(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.DatabaseError as error:
            self._database.rollback()
            raise MalformedFileError(
                f"the store of fingerprints cannot be used: {error}", where=str(self._path)
            ) from error
