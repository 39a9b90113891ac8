"""What every storage must keep: the order of time, outcomes, and all of it after a restart."""

from __future__ import annotations

import asyncio
import sys
import uuid
from pathlib import Path

import pytest
from tests.intel.taxii.sharing import (
    COLLECTION,
    a_filter,
    a_place,
    a_push,
    indicator,
    object_id,
    read,
)
from tests.intel.taxii.stages import Stage

from cautery.errors import MissingExtraError, OutputError
from cautery.intel.taxii.postgresql_storage import PostgresqlStorage
from cautery.intel.taxii.sqlite_storage import SqliteStorage
from cautery.intel.taxii.storage import Storage, StoredObject


def test_time_never_goes_back(stage: Stage) -> None:
    """A clock that goes back gives no earlier time, also after the newest object is deleted."""
    stage.add(indicator(1), requested=10**15 + 500)
    stage.add(indicator(2), requested=10**15)
    assert stage.delete(ids=(object_id(2),)) == 1
    stage.add(indicator(3), requested=10**15)
    assert [one.added for one in stage.page().objects] == [10**15 + 500, 10**15 + 502]


def test_outcomes_are_kept(stage: Stage) -> None:
    """What became of a push can be asked for later, and nothing else is found."""
    status = stage.add(indicator(1), {**indicator(2), "spec_version": "2.0"})
    assert stage.wait(stage.storage.read_status(status.status_id)) == status
    assert [bool(one.fault) for one in status.outcomes] == [False, True]
    assert stage.wait(stage.storage.read_status(str(uuid.uuid4()))) is None


def test_old_outcomes_go(stage: Stage) -> None:
    """Outcomes are kept for a week, so that they do not pile up."""
    status = stage.add(indicator(1), requested=10**15)
    stage.add(indicator(2), requested=10**15 + 8 * 86_400 * 10**6)
    assert stage.wait(stage.storage.read_status(status.status_id)) is None


def test_all_is_there_after_a_restart(stage: Stage) -> None:
    """Objects, outcomes and the clock survive."""
    status = stage.add(*[indicator(number) for number in range(10)])
    before = stage.page()
    stage.reopen()
    assert stage.page() == before
    assert stage.wait(stage.storage.read_status(status.status_id)) == status
    stage.add(indicator(99), requested=5)
    assert stage.page().objects[-1].added == 10**15 + 10


def test_pushers_at_once_never_make_a_poller_miss_an_object(stage: Stage) -> None:
    """While eight push, a poller that goes on from the last time it saw sees all, once."""

    async def work() -> tuple[list[str], list[int]]:
        pushes = [
            asyncio.ensure_future(
                stage.storage.add(
                    stage.collection,
                    a_push(read(*[indicator(100 * batch + one) for one in range(5)])),
                )
            )
            for batch in range(24)
        ]
        seen: list[StoredObject] = []
        place, idle = a_place(collection=stage.collection), False
        while True:
            after = seen[-1].added if seen else -1
            page = await stage.storage.read_page(
                place, a_filter(after=after, limit=7), most_bytes=2**24
            )
            seen += page.objects
            if not page.objects and idle:
                return [one.object_id for one in seen], [one.added for one in seen]
            idle = all(one.done() for one in pushes)

    ids, times = stage.wait(work())
    assert len(ids) == len(set(ids)) == 120
    assert times == sorted(set(times))


def test_two_servers_of_one_storage_do_not_mix_up_their_times(stage: Stage) -> None:
    """Two processes may write to one storage: times stay unique, and nothing is lost."""
    other = stage.make()
    stage.wait(other.open([stage.collection]))

    async def work() -> None:
        await asyncio.gather(
            *[
                storage.add(stage.collection, a_push(read(indicator(10 * number + side))))
                for number in range(10)
                for side, storage in enumerate((stage.storage, other))
            ]
        )

    stage.wait(work())
    stage.wait(other.close())
    times = [one.added for one in stage.page().objects]
    assert len(times) == len(set(times)) == 20


def test_the_file_is_for_its_owner_only(tmp_path: Path) -> None:
    """What peers share is not for everybody on the machine, the journal included."""
    stage = Stage(lambda: SqliteStorage(tmp_path / "taxii.sqlite"))
    stage.add(indicator(1))
    files = list(tmp_path.iterdir())
    assert len(files) == 3
    assert all(path.stat().st_mode & 0o077 == 0 for path in files)
    stage.wait(stage.storage.close())
    stage.loop.close()


def test_a_missing_driver_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without asyncpg the message says what to install."""
    monkeypatch.setitem(sys.modules, "asyncpg", None)
    with pytest.raises(MissingExtraError, match=r"cautery\[intel\]"):
        asyncio.run(PostgresqlStorage("postgresql://nowhere/x").open([COLLECTION]))


def test_a_storage_that_cannot_be_used_says_so(tmp_path: Path, postgresql_url: str) -> None:
    """A file that is no database, and a database that is not there, are errors of ours."""
    (tmp_path / "no.sqlite").write_bytes(b"this is no database at all" * 100)
    elsewhere = postgresql_url.replace("/postgres", "/nowhere")
    for storage in (SqliteStorage(tmp_path / "no.sqlite"), PostgresqlStorage(elsewhere)):

        async def work(storage: Storage = storage) -> None:
            try:
                await storage.open([COLLECTION])
            finally:
                await storage.close()

        with pytest.raises(OutputError, match="cannot be used"):
            asyncio.run(work())
