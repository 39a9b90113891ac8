"""The store of API keys on disk: one SQLite file, which holds digests and never a key."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final, cast

from cautery.errors import ConfigurationError
from cautery.records.api_key import IssuedKey
from cautery.records.request import VERIFICATIONS, Verification

STORE_VERSION: Final = 1
BUSY_SECONDS: Final = 5.0
"""How long a writer waits for another one. Readers wait for nobody: the file is in WAL mode."""

COLUMNS: Final = (
    "key_id, account_id, org_id, verification, scopes, environment, created_at, expires_at, "
    "revoked_at, rotated_from, last_characters, bound_to"
)

FIND: Final = f"SELECT {COLUMNS} FROM api_key WHERE digest = ?"  # noqa: S608 - names of ours

TABLES: Final = """
CREATE TABLE about (
    version INTEGER NOT NULL, prefix TEXT NOT NULL, pepper TEXT NOT NULL,
    pepper_check BLOB NOT NULL, changes INTEGER NOT NULL
);
CREATE TABLE api_key (
    digest BLOB PRIMARY KEY, key_id TEXT NOT NULL, account_id TEXT NOT NULL, org_id TEXT NOT NULL,
    verification TEXT NOT NULL, scopes TEXT NOT NULL, environment TEXT NOT NULL,
    created_at INTEGER NOT NULL, expires_at INTEGER, revoked_at INTEGER,
    rotated_from TEXT NOT NULL, last_characters TEXT NOT NULL, bound_to TEXT NOT NULL,
    changed INTEGER NOT NULL
) WITHOUT ROWID;
CREATE UNIQUE INDEX api_key_id ON api_key (key_id);
CREATE INDEX api_key_account ON api_key (account_id);
CREATE INDEX api_key_changed ON api_key (changed);
"""

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND: Final = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class AboutStore:
    """What a store says of itself."""

    prefix: str
    """Of its keys."""
    pepper: str
    """Where its pepper is: a reference, not the pepper."""
    pepper_check: bytes
    """By which the pepper is known again."""
    changes: int
    """How often it was changed."""


def open_store(path: Path) -> sqlite3.Connection:
    """Open a store.

    Args:
        path: Its file, which must be there.

    Returns:
        A connection without transactions of its own.

    Raises:
        ConfigurationError: It cannot be opened.
    """
    if not path.is_file():
        raise ConfigurationError(
            "there is no store of keys", where=str(path), hint="Begin one: cautery keys init."
        )
    with errors_of(path):
        return sqlite3.connect(
            path, timeout=BUSY_SECONDS, isolation_level=None, check_same_thread=False
        )


def read_about(database: sqlite3.Connection, path: Path) -> AboutStore:
    """Read what a store says of itself.

    Args:
        database: The store.
        path: Its file, for messages.

    Returns:
        What it says.

    Raises:
        ConfigurationError: It is damaged, of another version, or no store.
    """
    with errors_of(path):
        rows = database.execute(
            "SELECT version, prefix, pepper, pepper_check, changes FROM about"
        ).fetchall()
    if len(rows) != 1 or rows[0][0] != STORE_VERSION:
        raise ConfigurationError("not a store of keys that this version reads", where=str(path))
    _, prefix, pepper, pepper_check, changes = rows[0]
    return AboutStore(prefix=prefix, pepper=pepper, pepper_check=pepper_check, changes=changes)


@contextmanager
def errors_of(path: Path) -> Iterator[None]:
    """Turn what SQLite says into an error that names the store.

    Raises:
        ConfigurationError: The store cannot be used.
    """
    try:
        yield
    except (sqlite3.Error, OSError) as error:
        raise ConfigurationError(
            f"the store of keys cannot be used: {error}", where=str(path)
        ) from error


def key_of(row: tuple[Any, ...]) -> IssuedKey:
    """Make a record of a row.

    Args:
        row: The values of ``COLUMNS``.

    Returns:
        The key.

    Raises:
        ConfigurationError: The row says something that no version writes.
    """
    if row[3] not in VERIFICATIONS:
        raise ConfigurationError(f"the entry of key {row[0]} is damaged", where="verification")
    return IssuedKey(
        key_id=row[0],
        account_id=row[1],
        org_id=row[2],
        verification=cast("Verification", row[3]),
        scopes=frozenset(row[4].split()),
        environment=row[5],
        created_at=_time_of(row[6]),
        expires_at=None if row[7] is None else _time_of(row[7]),
        revoked_at=None if row[8] is None else _time_of(row[8]),
        rotated_from=row[9],
        last_characters=row[10],
        bound_to=row[11],
    )


def row_of(digest: bytes, key: IssuedKey, changed: int) -> tuple[Any, ...]:
    """Make a row of a record.

    Args:
        digest: Of the key.
        key: What is kept of it.
        changed: Number of the change that writes it.

    Returns:
        All columns of the table.
    """
    return (
        digest,
        key.key_id,
        key.account_id,
        key.org_id,
        key.verification,
        " ".join(sorted(key.scopes)),
        key.environment,
        number_of(key.created_at),
        None if key.expires_at is None else number_of(key.expires_at),
        None if key.revoked_at is None else number_of(key.revoked_at),
        key.rotated_from,
        key.last_characters,
        key.bound_to,
        changed,
    )


def number_of(time: datetime) -> int:
    """Turn a time with a zone into microseconds since 1970."""
    return (time - _EPOCH) // _MICROSECOND


def _time_of(number: int) -> datetime:
    return _EPOCH + number * _MICROSECOND
