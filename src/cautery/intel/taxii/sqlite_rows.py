"""The statements by which objects are kept in SQLite; each function is one transaction or read."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Sequence
from dataclasses import replace
from typing import Any, Final

from cautery.intel.taxii.filters import Filter
from cautery.intel.taxii.page_sql import page_statement
from cautery.intel.taxii.placing import HeldVersion, Placement, place
from cautery.intel.taxii.status_rows import STATUS_MICROSECONDS, decode_outcomes, encode_outcomes
from cautery.intel.taxii.storage import (
    CollectionPlace,
    Page,
    Push,
    StoredObject,
    StoredStatus,
)

_SCHEMA_VERSION: Final = 1
_TABLES: Final = """
CREATE TABLE IF NOT EXISTS collections (
  collection TEXT PRIMARY KEY, clock INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS objects (
  number INTEGER PRIMARY KEY, collection TEXT NOT NULL, added INTEGER NOT NULL,
  object_id TEXT NOT NULL, version TEXT NOT NULL, object_type TEXT NOT NULL, level INTEGER,
  is_first INTEGER NOT NULL, is_last INTEGER NOT NULL, digest BLOB NOT NULL,
  content BLOB NOT NULL);
CREATE UNIQUE INDEX IF NOT EXISTS by_time ON objects (collection, added);
CREATE INDEX IF NOT EXISTS newest_by_time ON objects (collection, added) WHERE is_last;
CREATE UNIQUE INDEX IF NOT EXISTS versions_of_object ON objects (collection, object_id, version);
CREATE INDEX IF NOT EXISTS by_object ON objects (collection, object_id, added);
CREATE INDEX IF NOT EXISTS by_type ON objects (collection, object_type, added);
CREATE INDEX IF NOT EXISTS by_version ON objects (collection, (version || ''), added);
CREATE TABLE IF NOT EXISTS statuses (
  status_id TEXT PRIMARY KEY, root TEXT NOT NULL, peer TEXT NOT NULL, requested INTEGER NOT NULL,
  outcomes BLOB NOT NULL) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS by_age ON statuses (requested);
"""
_HELD: Final = """
WITH asked AS (
  SELECT json_extract(value, '$[0]') AS object_id, json_extract(value, '$[1]') AS version
  FROM json_each(?2)),
wanted AS (
  SELECT object_id, version FROM asked
  UNION SELECT object_id, (SELECT MIN(version) FROM objects
    WHERE collection = ?1 AND object_id = asked.object_id) FROM asked
  UNION SELECT object_id, (SELECT MAX(version) FROM objects
    WHERE collection = ?1 AND object_id = asked.object_id) FROM asked)
SELECT objects.object_id, objects.version, digest, is_first, is_last
FROM wanted CROSS JOIN objects ON objects.collection = ?1
  AND objects.object_id = wanted.object_id AND objects.version = wanted.version
"""


def prepare_tables(database: sqlite3.Connection, collections: Sequence[str]) -> None:
    """Make tables and collections that are not there yet.

    Args:
        database: The file.
        collections: Identifiers of all collections.

    Raises:
        sqlite3.Error: It is no database, or of another version.
    """
    database.execute("PRAGMA journal_mode = WAL")
    (version,) = database.execute("PRAGMA user_version").fetchone()
    if version not in {0, _SCHEMA_VERSION}:
        raise sqlite3.DatabaseError(f"its tables are of version {version}")
    database.executescript(f"BEGIN IMMEDIATE; {_TABLES} PRAGMA user_version = 1; COMMIT;")
    database.executemany(
        "INSERT OR IGNORE INTO collections VALUES (?, 0)", [(one,) for one in collections]
    )


def add_rows(database: sqlite3.Connection, collection_id: str, push: Push) -> StoredStatus:
    """Take an envelope: all of it and its outcome, or nothing.

    Args:
        database: The file.
        collection_id: Where to.
        push: The envelope.

    Returns:
        What became of each object.
    """
    database.execute("BEGIN IMMEDIATE")
    (clock,) = database.execute(
        "SELECT clock FROM collections WHERE collection = ?", (collection_id,)
    ).fetchone()
    held = _held(database, collection_id, push)
    placement = place(push.objects, held, clock=clock, now=push.requested)
    _store(database, collection_id, placement)
    status = StoredStatus(
        status_id=push.status_id,
        root=push.root,
        peer=push.peer,
        requested=push.requested,
        outcomes=placement.outcomes,
    )
    database.execute(
        "DELETE FROM statuses WHERE requested < ?", (push.requested - STATUS_MICROSECONDS,)
    )
    database.execute(
        "INSERT INTO statuses VALUES (?, ?, ?, ?, ?)",
        (push.status_id, push.root, push.peer, push.requested, encode_outcomes(status.outcomes)),
    )
    database.execute("COMMIT")
    return status


def _held(
    database: sqlite3.Connection, collection_id: str, push: Push
) -> dict[str, list[HeldVersion]]:
    """Read what matters of the pushed objects: oldest, newest, and the pushed versions."""
    asked = json.dumps([[one.object_id, one.version] for one in push.objects])
    rows = database.execute(_HELD, (collection_id, asked))
    held: dict[str, list[HeldVersion]] = {}
    for object_id, version, digest, first, last in rows:
        one = HeldVersion(version=version, digest=digest, first=bool(first), last=bool(last))
        held.setdefault(object_id, []).append(one)
    return held


def _store(database: sqlite3.Connection, collection_id: str, placement: Placement) -> None:
    for column, versions in (
        ("is_first", placement.no_longer_first),
        ("is_last", placement.no_longer_last),
    ):
        database.executemany(
            f"UPDATE objects SET {column} = 0"  # noqa: S608 - one of two words of ours
            " WHERE collection = ? AND object_id = ? AND version = ?",
            [(collection_id, *version) for version in versions],
        )
    database.executemany(
        "INSERT INTO objects VALUES (NULL, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        placement.rows(collection_id),
    )
    database.execute(
        "UPDATE collections SET clock = ? WHERE collection = ?", (placement.clock, collection_id)
    )


def page_rows(
    database: sqlite3.Connection, text: str, values: list[Any], wanted: Filter, most_bytes: int
) -> Page:
    """Read a page; what does not fit is not read.

    Args:
        database: The file.
        text: The statement; its rows may end in content.
        values: Its parameters.
        wanted: How many objects fit.
        most_bytes: How many bytes of content fit; 0 for any number.

    Returns:
        The page.
    """
    found: list[StoredObject] = []
    size = 0
    for added, object_id, version, *content in database.execute(text, values):
        size += len(content[0]) if content else 0
        if len(found) == wanted.limit or (found and size > most_bytes > 0):
            return Page(objects=tuple(found), more=True)
        found.append(
            StoredObject(
                added=added,
                object_id=object_id,
                version=version,
                content=content[0] if content else b"",
            )
        )
    return Page(objects=tuple(found), more=False)


def delete_rows(database: sqlite3.Connection, place: CollectionPlace, wanted: Filter) -> int:
    """Delete versions, and say of those that are left which are the oldest and the newest.

    Args:
        database: The file.
        place: Of which collection.
        wanted: Which versions.

    Returns:
        How many were deleted.
    """
    database.execute("BEGIN IMMEDIATE")
    everything = replace(wanted, after=-1)
    text, values = page_statement(
        place, everything, "number, added, object_id", lambda _: "?", limited=False
    )
    rows = database.execute(text, values).fetchall()
    database.executemany("DELETE FROM objects WHERE number = ?", [(row[0],) for row in rows])
    for object_id in {row[2] for row in rows}:
        database.execute(
            "UPDATE objects SET"
            " is_first = version = (SELECT MIN(version) FROM objects"
            "   WHERE collection = ?1 AND object_id = ?2),"
            " is_last = version = (SELECT MAX(version) FROM objects"
            "   WHERE collection = ?1 AND object_id = ?2)"
            " WHERE collection = ?1 AND object_id = ?2",
            (place.collection_id, object_id),
        )
    database.execute("COMMIT")
    return len(rows)


def read_status_row(database: sqlite3.Connection, status_id: str) -> StoredStatus | None:
    """Read what became of an envelope.

    Args:
        database: The file.
        status_id: Its identifier.

    Returns:
        The outcome, or None if it is not known.
    """
    row = database.execute(
        "SELECT root, peer, requested, outcomes FROM statuses WHERE status_id = ?", (status_id,)
    ).fetchone()
    if row is None:
        return None
    root, peer, requested, outcomes = row
    return StoredStatus(
        status_id=status_id,
        root=root,
        peer=peer,
        requested=requested,
        outcomes=decode_outcomes(outcomes),
    )
