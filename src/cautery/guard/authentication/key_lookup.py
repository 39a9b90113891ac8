"""Finds keys for a guard: by digest, in bounded memory, and never later than a revocation.

Keys that were used lately are in a dictionary; the others are one look into the store. Every
quarter of a second, before it answers, it asks the store for its number of changes and forgets the
keys that have changed since. So a revocation by any process on this machine counts after a quarter
of a second, however many guards there are.
"""

from __future__ import annotations

import os
import sqlite3
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Final

from cautery.errors import CauteryError, ConfigurationError
from cautery.guard.authentication.key_table import (
    FIND,
    errors_of,
    key_of,
    open_store,
    read_about,
)
from cautery.guard.authentication.pepper import Pepper
from cautery.records.api_key import IssuedKey

CHECK_SECONDS: Final = 0.25
"""How often the store is asked whether it changed: a revocation counts within a second."""
MOST_REMEMBERED: Final = 65_536
"""Keys in memory, about 60 MB; the others cost a look into the store."""
_MOST_FORGOTTEN_ONE_BY_ONE: Final = 4_096
_CACHE_KIBIBYTES: Final = 8_192
"""Pages of the store that SQLite holds in memory."""


class KeyLookup:
    """Finds keys by what a client presented.

    Args:
        path: The store's file.
        pepper: The store's.
        clock: Monotonic seconds.
        most_remembered: Keys to hold in memory.

    Raises:
        ConfigurationError: The store cannot be used, or the pepper is another one.
    """

    def __init__(
        self,
        path: Path,
        pepper: Pepper,
        *,
        clock: Callable[[], float] = time.monotonic,
        most_remembered: int = MOST_REMEMBERED,
    ) -> None:
        self._path, self._pepper, self._clock = path, pepper, clock
        self._most_remembered = most_remembered
        self._remembered: dict[bytes, IssuedKey] = {}
        self._lock = threading.Lock()  # an ASGI server may ask from several threads
        self._database = self._open()
        self._changes = read_about(self._database, path).changes
        self._checked_at = clock()

    def find(self, presented: bytes) -> IssuedKey | None:
        """Find a key, whatever its state.

        Args:
            presented: What a client presented, well-formed.

        Returns:
            What is kept of it; None if nobody has such a key.

        Raises:
            ConfigurationError: The store cannot be used. Nobody is recognised then: a key that was
                remembered may have been revoked.
        """
        digest = self._pepper.digest(presented)
        with self._lock:
            if self._clock() - self._checked_at >= CHECK_SECONDS:
                self._catch_up()
            found = self._remembered.get(digest)
            return found if found is not None else self._look_up(digest)

    def fault(self) -> str:
        """Say why the store cannot be used now; empty if it can.

        For a page that says whether this guard can serve: it looks at the file, and asks the store
        for its number of changes.
        """
        try:
            with self._lock:
                self._catch_up()
        except CauteryError as error:
            return error.what
        return ""

    def close(self) -> None:
        """Close the store."""
        self._database.close()

    def _look_up(self, digest: bytes) -> IssuedKey | None:
        with errors_of(self._path):
            row = self._database.execute(FIND, (digest,)).fetchone()
        if row is None:
            return None
        found = key_of(row)
        if len(self._remembered) >= self._most_remembered:
            # The one that was learned first: it costs a look into the store to learn it again.
            del self._remembered[next(iter(self._remembered))]
        self._remembered[digest] = found
        return found

    def _catch_up(self) -> None:
        """Forget what has changed; if that cannot be known, everything, and fail."""
        try:
            self._forget_changed()
        except CauteryError:
            self._remembered.clear()
            raise
        self._checked_at = self._clock()

    def _forget_changed(self) -> None:
        with errors_of(self._path):
            there = os.stat(self._path)  # noqa: PTH116 - a microsecond less, on the hot path
        if (there.st_dev, there.st_ino) != self._file:
            # Another file was put in its place, such as a backup.
            self._database.close()
            self._database = self._open()
            self._remembered.clear()
        with errors_of(self._path):
            (changes,) = self._database.execute("SELECT changes FROM about").fetchone()
            if changes == self._changes:
                return
            changed = self._database.execute(
                "SELECT digest FROM api_key WHERE changed > ? LIMIT ?",
                (self._changes, _MOST_FORGOTTEN_ONE_BY_ONE),
            ).fetchall()
        if changes < self._changes or len(changed) == _MOST_FORGOTTEN_ONE_BY_ONE:
            self._remembered.clear()
        for (digest,) in changed:
            self._remembered.pop(digest, None)
        self._changes = changes

    def _open(self) -> sqlite3.Connection:
        database = open_store(self._path)
        with errors_of(self._path):
            there = self._path.stat()
            database.execute("PRAGMA query_only = ON")
            database.execute(f"PRAGMA cache_size = -{_CACHE_KIBIBYTES}")
        if read_about(database, self._path).pepper_check != self._pepper.check:
            database.close()
            raise ConfigurationError(
                "this is not the pepper that the store began with",
                where="pepper",
                hint="With another one no key would be found.",
            )
        # Last, so that a file that cannot be used is looked at again.
        self._file = (there.st_dev, there.st_ino)
        return database
