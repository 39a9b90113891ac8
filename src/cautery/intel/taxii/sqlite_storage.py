"""Objects in one SQLite file: the default, for a server on one machine.

Readers and one writer at a time (write-ahead log). A push is one transaction that is on the disk
before it is acknowledged (``synchronous = FULL``), so neither a killed server nor a power failure
loses what was acknowledged. SQLite blocks, so it works in threads of its own.
"""

from __future__ import annotations

import asyncio
import os
import sqlite3
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Final, TypeVar

from cautery.errors import OutputError
from cautery.intel.taxii.filters import Filter
from cautery.intel.taxii.page_sql import page_statement
from cautery.intel.taxii.refusals import StorageBusyError
from cautery.intel.taxii.sqlite_rows import (
    add_rows,
    delete_rows,
    page_rows,
    prepare_tables,
    read_status_row,
)
from cautery.intel.taxii.storage import (
    CollectionPlace,
    Page,
    Push,
    StoredStatus,
)
from cautery.ledger.durable_files import check_plain

Result = TypeVar("Result")
_READERS: Final = 4
_BUSY_SECONDS: Final = 10.0
_QUERY_SECONDS: Final = 10.0
_STEPS_BETWEEN_LOOKS: Final = 50_000
"""Of SQLite's machine; a few milliseconds."""
_ENTRY: Final = "added, object_id, version"


class SqliteStorage:
    """Keeps objects in a file.

    Args:
        path: The file; made if it is not there.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._own = threading.local()
        self._connections: list[sqlite3.Connection] = []
        self._writer = ThreadPoolExecutor(1, thread_name_prefix="taxii-writer")
        self._readers = ThreadPoolExecutor(_READERS, thread_name_prefix="taxii-reader")

    async def open(self, collections: Sequence[str]) -> None:
        """Make what is not there yet.

        Args:
            collections: Identifiers of all collections.

        Raises:
            OutputError: The file cannot be used, or is of another program.
        """
        try:
            check_plain(self._path)
            # For the server's user only; SQLite gives its journal the same rights.
            os.close(os.open(self._path, os.O_RDWR | os.O_CREAT, 0o600))
            await self._run(self._writer, lambda database: prepare_tables(database, collections))
        except (OSError, sqlite3.Error, StorageBusyError) as error:
            raise OutputError(f"cannot be used: {error}", where=str(self._path)) from error

    async def close(self) -> None:
        """Let go of the file."""
        self._readers.shutdown()
        self._writer.shutdown()
        for connection in self._connections:
            connection.close()

    async def add(self, collection_id: str, push: Push) -> StoredStatus:
        """Take an envelope: all of it and its outcome, or nothing."""
        return await self._run(
            self._writer, lambda database: add_rows(database, collection_id, push)
        )

    async def read_page(self, place: CollectionPlace, wanted: Filter, *, most_bytes: int) -> Page:
        """Read objects with their content."""
        text, values = page_statement(place, wanted, f"{_ENTRY}, content", lambda _: "?")
        return await self._run(
            self._readers, lambda database: page_rows(database, text, values, wanted, most_bytes)
        )

    async def read_entries(self, place: CollectionPlace, wanted: Filter) -> Page:
        """Read objects without their content."""
        text, values = page_statement(place, wanted, _ENTRY, lambda _: "?")
        return await self._run(
            self._readers, lambda database: page_rows(database, text, values, wanted, 0)
        )

    async def delete(self, place: CollectionPlace, wanted: Filter) -> int:
        """Delete versions of objects that may be served."""
        return await self._run(self._writer, lambda database: delete_rows(database, place, wanted))

    async def read_status(self, status_id: str) -> StoredStatus | None:
        """Read what became of an envelope."""
        return await self._run(self._readers, lambda database: read_status_row(database, status_id))

    async def _run(
        self, where: ThreadPoolExecutor, work: Callable[[sqlite3.Connection], Result]
    ) -> Result:
        def bounded() -> Result:
            database = self._connection()
            deadline = time.monotonic() + _QUERY_SECONDS
            if where is self._readers:
                database.set_progress_handler(
                    lambda: time.monotonic() > deadline, _STEPS_BETWEEN_LOOKS
                )
            try:
                return work(database)
            except sqlite3.OperationalError as error:
                raise StorageBusyError(str(error)) from error
            finally:
                if database.in_transaction:
                    database.rollback()

        return await asyncio.get_running_loop().run_in_executor(where, bounded)

    def _connection(self) -> sqlite3.Connection:
        database: sqlite3.Connection | None = getattr(self._own, "database", None)
        if database is None:
            database = sqlite3.connect(
                self._path,
                timeout=_BUSY_SECONDS,
                isolation_level=None,
                check_same_thread=False,  # closed by another thread, at the end
            )
            database.execute("PRAGMA synchronous = FULL")
            self._own.database = database
            self._connections.append(database)
        return database
