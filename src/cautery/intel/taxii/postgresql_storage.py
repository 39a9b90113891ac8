"""Objects in PostgreSQL: for servers on several machines, or a database that is there already.

Pushes to one collection queue at its row in ``collections``, which is locked until they are
committed. Times are given out under that lock, so an object never becomes visible before one that
was added earlier: without it, a poller could see the later of two pushes first, go on from its
time, and never see the other.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

from cautery.errors import MissingExtraError, OutputError
from cautery.intel.taxii.filters import Filter
from cautery.intel.taxii.page_sql import page_statement
from cautery.intel.taxii.placing import HeldVersion, Placement, place
from cautery.intel.taxii.refusals import StorageBusyError
from cautery.intel.taxii.status_rows import STATUS_MICROSECONDS, decode_outcomes, encode_outcomes
from cautery.intel.taxii.storage import (
    CollectionPlace,
    Page,
    Push,
    StoredObject,
    StoredStatus,
)

if TYPE_CHECKING:
    from asyncpg import Connection, Pool

_SECONDS: Final = 10.0
_MOST_CONNECTIONS: Final = 8
_ROWS_AT_ONCE: Final = 64
_SCHEMA: Final = "cautery_taxii"
_SCHEMA_LOCK: Final = 0x7461786969
"""Any number that no other program locks; these are the letters of ``taxii``."""
_SETTINGS: Final = {
    "application_name": "cautery taxii",
    "search_path": _SCHEMA,
    # A page is read in the order of an index. Before the first ANALYZE the planner would rather
    # collect all rows of a collection and sort them.
    "enable_bitmapscan": "off",
    "enable_seqscan": "off",
}
_ENTRY: Final = "added, object_id, version"
_TABLES: Final = """
CREATE SCHEMA IF NOT EXISTS cautery_taxii;
CREATE TABLE IF NOT EXISTS collections (
  collection TEXT COLLATE "C" PRIMARY KEY, clock BIGINT NOT NULL);
CREATE TABLE IF NOT EXISTS objects (
  number BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY, collection TEXT COLLATE "C" NOT NULL,
  added BIGINT NOT NULL, object_id TEXT COLLATE "C" NOT NULL, version TEXT COLLATE "C" NOT NULL,
  object_type TEXT COLLATE "C" NOT NULL, level SMALLINT, is_first BOOLEAN NOT NULL,
  is_last BOOLEAN NOT NULL, digest BYTEA NOT NULL, content BYTEA NOT NULL);
CREATE UNIQUE INDEX IF NOT EXISTS by_time ON objects (collection, added);
CREATE INDEX IF NOT EXISTS newest_by_time ON objects (collection, added) WHERE is_last;
DROP INDEX IF EXISTS versions_of_object;
CREATE UNIQUE INDEX IF NOT EXISTS held_versions ON objects
  ((collection || ''), object_id, version);
CREATE INDEX IF NOT EXISTS by_object ON objects (collection, object_id, added);
CREATE INDEX IF NOT EXISTS by_type ON objects (collection, object_type, added);
CREATE INDEX IF NOT EXISTS by_version ON objects (collection, (version || ''), added);
CREATE TABLE IF NOT EXISTS statuses (
  status_id TEXT PRIMARY KEY, root TEXT NOT NULL, peer TEXT NOT NULL, requested BIGINT NOT NULL,
  outcomes BYTEA NOT NULL);
CREATE INDEX IF NOT EXISTS by_age ON statuses (requested);
"""
# One object is asked for by `collection || ''`, which only its own index has. The planner's numbers
# may be of a time before this collection was there; it then takes the collection for one row, and
# any index that begins with it for as good as this one.
_HELD: Final = """
WITH asked AS (SELECT * FROM unnest($2::text[], $3::text[]) AS one (object_id, version)),
ids AS (SELECT DISTINCT object_id FROM asked)
SELECT held.* FROM asked CROSS JOIN LATERAL (
  SELECT object_id, version, digest, is_first, is_last FROM objects
  WHERE collection || '' = $1 AND object_id = asked.object_id COLLATE "C"
    AND version = asked.version COLLATE "C" LIMIT 1) AS held
UNION ALL
SELECT held.* FROM ids CROSS JOIN LATERAL (
  SELECT object_id, version, digest, is_first, is_last FROM objects
  WHERE collection || '' = $1 AND object_id = ids.object_id COLLATE "C"
    AND (is_first OR is_last) LIMIT 2) AS held
"""
# The limits keep the planner from joining whole collections.


class PostgresqlStorage:
    """Keeps objects in a database.

    Args:
        url: Where it is, as ``postgresql://user@host/database``; the password is in ``PGPASSFILE``.
    """

    def __init__(self, url: str) -> None:
        self._url = url
        self._pool: Pool[Any] | None = None

    async def open(self, collections: Sequence[str]) -> None:
        """Make what is not there yet.

        Args:
            collections: Identifiers of all collections.

        Raises:
            OutputError: The database cannot be used.
            MissingExtraError: The extra ``intel`` is not installed.
        """
        try:
            import asyncpg
        except ModuleNotFoundError as error:
            raise MissingExtraError(
                "PostgreSQL is reached by asyncpg, which is not installed",
                hint="Install it: pip install 'cautery[intel]'.",
            ) from error
        try:
            self._pool = await asyncpg.create_pool(
                self._url,
                min_size=1,
                max_size=_MOST_CONNECTIONS,
                command_timeout=_SECONDS,
                timeout=_SECONDS,
                server_settings=_SETTINGS,
            )
            async with self._transaction() as database:
                await database.execute("SELECT pg_advisory_xact_lock($1)", _SCHEMA_LOCK)
                await database.execute(_TABLES)
                await database.executemany(
                    "INSERT INTO collections VALUES ($1, 0) ON CONFLICT DO NOTHING",
                    [(one,) for one in collections],
                )
        except (asyncpg.PostgresError, StorageBusyError, OSError, ValueError) as error:
            raise OutputError(f"cannot be used: {error}", where="storage") from error

    async def close(self) -> None:
        """Let go of the connections."""
        if self._pool is not None:
            await self._pool.close()

    async def add(self, collection_id: str, push: Push) -> StoredStatus:
        """Take an envelope: all of it and its outcome, or nothing."""
        async with self._transaction() as database:
            clock = await database.fetchval(
                "SELECT clock FROM collections WHERE collection = $1 FOR UPDATE", collection_id
            )
            held = await _held(database, collection_id, push)
            placement = place(push.objects, held, clock=clock, now=push.requested)
            await _store(database, collection_id, placement)
            await database.execute(
                "DELETE FROM statuses WHERE requested < $1", push.requested - STATUS_MICROSECONDS
            )
            await database.execute(
                "INSERT INTO statuses VALUES ($1, $2, $3, $4, $5)",
                push.status_id,
                push.root,
                push.peer,
                push.requested,
                encode_outcomes(placement.outcomes),
            )
        return StoredStatus(
            status_id=push.status_id,
            root=push.root,
            peer=push.peer,
            requested=push.requested,
            outcomes=placement.outcomes,
        )

    async def read_page(self, place: CollectionPlace, wanted: Filter, *, most_bytes: int) -> Page:
        """Read objects with their content."""
        text, values = page_statement(place, wanted, f"{_ENTRY}, content", _mark)
        found: list[StoredObject] = []
        size = 0
        async with self._transaction() as database:
            async for row in database.cursor(text, *values, prefetch=_ROWS_AT_ONCE):
                size += len(row["content"])
                if len(found) == wanted.limit or (found and size > most_bytes):
                    return Page(objects=tuple(found), more=True)
                found.append(StoredObject(**dict(row)))
        return Page(objects=tuple(found), more=False)

    async def read_entries(self, place: CollectionPlace, wanted: Filter) -> Page:
        """Read objects without their content."""
        text, values = page_statement(place, wanted, _ENTRY, _mark)
        async with self._transaction() as database:
            rows = await database.fetch(text, *values)
        found = tuple(StoredObject(**dict(row)) for row in rows[: wanted.limit])
        return Page(objects=found, more=len(rows) > wanted.limit)

    async def delete(self, place: CollectionPlace, wanted: Filter) -> int:
        """Delete versions of objects that may be served."""
        everything = replace(wanted, after=-1)
        text, values = page_statement(
            place, everything, "number, added, object_id", _mark, limited=False
        )
        async with self._transaction() as database:
            await database.fetchval(
                "SELECT clock FROM collections WHERE collection = $1 FOR UPDATE",
                place.collection_id,
            )
            rows = await database.fetch(text, *values)
            await database.execute(
                "DELETE FROM objects WHERE number = ANY($1::bigint[])",
                [row["number"] for row in rows],
            )
            await database.execute(
                "UPDATE objects SET is_first = version = ends.first, is_last = version = ends.last"
                " FROM (SELECT object_id, MIN(version) AS first, MAX(version) AS last FROM objects"
                "   WHERE collection || '' = $1 AND object_id = ANY($2::text[]) GROUP BY object_id)"
                "   AS ends"
                " WHERE collection || '' = $1 AND objects.object_id = ends.object_id",
                place.collection_id,
                list({row["object_id"] for row in rows}),
            )
        return len(rows)

    async def read_status(self, status_id: str) -> StoredStatus | None:
        """Read what became of an envelope."""
        async with self._transaction() as database:
            row = await database.fetchrow(
                "SELECT root, peer, requested, outcomes FROM statuses WHERE status_id = $1",
                status_id,
            )
        if row is None:
            return None
        known = {**dict(row), "outcomes": decode_outcomes(row["outcomes"])}
        return StoredStatus(status_id=status_id, **known)

    @asynccontextmanager
    async def _transaction(self) -> AsyncIterator[Connection[Any]]:
        """Give a connection in a transaction; what goes wrong with it is told as ours."""
        import asyncpg

        if self._pool is None:
            raise StorageBusyError("it is not open")
        try:
            async with (
                self._pool.acquire(timeout=_SECONDS) as database,
                database.transaction(),
            ):
                yield database
        except (asyncpg.PostgresError, asyncpg.InterfaceError, OSError, TimeoutError) as error:
            raise StorageBusyError(str(error)) from error


def _mark(number: int) -> str:
    return f"${number}"


async def _held(
    database: Connection[Any], collection_id: str, push: Push
) -> dict[str, list[HeldVersion]]:
    """Read what matters of the pushed objects: oldest, newest, and the pushed versions."""
    rows = await database.fetch(
        _HELD,
        collection_id,
        [one.object_id for one in push.objects],
        [one.version for one in push.objects],
    )
    held: dict[str, list[HeldVersion]] = {}
    for object_id, version, digest, first, last in rows:
        one = HeldVersion(version=version, digest=digest, first=first, last=last)
        held.setdefault(object_id, []).append(one)
    return held


async def _store(database: Connection[Any], collection_id: str, placement: Placement) -> None:
    for column, versions in (
        ("is_first", placement.no_longer_first),
        ("is_last", placement.no_longer_last),
    ):
        await database.executemany(
            f"UPDATE objects SET {column} = FALSE"  # noqa: S608 - one of two words of ours
            " WHERE collection || '' = $1 AND object_id = $2 AND version = $3",
            [(collection_id, *version) for version in versions],
        )
    await database.executemany(
        "INSERT INTO objects (collection, added, object_id, version, object_type, level,"
        " is_first, is_last, digest, content) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
        placement.rows(collection_id),
    )
    await database.execute(
        "UPDATE collections SET clock = $2 WHERE collection = $1", collection_id, placement.clock
    )
