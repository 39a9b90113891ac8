"""Issues, rotates, revokes and lists API keys."""

from __future__ import annotations

import os
import secrets
import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

from cautery.errors import ConfigurationError, OutputError, UsageError
from cautery.guard.authentication.api_key import Draw, KeyForm
from cautery.guard.authentication.key_order import KeyOrder, NewKey, make_key
from cautery.guard.authentication.key_table import (
    COLUMNS,
    FIND,
    STORE_VERSION,
    TABLES,
    errors_of,
    key_of,
    number_of,
    open_store,
    read_about,
    row_of,
)
from cautery.guard.authentication.pepper import Pepper
from cautery.records.api_key import IssuedKey


class KeyStore:
    """The store, for who issues and revokes keys; guards read it by ``KeyLookup``.

    Args:
        path: The store's file.

    Raises:
        ConfigurationError: There is no such store, or it cannot be used.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._database = open_store(path)
        about = read_about(self._database, path)
        self.prefix, self.pepper_reference = about.prefix, about.pepper
        self._pepper_check = about.pepper_check
        with errors_of(path):
            # A revocation that was acknowledged must survive a power failure.
            self._database.execute("PRAGMA synchronous = FULL")

    def issue(
        self, order: KeyOrder, pepper: Pepper, now: datetime, draw: Draw = secrets.token_bytes
    ) -> NewKey:
        """Make a key.

        Args:
            order: What it is to be.
            pepper: The store's.
            now: The time; UTC.
            draw: Gives random bytes.

        Returns:
            The key; nobody can show it again.
        """
        made = make_key(order, self.prefix, now, draw)
        with self._change() as number:
            self._insert([made], pepper, number)
        return made

    def add(self, orders: Iterable[KeyOrder], pepper: Pepper, now: datetime) -> Iterator[NewKey]:
        """Make many keys in one transaction, for a provider who moves in.

        Args:
            orders: What they are to be.
            pepper: The store's.
            now: The time; UTC.

        Yields:
            Each key; they are valid when the last one was taken.
        """
        with self._change() as number:
            for order in orders:
                made = make_key(order, self.prefix, now)
                self._insert([made], pepper, number)
                yield made

    def rotate(
        self,
        key_id: str,
        overlap: timedelta,
        pepper: Pepper,
        now: datetime,
        *,
        expires_at: datetime | None = None,
        draw: Draw = secrets.token_bytes,
    ) -> NewKey:
        """Make a key in the place of another, which ends after an overlap.

        Args:
            key_id: The key to be replaced; it must be active.
            overlap: How long both are valid.
            pepper: The store's.
            now: The time; UTC.
            expires_at: From when on the new one is refused; UTC, none if it has no end.
            draw: Gives random bytes.

        Returns:
            The new key, for the same account with the same rights.

        Raises:
            UsageError: There is no such key, or it is not active.
        """
        with self._change() as number:
            old = self._find(key_id)
            if (state := old.state(now)) != "active":
                raise UsageError(f"key {key_id} is {state}", hint="Issue a new one.")
            order = KeyOrder(
                account_id=old.account_id,
                org_id=old.org_id,
                verification=old.verification,
                scopes=old.scopes,
                environment=old.environment,
                expires_at=expires_at,
                bound_to=old.bound_to,
            )
            made = make_key(order, self.prefix, now, draw)
            made = replace(made, issued=replace(made.issued, rotated_from=key_id))
            self._insert([made], pepper, number)
            end = now + overlap if old.expires_at is None else min(now + overlap, old.expires_at)
            self._database.execute(
                "UPDATE api_key SET expires_at = ?, changed = ? WHERE key_id = ?",
                (number_of(end), number, key_id),
            )
        return made

    def revoke(self, key_id: str, now: datetime) -> IssuedKey:
        """Revoke a key. Guards refuse it within a second; one that is revoked already stays so.

        Args:
            key_id: The key.
            now: The time; UTC.

        Returns:
            The key as it is now.

        Raises:
            UsageError: There is no such key.
        """
        with self._change() as number:
            old = self._find(key_id)
            if old.revoked_at is None:
                self._database.execute(
                    "UPDATE api_key SET revoked_at = ?, changed = ? WHERE key_id = ?",
                    (number_of(now), number, key_id),
                )
            return self._find(key_id)

    def revoke_account(self, account_id: str, now: datetime) -> int:
        """Revoke all keys of an account.

        Args:
            account_id: The account.
            now: The time; UTC.

        Returns:
            How many were revoked by this.
        """
        with self._change() as number:
            cursor = self._database.execute(
                "UPDATE api_key SET revoked_at = ?, changed = ? "
                "WHERE account_id = ? AND revoked_at IS NULL",
                (number_of(now), number, account_id),
            )
            return cursor.rowcount

    def revoke_leaked(
        self, leaked: Iterable[bytes], pepper: Pepper, now: datetime
    ) -> Iterator[IssuedKey]:
        """Revoke keys that somebody found where they should not be, all in one transaction.

        Args:
            leaked: What was found; what is no key of this store is left out.
            pepper: The store's.
            now: The time; UTC.

        Yields:
            Each key as it is now; they are revoked when the last one was taken.
        """
        self._check_pepper(pepper)
        with self._change() as number:
            for found in leaked:
                digest = pepper.digest(found)
                self._database.execute(
                    "UPDATE api_key SET revoked_at = ?, changed = ? "
                    "WHERE digest = ? AND revoked_at IS NULL",
                    (number_of(now), number, digest),
                )
                row = self._database.execute(FIND, (digest,)).fetchone()
                if row is not None:
                    yield key_of(row)

    def issued(self, account_id: str = "") -> Iterator[IssuedKey]:
        """List keys, the oldest first.

        Args:
            account_id: Of this account; empty for all.

        Yields:
            What is kept of each.
        """
        with errors_of(self._path):
            yield from map(
                key_of,
                self._database.execute(
                    f"SELECT {COLUMNS} FROM api_key WHERE ? IN ('', account_id) "  # noqa: S608 - names of ours
                    "ORDER BY created_at, key_id",
                    (account_id,),
                ),
            )

    def close(self) -> None:
        """Close the file."""
        self._database.close()

    def _check_pepper(self, pepper: Pepper) -> None:
        if pepper.check != self._pepper_check:
            raise ConfigurationError(
                "this is not the pepper that the store began with", where="pepper"
            )

    def _find(self, key_id: str) -> IssuedKey:
        row = self._database.execute(
            f"SELECT {COLUMNS} FROM api_key WHERE key_id = ?",  # noqa: S608 - names of ours
            (key_id,),
        ).fetchone()
        if row is None:
            # The word is not shown: somebody may have given the key in the place of its identifier.
            raise UsageError(
                "there is no key of that identifier",
                where=str(self._path),
                hint="See: cautery keys list.",
            )
        return key_of(row)

    def _insert(self, made: Iterable[NewKey], pepper: Pepper, number: int) -> None:
        self._check_pepper(pepper)
        self._database.executemany(
            f"INSERT INTO api_key VALUES ({', '.join('?' * 14)})",  # noqa: S608 - a number of ours
            (row_of(pepper.digest(each.key.reveal()), each.issued, number) for each in made),
        )

    @contextmanager
    def _change(self) -> Iterator[int]:
        """Change the store whole or not at all; gives the number of the change."""
        with errors_of(self._path):
            self._database.execute("BEGIN IMMEDIATE")
        try:
            with errors_of(self._path):
                self._database.execute("UPDATE about SET changes = changes + 1")
                (number,) = self._database.execute("SELECT changes FROM about").fetchone()
                yield int(number)
                self._database.execute("COMMIT")
        except BaseException:
            if self._database.in_transaction:
                self._database.execute("ROLLBACK")
            raise


def begin_store(path: Path, prefix: str, pepper_reference: str, pepper: Pepper) -> None:
    """Begin a store of keys, for its owner's eyes only.

    Args:
        path: Its file; it must not be there.
        prefix: Of all its keys.
        pepper_reference: Where the pepper is; only the reference is kept.
        pepper: The pepper.

    Raises:
        UsageError: The prefix has other letters than a prefix may have.
        OutputError: The file is there already, or cannot be written.
    """
    KeyForm(prefix=prefix)
    try:
        os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
        with closing(sqlite3.connect(path)) as database:
            database.execute("PRAGMA journal_mode = WAL")
            database.executescript(TABLES)
            about = (STORE_VERSION, prefix, pepper_reference, pepper.check)
            database.execute("INSERT INTO about VALUES (?, ?, ?, ?, 0)", about)
            database.commit()
    except FileExistsError as error:
        raise OutputError(
            "a store of keys is never overwritten", where=str(path), hint="Name a new file."
        ) from error
    except (OSError, sqlite3.Error) as error:
        raise OutputError(f"cannot be written: {error}", where=str(path)) from error
