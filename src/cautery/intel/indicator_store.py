"""Indicators that peers gave, in one SQLite file: who said what, when, and until when it holds.

A peer speaks for itself only: versions and revocations of one peer never touch what another gave,
whatever identifiers they use. Either all of a file is taken or nothing. What was revoked or ran
out stays for a while as a mark, so that an old version sent again brings nothing back.
"""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Iterator, Sequence
from dataclasses import astuple, dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

import msgspec

from cautery.errors import InputError, MalformedFileError, OutputError, UsageError
from cautery.intel.limits import MOST_KEPT, MOST_PER_PEER, MOST_TEXT
from cautery.intel.stix_values import stix_time
from cautery.ledger.durable_files import check_plain
from cautery.records.bulletin import Received
from cautery.records.indicator import Indicator

STORE_SCHEMA: Final = "cautery.indicators/1"
KEPT_DAYS: Final = 90
"""How long what ran out is kept, so that it is not taken for something new."""
_WAIT_SECONDS: Final = 30.0
_TABLES: Final = """
CREATE TABLE about (schema TEXT NOT NULL);
CREATE TABLE indicators (
  peer TEXT NOT NULL, indicator_id TEXT NOT NULL, place INTEGER NOT NULL,
  modified TEXT NOT NULL, valid_from TEXT NOT NULL, valid_until TEXT NOT NULL,
  revoked INTEGER NOT NULL, taken_at TEXT NOT NULL, record BLOB NOT NULL,
  PRIMARY KEY (peer, indicator_id, place)
) WITHOUT ROWID;
CREATE INDEX indicators_until ON indicators (valid_until);
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """What became of a peer's file; every indicator is counted once."""

    new: int = 0
    """Not known before."""
    updated: int = 0
    """A later version of a known one."""
    unchanged: int = 0
    """Known as they are."""
    outdated: int = 0
    """An earlier version than the known one; not taken."""
    expired: int = 0
    """Over before they came; not taken."""
    revoked: int = 0
    """Taken back by the peer."""

    @property
    def total(self) -> int:
        """All indicators of the file."""
        return sum(astuple(self))


class IndicatorStore:
    """The file; opened for one task and closed after it.

    Args:
        path: The file.
        create: Whether to make it if it is not there.

    Raises:
        InputError: It is not there.
        MalformedFileError: It is not a store of indicators.
        OutputError: It cannot be made.
    """

    def __init__(self, path: Path, *, create: bool = False) -> None:
        self.path = path
        if not create and not (path.is_file() and path.stat().st_size):  # reading makes none
            raise InputError(
                "there is no such store of indicators",
                where=str(path),
                hint="Take some in: cautery intel import FILE --peer NAME.",
            )
        try:
            check_plain(path)
            if create and not path.exists():
                path.touch(mode=0o600)
            self._base = sqlite3.connect(path, timeout=_WAIT_SECONDS, isolation_level=None)
        except (OSError, sqlite3.Error) as error:
            raise OutputError(f"cannot be opened: {error}", where=str(path)) from error
        self._check()

    def close(self) -> None:
        """Close the file."""
        self._base.close()

    def add(self, received: Received, *, peer: str, now: datetime) -> Taken:
        """Take in what a peer's file says, all of it or nothing.

        Args:
            received: The file, read and checked.
            peer: Who gave it, as we call it.
            now: The time; UTC.

        Returns:
            What became of it.

        Raises:
            UsageError: The peer has no name.
            MalformedFileError: It contradicts what the same peer gave before.
            InputError: It is more than is kept of one peer, or of all.
        """
        if not peer.strip() or len(peer) > MOST_TEXT:
            raise UsageError("a peer needs a name, of at most 300 characters", hint="Give --peer.")
        moment = stix_time(now.isoformat())
        with self._transaction():
            taken = _Taking(self._base, peer, moment).take(received.indicators)
            self._base.execute(
                "DELETE FROM indicators WHERE valid_until < ?",
                (stix_time((now - timedelta(days=KEPT_DAYS)).isoformat()),),
            )
            self._check_bounds(peer)
        return taken

    def live(self, now: datetime) -> tuple[Indicator, ...]:
        """Give the indicators that hold at a time.

        Args:
            now: The time; UTC.

        Returns:
            Those that were neither taken back nor ran out, by peer and identifier.
        """
        moment = stix_time(now.isoformat())
        rows = self._rows(
            "SELECT peer, record FROM indicators WHERE revoked = 0 AND valid_from <= ? "
            "AND valid_until > ? ORDER BY peer, indicator_id, place",
            (moment, moment),
        )
        return tuple(self._decoded(peer, record) for peer, record in rows)

    def everything(self) -> tuple[Indicator, ...]:
        """Give all indicators, those that do not hold any more included."""
        rows = self._rows(
            "SELECT peer, record FROM indicators ORDER BY peer, indicator_id, place", ()
        )
        return tuple(self._decoded(peer, record) for peer, record in rows)

    def forget(self, peer: str) -> int:
        """Drop everything that a peer ever gave.

        Args:
            peer: Who gave it, as we call it.

        Returns:
            How many indicators that were.
        """
        with self._transaction():
            return self._base.execute("DELETE FROM indicators WHERE peer = ?", (peer,)).rowcount

    def _decoded(self, peer: str, record: bytes) -> Indicator:
        try:
            return replace(msgspec.json.decode(record, type=Indicator), given_by=peer)
        except msgspec.DecodeError as error:
            raise self._malformed(str(error)) from error

    def _rows(self, question: str, values: Sequence[str]) -> list[tuple[str, bytes]]:
        try:
            return self._base.execute(question, values).fetchall()
        except sqlite3.Error as error:
            raise self._malformed(str(error)) from error

    @contextlib.contextmanager
    def _transaction(self) -> Iterator[None]:
        try:
            self._base.execute("BEGIN IMMEDIATE")
            try:
                yield
            except BaseException:
                self._base.execute("ROLLBACK")
                raise
            self._base.execute("COMMIT")
        except sqlite3.Error as error:
            raise OutputError(f"cannot be written: {error}", where=str(self.path)) from error

    def _check(self) -> None:
        """See that it is a store of this version; make the tables of a new one."""
        try:
            with contextlib.closing(self._base.cursor()) as cursor:
                cursor.execute("PRAGMA trusted_schema = OFF")
                names = {row[0] for row in cursor.execute("SELECT name FROM sqlite_master")}
                if not names:
                    cursor.executescript(f"BEGIN IMMEDIATE;{_TABLES}COMMIT;")
                    cursor.execute("INSERT INTO about VALUES (?)", (STORE_SCHEMA,))
                found = cursor.execute("SELECT schema FROM about").fetchone()
        except sqlite3.Error as error:
            self._base.close()
            raise self._malformed(str(error)) from error
        if found is None or found[0] != STORE_SCHEMA:
            self._base.close()
            raise self._malformed(f"its schema is not {STORE_SCHEMA}")

    def _check_bounds(self, peer: str) -> None:
        question = "SELECT count(*), sum(peer = ?) FROM indicators"
        everything, of_peer = self._base.execute(question, (peer,)).fetchone()
        for count, most, whose in (
            (of_peer or 0, MOST_PER_PEER, "of one peer"),
            (everything, MOST_KEPT, "in all"),
        ):
            if count > most:
                raise InputError(
                    f"{count:,} indicators are more than the {most:,} that are kept {whose}",
                    where=str(self.path),
                    hint="Nothing was taken. cautery intel show --forget PEER drops a peer's.",
                )

    def _malformed(self, reason: str) -> MalformedFileError:
        return MalformedFileError(
            f"this is no store of indicators: {reason[:MOST_TEXT]}",
            where=str(self.path),
            hint="Name another file, or take the indicators in again.",
        )


class _Taking:
    """Takes in one file, inside a transaction."""

    def __init__(self, base: sqlite3.Connection, peer: str, moment: str) -> None:
        self._base = base
        self._peer = peer
        self._moment = moment

    def take(self, indicators: Sequence[Indicator]) -> Taken:
        """Take every version in, the earlier ones first."""
        counts: dict[str, int] = {}
        for rows in _versions(indicators):
            what = self._take_version(rows)
            counts[what] = counts.get(what, 0) + len(rows)
        return Taken(**counts)

    def _take_version(self, rows: Sequence[Indicator]) -> str:
        first = rows[0]
        known = self._base.execute(
            "SELECT modified, record FROM indicators WHERE peer = ? AND indicator_id = ? "
            "ORDER BY place",
            (self._peer, first.indicator_id),
        ).fetchall()
        records = [msgspec.json.encode(replace(row, given_by="")) for row in rows]
        if known and known[0][0] > first.modified:
            return "outdated"
        if known and known[0][0] == first.modified:
            if [row[1] for row in known] == records:
                return "unchanged"
            raise MalformedFileError(
                "it contradicts what the same peer gave before as the same version",
                where=first.indicator_id,
                hint="Nothing was taken. Ask the peer which one holds.",
            )
        over = first.valid_until <= self._moment
        if over and not known and not first.revoked:
            return "expired"
        self._replace(rows, records)
        if first.revoked:
            return "revoked"
        return "updated" if known else "new"

    def _replace(self, rows: Sequence[Indicator], records: Sequence[bytes]) -> None:
        self._base.execute(
            "DELETE FROM indicators WHERE peer = ? AND indicator_id = ?",
            (self._peer, rows[0].indicator_id),
        )
        self._base.executemany(
            "INSERT INTO indicators VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
            [
                (
                    self._peer,
                    row.indicator_id,
                    place,
                    row.modified,
                    row.valid_from,
                    row.valid_until,
                    int(row.revoked),
                    self._moment,
                    record,
                )
                for place, (row, record) in enumerate(zip(rows, records, strict=True))
            ],
        )


def _versions(indicators: Sequence[Indicator]) -> list[list[Indicator]]:
    """Put values of one version together; versions in the order of their times."""
    found: dict[tuple[str, str], list[Indicator]] = {}
    for one in indicators:
        found.setdefault((one.modified, one.indicator_id), []).append(one)
    return [found[key] for key in sorted(found)]
